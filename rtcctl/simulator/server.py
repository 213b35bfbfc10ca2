"""Serves the simulator over HTTP, on loopback unless told otherwise."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from rtcctl.simulator import progress
from rtcctl.simulator.app import build_app
from rtcctl.simulator.connections import GuardedConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from rtcctl.simulator.call import Options, Simulator

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 2


class AnnouncedServer(uvicorn.Server):
    """A server that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], simulator: Simulator) -> None:
        super().__init__(config)
        self._announce = announce
        self._simulator = simulator
        self._ticking: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        self._ticking = asyncio.create_task(progress.tick(self._simulator))
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and with it the clock's work."""
        if self._ticking is not None:
            self._ticking.cancel()
        self._simulator.changed.close()  # or pages that are open would hold the end up
        await super().shutdown(sockets)


def serve(data: Path | None, *, port: int, ready: Callable[[str], None], options: Options, host: str = HOST) -> None:
    """See `rtcctl.simulator.serve`."""
    is_ipv6 = ":" in host
    family = socket.AF_INET6 if is_ipv6 else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named: 1 ms per answer instead of 44
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        url = f"http://{f'[{host}]' if is_ipv6 else host}:{listener.getsockname()[1]}"
        app = build_app(data, options)
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=GuardedConnection,
            proxy_headers=False,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        server = AnnouncedServer(config, lambda: ready(url), app.state.simulator)
        with _signals_end(server):
            server.run(sockets=[listener])
        app.state.simulator.store.close()


@contextmanager
def _signals_end(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the server and nothing else: uvicorn raises them again after its shutdown."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
