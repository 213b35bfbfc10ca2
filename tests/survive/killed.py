"""Runs rtcctl and kills it with SIGKILL at one boundary: `python -m tests.survive.killed NUMBER TRACE -- ARGUMENTS`.

A boundary is a moment just before or after something of the apply becomes durable somewhere: a request that leaves, has
left or is answered, and each write of the state. They are counted as they come; what came is appended to TRACE.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from rtcctl.api.preparing import Prepared
from rtcctl.api.wire import Wire
from rtcctl.cli.main import run
from rtcctl.state.folder import FolderState


class Boundaries:
    """Counts, notes and, at the right one, kills."""

    def __init__(self, number: int, trace: str) -> None:
        self.left = number
        self.trace = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def reach(self, what: str) -> None:
        os.write(self.trace, f"{what}\n".encode())
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def watch_requests(boundaries: Boundaries) -> None:
    """Before a write leaves, when all of it has left, and when its answer is in."""
    exchange, request_of = Wire.exchange, httpx.AsyncClient.request

    async def watched(self: Wire, request: Prepared, headers: Mapping[str, str]) -> httpx.Response:
        if request.method == "GET":
            return await exchange(self, request, headers)
        what = f"{request.method} {request.path}"
        boundaries.reach(f"before {what}")
        response = await exchange(self, request, headers)
        boundaries.reach(f"after the answer to {what}")
        return response

    async def traced(self: httpx.AsyncClient, method: str, url: Any, **options: Any) -> httpx.Response:
        async def trace(event: str, _: Mapping[str, Any]) -> None:
            if event == "http11.send_request_body.complete" and method != "GET":
                boundaries.reach(f"left {method} {httpx.URL(url).path}")

        return await request_of(self, method, url, extensions={"trace": trace}, **options)

    Wire.exchange = watched  # type: ignore[method-assign]
    httpx.AsyncClient.request = traced  # type: ignore[method-assign]


def watch_writes(boundaries: Boundaries) -> None:
    """Before and after each write of the state."""
    for name in ("begin", "append", "save"):
        setattr(FolderState, name, _around(getattr(FolderState, name), name, boundaries))


def _around(method: Callable[..., None], name: str, boundaries: Boundaries) -> Callable[..., None]:
    def watched(self: FolderState, content: Any) -> None:
        boundaries.reach(f"before {name}")
        method(self, content)
        boundaries.reach(f"after {name}")

    return watched


if __name__ == "__main__":
    found = Boundaries(int(sys.argv[1]), sys.argv[2])
    watch_requests(found)
    watch_writes(found)
    sys.argv = ["rtcctl", *sys.argv[4:]]
    run()
