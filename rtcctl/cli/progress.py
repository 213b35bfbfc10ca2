"""What an apply is doing, a line per call, on stderr; the first interrupt lets the call under way end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from rtcctl.cli import output
from rtcctl.errors import RtcctlError
from rtcctl.model.jobs import Followed
from rtcctl.model.plan import Plan, Step

Result = TypeVar("Result")


class Progress:
    """Prints each call of an apply as it starts and as it ends."""

    def __init__(self, plan: Plan) -> None:
        self.total = sum(1 for step in plan.steps() if not step.only_if_refused)
        self.count = 0

    def started(self, step: Step) -> None:
        """Say what begins."""
        self.count += 1
        total = max(self.total, self.count)
        output.progress(f"[{self.count}/{total}] {step.address}: {step.verb} …", newline=False)

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Say how it ended, on the same line."""
        output.progress(f" {'done' if error is None else 'failed'} ({seconds:.1f} s)")


def followed(seen: Followed) -> None:
    """Say that something changed about a job that is waited for."""
    from rtcctl.reports.following import progress_line

    output.progress(progress_line(seen))


class Interrupts:
    """Takes SIGINT and SIGTERM while calls are made: the first drains, the second aborts the call under way."""

    def __init__(self) -> None:
        self.asked = False

    def stopping(self) -> bool:
        """Tell whether no further call shall be made."""
        return self.asked

    async def watch(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Handle both signals while the work is done."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            loop.add_signal_handler(number, self._ask, number, task)
        try:
            return await work
        finally:
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)

    def _ask(self, number: signal.Signals, task: asyncio.Task[object] | None) -> None:
        if not self.asked:
            output.progress(f"\n{number.name}: ending after the call under way; once more ends at once")
        elif task is not None:
            output.progress(f"\n{number.name}: ending at once")
            task.cancel()
        self.asked = True
