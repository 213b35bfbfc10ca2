"""Serves an ASGI app on loopback until it is told to end, by a signal or by the app itself."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from rtcctl.errors import UsageError

if TYPE_CHECKING:
    from starlette.applications import Starlette

HOST = "127.0.0.1"
_SHUTDOWN_SECONDS = 2


class Server(uvicorn.Server):
    """Listens on 127.0.0.1; `stop` ends it from within, SIGINT and SIGTERM from outside, all of them cleanly."""

    def __init__(self, app: Starlette, port: int, ready: Callable[[str], None]) -> None:
        """Set up; nothing is opened yet.

        Args:
            app: what answers.
            port: TCP port; 0 picks a free one.
            ready: called once with the base URL as soon as connections are accepted.
        """
        config = uvicorn.Config(
            app,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
        super().__init__(config)
        self._port = port
        self._ready = ready
        self._url = ""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until the end.

        Raises:
            UsageError: the port is taken.
        """
        # The protocol is named, or asyncio would leave Nagle's algorithm on: 44 ms per answer instead of 1.
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, self._port))
            except OSError as error:
                message = f"can't listen on port {self._port}: {error.strerror or error}"
                raise UsageError(message, mend="choose another one; --port 0 picks a free port") from None
            self._url = f"http://{HOST}:{listener.getsockname()[1]}"
            asyncio.run(self.serve(sockets=[listener]))

    def stop(self) -> None:
        """End after the answers under way."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets)
        self._ready(self._url)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let both signals end the server and nothing else; uvicorn would raise them again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
