"""How one round of a reconcile loop ended, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field

from rtcctl.errors import (
    CredentialsError,
    ExitCode,
    ForeignStateError,
    ManifestError,
    NotAuthenticatedError,
    NotPermittedError,
    RtcctlError,
    UsageError,
)

Outcome: TypeAlias = Literal["converged", "applied", "refused", "dry-run", "standby", "failed", "stopped"]
"""`converged`: no call was due. `dry-run`: calls were due and not made. `standby`: another run holds a lock.
`refused`: the plan needs consent, so that none of it was done. `stopped`: the end of the loop cut the round short."""

OUTCOMES: tuple[Outcome, ...] = ("converged", "applied", "refused", "dry-run", "standby", "failed", "stopped")
WELL: frozenset[Outcome] = frozenset({"converged", "applied", "refused", "dry-run", "standby"})
"""Outcomes of a loop that does what it should; a refused plan waits for people, not for another try."""

SUCCESSFUL: frozenset[Outcome] = frozenset({"converged", "applied", "dry-run"})
"""Outcomes of a round that knows how the account stands, with nothing left undone against its will."""

_LASTING = (
    UsageError,
    ManifestError,
    CredentialsError,
    ForeignStateError,
    NotAuthenticatedError,
    NotPermittedError,
)


class Round(Struct, frozen=True):
    """How a round ended.

    `pending` counts the changes of its plan that make a call, `drift` those among them that undo what happened outside
    rtcctl, `refusals` what spoke against them, `recorded` what touched the state alone. `applied` counts changes that
    were done, by action. `calls` are HTTP exchanges of every kind, reads and tokens included. `restarted` are jobs that
    were started anew, `held` counts ended jobs that were not for the time being. `planned` tells that it got as far as
    a plan: otherwise the numbers say nothing.
    """

    outcome: Outcome
    seconds: float = 0.0
    planned: bool = False
    pending: int = 0
    drift: int = 0
    refusals: int = 0
    recorded: int = 0
    applied: Mapping[str, int] = field(default_factory=dict)
    restarted: int = 0
    held: int = 0
    calls: int = 0
    leader: bool = False
    error: RtcctlError | None = None
    exit_code: ExitCode = ExitCode.OK

    @property
    def may_pass(self) -> bool:
        """Tell whether it failed of something that may be over soon, such as a service that is down."""
        return self.outcome == "failed" and not isinstance(self.error, _LASTING)
