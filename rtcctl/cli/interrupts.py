"""What ends a run early: SIGINT and SIGTERM, and the time limit. Both drain first and abort later."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click

from rtcctl.cli import output
from rtcctl.errors import RtcctlError

if TYPE_CHECKING:
    from rtcctl.applying.stop import Stop

Result = TypeVar("Result")

GRACE = 10.0
"""Seconds that calls under way have to end once the time limit has passed."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Takes both signals for as long as its `with` block: the first drains, the second aborts the calls under way.

    What is in the block besides `watch` is never cut off: once a call may have left, its outcome is told.
    """

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._aborted = False
        self._watched: tuple[asyncio.AbstractEventLoop, asyncio.Task[object] | None] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        # Not the loop's own handlers: where those begin and end, a signal would meet the default for a moment.
        self._before = {number: signal.signal(number, self._heard) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    async def watch(self, work: Coroutine[Any, Any, Result], limit: float | None = None) -> Result:
        """Do the work; `limit` is the time, in seconds, after which it is drained, and `GRACE` later aborted.

        Raises:
            click.Abort: it was aborted by a signal while it only read.
            RtcctlError: the same by the time limit.
        """
        loop = asyncio.get_running_loop()
        self._watched = loop, asyncio.current_task()
        timers: list[asyncio.TimerHandle] = []
        if limit is not None:
            timers = [
                loop.call_later(max(limit, 0.0), self._time_is_up),
                loop.call_later(max(limit, 0.0) + GRACE, self._grace_is_over),
            ]
        try:
            return await work
        except asyncio.CancelledError:  # an apply that has begun takes it as said; so this is before
            from rtcctl.model.result import TIME_LIMIT

            if self._stop.reason == TIME_LIMIT:
                raise _too_slow() from None
            raise click.Abort from None
        finally:
            self._watched = None
            for timer in timers:
                timer.cancel()

    def _heard(self, number: int, _: FrameType | None) -> None:
        if self._watched is None:  # between two works, or while the outcome is told
            self._stop.ask(signal.Signals(number).name)
        else:
            self._watched[0].call_soon_threadsafe(self._ask, signal.Signals(number).name)

    def _ask(self, name: str) -> None:
        if not self._stop.asked:
            output.progress(f"{name}: ending after the calls under way; once more ends at once")
            self._stop.ask(name)
        elif not self._aborted:
            output.progress(f"{name}: ending at once")
            self._abort()

    def _time_is_up(self) -> None:
        from rtcctl.model.result import TIME_LIMIT

        if not self._stop.asked:
            output.progress(f"the time limit is reached: calls under way have {GRACE:.0f} s to end")
            self._stop.ask(TIME_LIMIT)

    def _grace_is_over(self) -> None:
        if not self._aborted:
            output.progress(f"{GRACE:.0f} s after the time limit: ending at once")
            self._abort()

    def _abort(self) -> None:
        self._aborted = True
        if self._watched is not None and self._watched[1] is not None:
            self._watched[1].cancel()


class TimeLimit:
    """The seconds that a run may take, None without a limit; only time in its `counted` blocks counts."""

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.left = seconds
        self._clock = clock

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the time of a `with` block."""
        begun = self._clock()
        try:
            yield
        finally:
            if self.left is not None:
                self.left = max(self.left - (self._clock() - begun), 0.0)

    def at_most(self, seconds: float) -> float:
        """Return a time that neither exceeds this nor the limit."""
        return seconds if self.left is None else min(seconds, self.left)


async def within(seconds: float | None, work: Coroutine[Any, Any, Result]) -> Result:
    """Read within a time limit.

    Raises:
        RtcctlError: it was too short for that.
    """
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        raise _too_slow() from None


def _too_slow() -> RtcctlError:
    return RtcctlError(
        "the time limit was reached while the account was read; nothing was changed", mend="give a longer --timeout"
    )
