"""Serves the simulator over HTTP on loopback."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from rtcctl.simulator import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 2


class AnnouncedServer(uvicorn.Server):
    """A server that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        self._announce()


def serve(data: Path | None, *, port: int, ready: Callable[[str], None]) -> None:
    """See `rtcctl.simulator.serve`."""
    # asyncio turns Nagle's algorithm off only where the protocol is named: 1 ms per answer instead of 44
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        app = create_app(data)
        config = uvicorn.Config(
            app,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        server = AnnouncedServer(config, lambda: ready(url))
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
