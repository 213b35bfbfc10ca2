"""The way to the simulator: every request is noted, and one write can be made to go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import httpx

Way: TypeAlias = Literal["429", "500", "503", "unsent", "cut off", "time-out", "truncated", "page", "empty"]
"""How a write goes wrong. `unsent`: no connection. `cut off`, `time-out`: no answer. The others: a wrong answer."""

REFUSED: tuple[Way, ...] = ("429", "500", "503")
_BODIES = {
    "429": b'{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached"}',
    "500": b'{"error_code":"RTC.00002002","error_msg":"InternalError.DbErr"}',
    "503": b"Service Unavailable",
}
_PAGE = b"<html><body>Please log in to the network</body></html>"


@dataclass
class Fault:
    """What goes wrong with the write of this number, counted from 0; `arrives` tells whether it takes effect.

    `hit` is that write once it has happened.
    """

    at: int
    way: Way
    arrives: bool
    hit: tuple[str, str] | None = None


class Wire(httpx.AsyncBaseTransport):
    """Carries requests to an ASGI app inside the process."""

    def __init__(self, app: object) -> None:
        self._inner = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        self.reads: list[tuple[str, str]] = []
        self.writes: list[tuple[str, str]] = []
        self.fault: Fault | None = None

    def break_next(self, fault: Fault) -> None:
        """Let a write go wrong; writes are counted from now on."""
        self.writes.clear()
        self.fault = fault

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = (request.method, request.url.path)
        if request.method == "GET":
            self.reads.append(call)
            return await self._inner.handle_async_request(request)
        self.writes.append(call)
        fault = self.fault
        if fault is None or fault.at != len(self.writes) - 1:
            return await self._inner.handle_async_request(request)
        fault.hit, self.fault = call, None
        return await self._broken(request, fault)

    async def _broken(self, request: httpx.Request, fault: Fault) -> httpx.Response:
        if fault.way in REFUSED:
            return httpx.Response(int(fault.way), content=_BODIES[fault.way])
        if fault.way == "unsent":
            raise httpx.ConnectError("no connection", request=request)
        status, body = 200, _PAGE
        if fault.arrives:
            response = await self._inner.handle_async_request(request)
            status, body = response.status_code, await response.aread()
        match fault.way:
            case "cut off":
                raise httpx.RemoteProtocolError("connection closed", request=request)
            case "time-out":
                raise httpx.ReadTimeout("no answer", request=request)
            case "truncated":
                return httpx.Response(status, content=body[: len(body) // 2])
            case "empty":
                return httpx.Response(status)
            case _:
                return httpx.Response(status, content=_PAGE, headers={"Content-Type": "text/html"})
