"""What an apply is doing, a line per call, on stderr; the first interrupt lets the calls under way end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from rtcctl.cli import output
from rtcctl.errors import RtcctlError, UsageError
from rtcctl.model.jobs import Followed
from rtcctl.model.plan import Plan, Step

if TYPE_CHECKING:
    from rtcctl.applying.stop import Stop
    from rtcctl.model.call import Category
    from rtcctl.model.limits import Limit

Result = TypeVar("Result")


class Progress:
    """Prints each call of an apply as it ends; several may be under way."""

    def __init__(self, plan: Plan) -> None:
        self.total = sum(1 for step in plan.steps() if not step.only_if_refused)
        self.count = 0

    def started(self, step: Step) -> None:
        """Say nothing yet: lines of calls under way would be mixed up."""

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Say what was done and how it ended."""
        self.count += 1
        total = max(self.total, self.count)
        ended = "done" if error is None else "failed"
        output.progress(f"[{self.count}/{total}] {step.address}: {step.verb} … {ended} ({seconds:.1f} s)")


def tell_wait(categories: tuple[Category, ...], limit: Limit, seconds: float) -> None:
    """Say that calls wait for a limit."""
    period = "a minute" if limit.seconds == 60 else "a second" if limit.seconds == 1 else f"in {limit.seconds:g} s"
    output.progress(f"waiting {seconds:.0f} s for the limit of {limit.calls} calls {period} ({', '.join(categories)})")


def followed(seen: Followed) -> None:
    """Say that something changed about a job that is waited for."""
    from rtcctl.reports.following import progress_line

    output.progress(progress_line(seen))


class Interrupts:
    """Takes SIGINT and SIGTERM while calls are made: the first drains, the second aborts the calls under way."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._aborted = False

    async def watch(self, work: Coroutine[Any, Any, Result], limit: float | None = None) -> Result:
        """Handle both signals while the work is done; `limit` is the time, in seconds, after which it is drained."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            loop.add_signal_handler(number, self._ask, number, task)
        timer = None if limit is None else loop.call_later(max(limit, 0.0), self._time_is_up)
        try:
            return await work
        finally:
            if timer is not None:
                timer.cancel()
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)

    def _ask(self, number: signal.Signals, task: asyncio.Task[object] | None) -> None:
        if not self._stop.asked:
            output.progress(f"{number.name}: ending after the calls under way; once more ends at once")
            self._stop.ask(number.name)
        elif task is not None and not self._aborted:
            output.progress(f"{number.name}: ending at once")
            self._aborted = True
            task.cancel()

    def _time_is_up(self) -> None:
        if not self._stop.asked:
            output.progress("the time limit is reached: ending after the calls under way")
            self._stop.ask("time limit")


async def within(seconds: float | None, work: Coroutine[Any, Any, Result]) -> Result:
    """Read within a time limit.

    Raises:
        UsageError: it was too short for that.
    """
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        raise UsageError(
            "the time limit was reached while the account was read; nothing was changed", mend="give a longer --timeout"
        ) from None
