"""What the account may do: a token where one is needed, then one read of each kind. Writes are never tried."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from rtcctl.api.answers import Answer
from rtcctl.api.client import Client
from rtcctl.api.credentials import AkSkCredentials, Credentials, PasswordCredentials, TokenCredentials
from rtcctl.api.iam import FetchedToken
from rtcctl.api.preparing import Prepared
from rtcctl.api.wire import Wire
from rtcctl.errors import NotFoundError, NotPermittedError, RtcctlError
from rtcctl.model.call import Call
from rtcctl.model.checkup import Check
from rtcctl.model.values import Secret
from rtcctl.operations.doctor.limited import SECONDS, failed

_NOBODY = "rtcctl-doctor-asks-for-nothing"
"""An id that no app and no job has."""
_APPS = Call("GET", "/v2/apps", "apps", query={"offset": 0, "limit": 1})
_BUCKETS = Call("GET", "/v2/rtc-ops/buckets", "rtc-ops")
_WRITES = ("rtc:app:create", "delete", "enable", "disable"), ("rtc:recordRule:save", "update", "delete")
"""Actions of IAM policies (API Reference, Actions Supported by Policy-based Authorization; others were not seen)."""


READS = ("list apps", "list buckets", "list recording rules", "read jobs")
"""Names of the checks, in their order."""


async def token(credentials: Credentials, iam: Wire) -> tuple[Check, Credentials | None]:
    """Get a token where user and password are used; it is what the calls are made with, for IAM counts failed logins.

    The token itself is in no message.
    """
    if isinstance(credentials, TokenCredentials):
        return Check("token", "ok", f"a ready one, from {credentials.source}"), credentials
    if isinstance(credentials, AkSkCredentials):
        return Check("token", "skipped", "not needed: each request is signed"), credentials
    try:
        return Check("token", "ok", "IAM gave one"), await _fetched(credentials, iam)
    except RtcctlError as error:
        return failed("token", error), None


async def _fetched(credentials: PasswordCredentials, iam: Wire) -> TokenCredentials:
    fetching = FetchedToken(credentials, iam, lambda: datetime.now(UTC))
    headers = await fetching.headers(Prepared("GET", "/", {}, "application/json"), "")
    return TokenCredentials(Secret(headers["X-Auth-Token"], "IAM"), credentials.source)


async def apps(client: Client) -> tuple[Check, Mapping[str, Any] | None]:
    """List one app."""
    name = READS[0]
    answer = await _answer(name, client, _APPS, "rtc:app:list")
    return (answer, None) if isinstance(answer, Check) else (Check(name, "ok", "permitted"), answer.data)


async def buckets(client: Client) -> tuple[Check, list[Mapping[str, Any]] | None]:
    """List the buckets."""
    name = READS[1]
    answer = await _answer(name, client, _BUCKETS, "")
    if isinstance(answer, Check):
        return answer, None
    found = answer.data.get("buckets") or []
    listed = [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    return Check(name, "ok", f"permitted; {len(listed)} listed"), listed


async def rules(client: Client, app: str, *, is_listed: bool) -> Check:
    """List the rules of an app, where the apps could be listed and there is one."""
    name = READS[2]
    if not app:
        why = "there is no app whose rules could be listed" if is_listed else "the apps could not be listed"
        return Check(name, "skipped", why)
    call = Call(
        "GET", "/v2/apps/{app_id}/record-rules", "record-rules", {"app_id": app}, query={"offset": 0, "limit": 1}
    )
    answer = await _answer(name, client, call, "rtc:recordRule:list")
    return answer if isinstance(answer, Check) else Check(name, "ok", "permitted")


async def job(client: Client, app: str) -> Check:
    """Ask for a job that there is not: an answer of 404 by the service says that asking is permitted."""
    name = READS[3]
    ids = {"app_id": app or _NOBODY, "job_id": _NOBODY}
    call = Call("GET", "/v2/apps/{app_id}/mix-stream-jobs/{job_id}", "mix-stream-jobs", ids)
    answer = await _answer(name, client, call, "", missing=lambda error: not error.error_code.startswith("APIG"))
    return answer if isinstance(answer, Check) else Check(name, "ok", "permitted")


def writes() -> Check:
    """Say what writing needs; that is never tried."""
    needed = "; ".join(f"{first}|{'|'.join(rest)}" for first, *rest in _WRITES)
    return Check("write", "skipped", f"never tried; the policy has to allow {needed}, and more that is not documented")


async def _answer(
    name: str,
    client: Client,
    call: Call,
    action: str,
    missing: Callable[[NotFoundError], bool] = lambda _: False,
) -> Answer | Check:
    try:
        async with asyncio.timeout(SECONDS):
            return await client.send(call)
    except TimeoutError:
        return Check(name, "failed", f"no end after {SECONDS:g} s", "check the network, and try again")
    except NotFoundError as error:
        if missing(error):
            return Check(name, "ok", "permitted (404 for an id that there is not)")
        return failed(name, error)
    except NotPermittedError as error:
        wanted = f"the policy has to allow {action}" if action else "the policy has to allow this call"
        mend = f"{error.mend}; {wanted}" if error.mend else wanted
        return Check(name, "failed", error.message, mend, error.exit_code)
    except RtcctlError as error:
        return failed(name, error)
