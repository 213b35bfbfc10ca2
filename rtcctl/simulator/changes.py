"""A version number that grows whenever something changed, and a way to wait for that in any event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading


class Changes:
    """Counts changes; bumped from any thread, waited for in any event loop."""

    def __init__(self) -> None:
        self.version = 0
        self.closed = False
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def bump(self) -> None:
        """Say that something changed."""
        with self._lock:
            self.version += 1
            waiting, self._waiting = self._waiting, set()
        for loop, event in waiting:
            with contextlib.suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(event.set)

    def close(self) -> None:
        """Say that nothing will change any more, so that nobody goes on waiting."""
        self.closed = True
        self.bump()

    async def wait(self, seen: int, timeout: float) -> int:  # noqa: ASYNC109 - running out of time is a normal end
        """Wait until the version is beyond `seen`, at most `timeout` seconds; the version then."""
        event = asyncio.Event()
        waiter = (asyncio.get_running_loop(), event)
        with self._lock:
            if self.version > seen:
                return self.version
            self._waiting.add(waiter)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), timeout)
        finally:
            with self._lock:
                self._waiting.discard(waiter)
        return self.version
