"""How an apply ended: every change with its outcome, nothing left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field

from rtcctl.errors import ExitCode, RtcctlError
from rtcctl.model.jobs import Followed
from rtcctl.model.plan import Broken, Change

TIME_LIMIT = "time limit"
"""What `ApplyResult.ended` says where `--timeout` ended a run."""

Outcome: TypeAlias = Literal["done", "failed", "unknown", "not attempted"]
"""`unknown`: the request may have taken effect and no usable answer came."""


class ChangeResult(Struct, frozen=True):
    """What became of one change. `status` is what the service told of the object, `seconds` the time it took."""

    change: Change
    outcome: Outcome
    error: RtcctlError | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class ApplyResult(Struct, frozen=True):
    """What became of a plan.

    `calls` counts the steps whose requests were sent, `steps_done` those that did what they should: a change that
    failed may have done something before. `error` is what ended the whole run, such as a state that can't be saved.
    `ended` says in words why calls were left out that could have been made; empty where none were.
    `followed` are the jobs that were started and waited for. `broken` are accounts in which nothing could be done.
    """

    changes: tuple[ChangeResult, ...] = ()
    recorded: int = 0
    calls: int = 0
    interrupted: bool = False
    steps_done: int = 0
    error: RtcctlError | None = None
    ended: str = ""
    followed: tuple[Followed, ...] = ()
    broken: tuple[Broken, ...] = ()

    def of(self, *outcomes: Outcome) -> tuple[ChangeResult, ...]:
        """Return the changes that ended in one of these ways."""
        return tuple(result for result in self.changes if result.outcome in outcomes)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that tells the outcome (partial when anything was done and anything was not)."""
        if self.error is None and not self.broken and len(self.of("done")) == len(self.changes):
            return self._of_followed()
        if self.steps_done or self.of("done", "unknown"):
            return ExitCode.PARTIAL
        found = (self.error, *(result.error for result in self.changes), *(each.error for each in self.broken))
        errors = [error for error in found if error]
        if self.interrupted:
            if errors or self.calls:
                return ExitCode.PARTIAL
            return ExitCode.FAILED if self.ended == TIME_LIMIT else ExitCode.INTERRUPTED
        return errors[0].exit_code if errors else ExitCode.FAILED

    def _of_followed(self) -> ExitCode:
        endings = {job.ending for job in self.followed} - {"reached"}
        if "interrupted" in endings:
            return ExitCode.PARTIAL
        return ExitCode.FAILED if endings else ExitCode.OK
