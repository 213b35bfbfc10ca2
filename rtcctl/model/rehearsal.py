"""How a rehearsal went: a plan applied to a copy of what it looks at, as a value."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from rtcctl.errors import ExitCode, RtcctlError
from rtcctl.model.drift import Drift
from rtcctl.model.plan import Plan
from rtcctl.model.result import ApplyResult


class Made(Struct, frozen=True):
    """How many requests of one method the simulator got in one throttle category, repeated ones included."""

    method: str
    category: str
    count: int


class Afterwards(Struct, frozen=True):
    """What was found on the copy once the plan was applied; one of the three is set.

    `plan` is a second plan from the manifest. Of a saved plan alone the manifest is not known: then `drift` tells
    whether everything is as it was applied. `error` is why neither could be found out.
    """

    plan: Plan | None = None
    drift: Drift | None = None
    error: RtcctlError | None = None

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left to do."""
        if self.plan is not None:
            return not self.plan.has_changes
        return self.drift is not None and not self.drift.has_drift


class Rehearsal(Struct, frozen=True):
    """A plan and what would happen if it were applied.

    `reads` counts the calls to the real account, which got no others; `copied` counts the objects that were copied from
    it, by kind. `result` and `afterwards` are missing where a refusal that `--allow-destroy` does not lift ended the
    rehearsal before the first call.
    """

    plan: Plan
    target: str
    reads: int
    copied: Mapping[str, int] = field(default_factory=dict)
    result: ApplyResult | None = None
    made: tuple[Made, ...] = ()
    afterwards: Afterwards | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The flags without which the real apply would refuse."""
        return tuple(sorted({refusal.lifted_by for refusal in self.plan.refusals if refusal.lifted_by}))

    @property
    def exit_code(self) -> ExitCode:
        """How the apply would have ended; where it went through, whether anything is left to do."""
        if self.result is None or self.afterwards is None:
            return ExitCode.REFUSED
        if self.result.exit_code != ExitCode.OK:
            return self.result.exit_code
        if self.afterwards.error is not None:
            return self.afterwards.error.exit_code
        return ExitCode.OK if self.afterwards.is_settled else ExitCode.CHANGES_PENDING
