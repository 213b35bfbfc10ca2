"""The client: sends calls, one HTTP exchange each, and hands back checked answers.

    async with Client(endpoint, iam_endpoint, credentials) as client:
        answer = await client.send(Call("GET", "/v2/apps/{app_id}", "apps", {"app_id": "…"}))

`send` is the one place where calls wait for their turn (`throttle`) and are repeated (`retrying`); each attempt is
authenticated anew. A token that was refused with 401 is renewed once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from rtcctl import __version__
from rtcctl.api.answers import Answer, read
from rtcctl.api.auth import Authenticator, authenticator
from rtcctl.api.carrier import Reply
from rtcctl.api.credentials import Credentials
from rtcctl.api.endpoints import normalize
from rtcctl.api.exchanges import Exchanges
from rtcctl.api.pages import Item, read_pages
from rtcctl.api.preparing import Prepared, prepare
from rtcctl.api.retrying import Retrying, may_have_arrived, seconds_of
from rtcctl.api.throttle import Throttle
from rtcctl.api.wire import Wire
from rtcctl.errors import ApiError, RejectedError, StoppedError, ThrottledError, UnreachableError
from rtcctl.model.call import Call
from rtcctl.model.happening import UNWATCHED, Again, Waiting, Watcher

if TYPE_CHECKING:
    import httpx


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class _Sending(Struct):
    """A call on its way, and what became of its last attempt: whether it left, and what a refusal said of the next."""

    call: Call
    leaving: Leaving
    request: Prepared | None = None
    left: bool = False
    retry_after: float | None = None

    def prepared(self) -> Prepared:
        """Return what goes over the wire. Many may wait for their turn, and the first is not to wait for the others."""
        if self.request is None:
            self.request = prepare(self.call)
        return self.request


class Leaving:
    """Is asked before a request leaves, each time it is sent, and told when it does."""

    async def ready(self) -> None:
        """Be ready; what this raises keeps the request from leaving."""

    def left(self) -> None:
        """Be told that the request leaves now."""


AT_ONCE = Leaving()
"""Has nothing to do before a request leaves."""


class Client:
    """Calls to one endpoint with one account's credentials. Use it as an async context manager.

    `throttle` holds the limits.
    """

    def __init__(
        self,
        endpoint: str,
        iam_endpoint: str,
        credentials: Credentials,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 60.0,
        now: Callable[[], datetime] = utc_now,
        throttle: Throttle | None = None,
        retrying: Retrying = Retrying(),  # noqa: B008 - frozen
        watcher: Watcher = UNWATCHED,
    ) -> None:
        """Check the endpoints; no connection is made yet.

        Args:
            endpoint: where the service is.
            iam_endpoint: where tokens come from; used only with a password.
            credentials: who calls.
            transport: what carries requests to both, instead of the network; closed with the client.
            timeout: seconds to wait for a connection, and for each part of an answer; a whole attempt takes at most
                three times as long.
            now: the time, with a time zone, for signatures and the end of tokens.
            throttle: the limits to hold, and how many calls are under way at once; by default the documented ones
                and 10.
            retrying: what is repeated, and how often.
            watcher: is told of requests, answers, waits and repeats.

        Raises:
            UsageError: an endpoint, or a proxy setting of the environment, can't be used.
        """
        self.endpoint = normalize(endpoint)
        self.iam_endpoint = normalize(iam_endpoint, "IAM endpoint")
        self.throttle = throttle or Throttle()
        self.throttle.told = lambda group, limit, seconds: watcher.see(Waiting(group, limit, seconds))
        self.watcher = watcher
        exchanges = Exchanges(watcher)
        self._wire = Wire(self.endpoint, transport, timeout, exchanges)
        self._iam: Wire | None = None

        def iam() -> Wire:
            self._iam = Wire(self.iam_endpoint, transport, timeout, exchanges)
            return self._iam

        self._auth: Authenticator = authenticator(credentials, iam, now)
        exchanges.secrets = self._auth.secrets
        self._now = now
        self._retrying = retrying
        self._drained = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._wire.close()
        if self._iam is not None:
            await self._iam.close()

    def drain(self) -> None:
        """Let no further request leave: what waits ends with `StoppedError`, or as its last attempt did."""
        self._drained.set()
        self.throttle.drain()

    def resume(self) -> None:
        """Let requests leave again after `drain`, once everything that waited has ended."""
        self._drained.clear()
        self.throttle.resume()

    async def send(self, call: Call, leaving: Leaving = AT_ONCE) -> Answer:
        """Make a call whose ids are all known, when its turn comes; repeat it where that is safe.

        Raises:
            ApiError: it failed; the class says how (see `rtcctl.errors`).
            StoppedError: `drain` was called before the request left.
            UsageError: an id is empty or would lead to another path.
            TypeError: an id or a member is still a reference.
        """
        sending = _Sending(call, leaving)
        time = asyncio.get_running_loop().time
        begun, failures = time(), 0
        last: ApiError | None = None
        arrived: ApiError | None = None
        while True:
            try:
                return await self._once(sending)
            except StoppedError:
                if last is None:
                    raise
                raise last from None
            except ApiError as error:
                if arrived is not None and isinstance(error, RejectedError) and call.method == "POST":
                    raise arrived from None  # the refusal may only mean that the first attempt took effect
                arrived = error if sending.left and may_have_arrived(error) else arrived
                failures += 1
                left, after = sending.left, sending.retry_after
                pause = self._retrying.pause(call, error, failures, time() - begun, left=left, retry_after=after)
                last = _honest(error, arrived)
                if pause is None or self._drained.is_set():
                    raise last from None
                reason = str(error.status) if error.status else error.reason
                self.watcher.see(Again(call.method, sending.prepared().path, reason, pause, time() - begun))
            await self._pause(pause)

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

    async def _once(self, sending: _Sending) -> Answer:
        headers, response = await self._attempt(sending)
        if response.status == 401 and await self._auth.renew(headers):
            headers, response = await self._attempt(sending)
        request = sending.prepared()
        secrets = (*request.secrets, *self._auth.secrets(), headers.get("X-Auth-Token", ""))
        mend = self._auth.mend(response.header("Date")) if response.status == 401 else ""
        return read(sending.call, request.path, response, secrets=secrets, unauthenticated=mend)

    async def _attempt(self, sending: _Sending) -> tuple[dict[str, str], Reply]:
        sending.left, sending.retry_after = False, None
        while (found := await self._left(sending)) is None:
            pass
        return found

    async def _left(self, sending: _Sending) -> tuple[dict[str, str], Reply] | None:
        """Let a request leave when its turn comes; None where the turn was in vain."""
        category = sending.call.category
        async with self.throttle.turn(category) as turn:
            request = sending.prepared()
            headers = await self._auth.headers(request, self._wire.host)
            headers |= {"Accept": "application/json", "User-Agent": f"rtcctl/{__version__}"}
            self._unless_drained()
            await sending.leaving.ready()
            async with self.throttle.way(category) as is_open:
                self._unless_drained()
                if not is_open:
                    return None
                sending.leaving.left()
                turn.left = sending.left = True
                response = await self._wire.exchange(request, headers)
            sending.retry_after = turn.retry_after = seconds_of(response.header("Retry-After"), self._now())
            turn.refused = response.status == 429
            return headers, response

    def _unless_drained(self) -> None:
        if self._drained.is_set():
            raise StoppedError("the run ended before this call left")

    async def _pause(self, seconds: float) -> None:
        """Wait, but not after `drain`."""
        try:
            async with asyncio.timeout(seconds):
                await self._drained.wait()
        except TimeoutError:
            return


def _honest(error: ApiError, arrived: ApiError | None) -> ApiError:
    """Return what tells the outcome: an attempt that never got through says nothing about one that may have."""
    through = not isinstance(error, (UnreachableError, ThrottledError)) or may_have_arrived(error)
    return error if arrived is None or through else arrived
