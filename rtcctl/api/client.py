"""The client: sends calls, one HTTP exchange each, and hands back checked answers.

    async with Client(endpoint, iam_endpoint, credentials) as client:
        answer = await client.send(Call("GET", "/v2/apps/{app_id}", "apps", {"app_id": "…"}))

Nothing is repeated but the one attempt after a 401.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from rtcctl import __version__
from rtcctl.api.answers import Answer, read
from rtcctl.api.auth import Authenticator, authenticator
from rtcctl.api.credentials import Credentials
from rtcctl.api.endpoints import normalize
from rtcctl.api.pages import Item, read_pages
from rtcctl.api.preparing import Prepared, prepare
from rtcctl.api.wire import Wire
from rtcctl.model.call import Call


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Client:
    """Calls to one endpoint with one account's credentials. Use it as an async context manager."""

    def __init__(
        self,
        endpoint: str,
        iam_endpoint: str,
        credentials: Credentials,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 60.0,
        parallel: int = 10,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Check the endpoints; no connection is made yet.

        Args:
            endpoint: where the service is.
            iam_endpoint: where tokens come from; used only with a password.
            credentials: who calls.
            transport: what carries requests to both, instead of the network; closed with the client.
            timeout: seconds to wait for a connection, and for each part of an answer; a whole call takes at most
                three times as long.
            parallel: how many calls may be under way at once.
            now: the time, with a time zone, for signatures and the end of tokens.

        Raises:
            UsageError: an endpoint, or a proxy setting of the environment, can't be used.
        """
        self.endpoint = normalize(endpoint)
        self.iam_endpoint = normalize(iam_endpoint, "IAM endpoint")
        self._wire = Wire(self.endpoint, transport, timeout, parallel)
        self._iam = Wire(self.iam_endpoint, transport, timeout, parallel)
        self._auth: Authenticator = authenticator(credentials, self._iam, now)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._wire.close()
        await self._iam.close()

    async def send(self, call: Call) -> Answer:
        """Make a call whose ids are all known.

        Raises:
            ApiError: it failed; the class says how (see `rtcctl.errors`).
            UsageError: an id is empty or would lead to another path.
            TypeError: an id or a member is still a reference.
        """
        # Retries of other failures belong here: around `_attempt`, where each attempt is authenticated anew.
        request = prepare(call)
        headers, response = await self._attempt(request)
        if response.status_code == 401 and await self._auth.renew(headers):
            headers, response = await self._attempt(request)
        secrets = (*request.secrets, *self._auth.secrets(), headers.get("X-Auth-Token", ""))
        mend = self._auth.mend(response.headers.get("Date", ""))
        return read(call, request.path, response, secrets=secrets, unauthenticated=mend)

    async def pages(self, call: Call, items: str, key: str) -> list[Item]:
        """Return all objects of a listing that pages.

        Args:
            call: the listing, without `offset` and `limit`.
            items: the member of the answer that holds the array.
            key: the member that identifies an object, `app_id` or `rule_id`.

        Raises:
            ApiError: a call failed, or an answer is not a page of a listing.
        """
        return await read_pages(self.send, call, items, key)

    async def _attempt(self, request: Prepared) -> tuple[dict[str, str], httpx.Response]:
        headers = await self._auth.headers(request, self._wire.host)
        headers |= {"Accept": "application/json", "User-Agent": f"rtcctl/{__version__}"}
        return headers, await self._wire.exchange(request, headers)
