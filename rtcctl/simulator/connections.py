"""A connection of the server: it can be reset on purpose, and nobody can hold on to it without sending a request."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from rtcctl.simulator.faultlayer import RESET

if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

REQUEST_SECONDS = 60.0
MAX_CONNECTIONS = 512
NO_LINGER = struct.pack("ii", 1, 0)


class GuardedConnection(H11Protocol):
    """HTTP/1.1 with limits: a request is there within REQUEST_SECONDS, and of too many connections an idle one goes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the base class has it
        """Let the app reset this connection, and begin to wait for a request."""
        super().connection_made(transport)
        self.app = self._with_reset(self.app)
        self._waiting_since = self.loop.time()
        self._timer = self.loop.call_later(REQUEST_SECONDS, self._check)
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._timer.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._waiting_since = self.loop.time()
        super().on_response_complete()

    def reset(self) -> None:
        """Drop the connection with a TCP reset, without what was still to be sent."""
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.transport.abort()

    @property
    def is_idle(self) -> bool:
        """Whether no whole request is there that has to be answered."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    @property
    def waiting_since(self) -> float:
        """When the connection was made or its last answer was over, on the loop's clock."""
        return self._waiting_since

    def _with_reset(self, app: ASGI3Application) -> ASGI3Application:
        async def resettable(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
            cast("dict[str, object]", scope)[RESET] = self.reset
            await app(scope, receive, send)

        return cast("ASGI3Application", resettable)

    def _check(self) -> None:
        left = self._waiting_since + REQUEST_SECONDS - self.loop.time()
        if self.is_idle and left <= 0:
            self.reset()
        else:
            self._timer = self.loop.call_later(max(left, REQUEST_SECONDS / 10), self._check)

    def _make_room(self) -> None:
        others = [each for each in self.connections if isinstance(each, GuardedConnection) and each is not self]
        idle = [each for each in others if each.is_idle and not each.transport.is_closing()]
        (min(idle, key=lambda each: each.waiting_since) if idle else self).reset()
