"""What an apply is doing, a line per call, on stderr; the first interrupt lets the call under way end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator

from rtcctl.cli import output
from rtcctl.errors import RtcctlError
from rtcctl.model.plan import Plan, Step


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


class Interrupts:
    """Takes SIGINT and SIGTERM while calls are made: the first drains, the second aborts the call under way."""

    def __init__(self) -> None:
        self.asked = False

    def stopping(self) -> bool:
        """Tell whether no further call shall be made."""
        return self.asked

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Handle both signals for the time of a `with` block inside the running event loop."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        numbers = (signal.SIGINT, signal.SIGTERM)
        for number in numbers:
            loop.add_signal_handler(number, self._ask, number, task)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _ask(self, number: signal.Signals, task: asyncio.Task[object] | None) -> None:
        if self.asked and task is not None:
            task.cancel()
        self.asked = True
        output.progress(f"{number.name}: ending after the call under way; once more ends at once")
