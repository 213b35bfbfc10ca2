"""Whether somebody answers at the callback URLs: one HEAD each, and only when it is asked for.

A receiver takes POST; HEAD is the one method that has no effect by definition (RFC 9110, 9.2.1) and gets an answer
without a body. Any answer shows that somebody is there, 405 included. What is reachable from here may still not be
from the service, and the other way round.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from rtcctl.api.endpoints import is_loopback
from rtcctl.api.unreachable import network_error
from rtcctl.errors import ExitCode, FailedCall
from rtcctl.model.checkup import Check
from rtcctl.model.resource import Desired

_SECONDS = 10.0
_NAME = "callback"
_NO_HEAD = 501
"""What servers answer that know no HEAD; they are there all the same."""


def urls(desired: Desired | None) -> dict[str, str]:
    """Return the callback URLs of a manifest, each with the first address that names it."""
    found: dict[str, str] = {}
    for address, resource in desired.resources.items() if desired is not None else ():
        if address.kind == "RecordCallback":
            found.setdefault(str(resource.members.get("url")), str(address))
    return found


def not_asked(desired: Desired | None) -> Check:
    """Say why no callback is asked."""
    if desired is None:
        return Check(_NAME, "skipped", "no manifest says where callbacks go")
    if not urls(desired):
        return Check(_NAME, "skipped", "the manifest has no callback")
    return Check(_NAME, "skipped", "asked only with --callbacks: it sends one HEAD to each URL")


def name(address: str) -> str:
    """Return the name of the check of one callback."""
    return f"{_NAME} of {address.partition('/')[2]}"


async def asked(url: str, address: str) -> Check:
    """Send a HEAD to a URL, without following redirects and without any credentials."""
    import httpx

    from rtcctl.api.through_httpx import from_httpx

    try:
        parts = urlsplit(url)
        host, _, is_here = parts.hostname or "", parts.port, is_loopback(url)
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=not is_here) as client:
            answer = await client.head(url)
    except (ValueError, httpx.InvalidURL, httpx.UnsupportedProtocol):
        mend = "correct it; or HTTPS_PROXY and ALL_PROXY, if they are set"
        return Check(name(address), "failed", "no request can be sent to that URL", mend, ExitCode.INVALID)
    except (httpx.HTTPError, OSError) as error:
        failure = from_httpx(error) if isinstance(error, httpx.HTTPError) else error
        why = network_error(failure, FailedCall("HEAD", ""), host, _SECONDS).reason
        return Check(name(address), "failed", why, "start the receiver, and make it reachable from the internet")
    found = f"{host} answers ({answer.status_code} to HEAD)"
    if answer.status_code >= 500 and answer.status_code != _NO_HEAD:
        return Check(name(address), "warning", found, "look at the receiver's own log")
    if is_here:
        what = f"{found}, on this machine: the service can't reach it"
        return Check(name(address), "warning", what, "name a public URL")
    return Check(name(address), "ok", found)
