"""What an apply is doing, step by step, for whoever watches the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rtcctl.cli import output
from rtcctl.errors import RtcctlError
from rtcctl.model.happening import Finished, Note, Started, Watcher
from rtcctl.model.jobs import Followed

if TYPE_CHECKING:
    from typing import TypeAlias

    from rtcctl.model.plan import Plan, Step

    Following: TypeAlias = Callable[[Followed], None]


class Progress:
    """Tells a watcher of each call of an apply; several may be under way."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def started(self, step: Step) -> None:
        """Tell that a call is made."""
        self._watcher.see(Started(step.address, step.verb))

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Tell how it ended."""
        self._watcher.see(Finished(step.address, step.verb, seconds, error is not None))


class Streamed(Progress):
    """Writes each call to stdout as well, as events; whether somebody reads them is no matter of the apply."""

    def __init__(self, watcher: Watcher, plan: Plan) -> None:
        from rtcctl.reports.formats import jsonl

        super().__init__(watcher)
        self._events, self._write = jsonl, output.Lines()
        self._write(jsonl.planned(plan))

    def started(self, step: Step) -> None:
        """Write that a call is made."""
        self._write(self._events.started(step))
        super().started(step)

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Write how it ended, and tell it."""
        self._write(self._events.finished(step, seconds, error))
        super().finished(step, seconds, error)


def followed(watcher: Watcher) -> Following:
    """Return what tells that something changed about a job that is waited for."""

    def tell(seen: Followed) -> None:
        from rtcctl.reports.following import progress_line

        watcher.see(Note(progress_line(seen)))

    return tell
