"""What an apply is doing, a line per call, on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.cli import output
from rtcctl.errors import RtcctlError
from rtcctl.model.jobs import Followed
from rtcctl.model.plan import Plan, Step

if TYPE_CHECKING:
    from rtcctl.model.call import Category
    from rtcctl.model.limits import Limit


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


class Streamed(Progress):
    """Writes each call to stdout as well, as events; whether somebody reads them is no matter of the apply."""

    def __init__(self, plan: Plan) -> None:
        from rtcctl.reports.formats import jsonl

        super().__init__(plan)
        self._events, self._write = jsonl, output.Lines()
        self._write(jsonl.planned(plan))

    def started(self, step: Step) -> None:
        """Write that a call is made."""
        self._write(self._events.started(step))

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Write how it ended, and say so on stderr."""
        self._write(self._events.finished(step, seconds, error))
        super().finished(step, seconds, error)


def tell_wait(categories: tuple[Category, ...], limit: Limit, seconds: float) -> None:
    """Say that calls wait for a limit."""
    period = "a minute" if limit.seconds == 60 else "a second" if limit.seconds == 1 else f"in {limit.seconds:g} s"
    output.progress(f"waiting {seconds:.0f} s for the limit of {limit.calls} calls {period} ({', '.join(categories)})")


def followed(seen: Followed) -> None:
    """Say that something changed about a job that is waited for."""
    from rtcctl.reports.following import progress_line

    output.progress(progress_line(seen))
