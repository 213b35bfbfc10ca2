"""The Plan: one immutable value that is shown, compared, judged and executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field

from rtcctl.errors import Diagnostic, Place, RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.budget import Budget
from rtcctl.model.call import Call
from rtcctl.model.fact import Fact
from rtcctl.model.ledger import Entry
from rtcctl.model.remote import Refresh
from rtcctl.model.values import Mark, Path, Secret, Value

ALLOW_DESTROY = "--allow-destroy"
LOST_JOB = "lost-job"
"""Rule of a job that an apply began to start and that may be running: all else may be applied, it is left alone."""
Action: TypeAlias = Literal["create", "update", "replace", "delete", "import", "forget", "no-op"]
Effect: TypeAlias = Literal["none", "created", "updated", "deleted", "deposed-deleted"]


class MemberChange(Struct, frozen=True):
    """One member's change, fit to be shown: secrets are marks already.

    `drift` tells that the live value is not the one last applied: it was changed outside rtcctl.
    """

    path: Path
    old: Value | Mark
    new: Value | Mark
    place: Place | None = None
    forces_replacement: bool = False
    drift: bool = False


class Step(Struct, frozen=True):
    """One API call of a plan, and what is recorded when it is done.

    `after` names the steps that must be over before. `settles` are the top-level members in force afterwards.
    `only_if_refused` names the step whose refusal with 400 lets this one run; otherwise it is skipped.
    """

    id: str
    address: Address
    verb: str
    call: Call
    effect: Effect
    settles: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    only_if_refused: str = ""


class Change(Struct, frozen=True):
    """What happens to one address.

    `entry` is what the ledger shall hold once all steps are done (None: nothing); ids that are known after apply
    are missing from it. `secrets` are the desired sensitive members by dotted path, for their fingerprints.
    `records` tells that the ledger changes although no call is made. `unchanged` counts members not shown. `lost`
    tells that the object was owned and is gone: it was deleted outside rtcctl.
    """

    address: Address
    action: Action
    reason: str = ""
    members: tuple[MemberChange, ...] = ()
    steps: tuple[Step, ...] = ()
    consequences: tuple[str, ...] = ()
    adopt: bool = False
    moved_from: Address | None = None
    not_ours: bool = False
    place: Place | None = None
    entry: Entry | None = None
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    records: bool = False
    unchanged: int = 0
    lost: bool = False

    @property
    def repairs_drift(self) -> bool:
        """Tell whether the change undoes what happened outside rtcctl."""
        return self.lost or any(member.drift for member in self.members)


class Refusal(Struct, frozen=True):
    """Why a plan may not be applied. `lifted_by` names the flag that lifts it; empty where nothing does."""

    rule: str
    message: str
    address: Address | None = None
    lifted_by: str = ""


class Broken(Struct, frozen=True):
    """An account that nothing could be found out about, or done in, and why."""

    account: str
    error: RtcctlError

    @property
    def why(self) -> str:
        """Say what is wrong, with its details, in one line."""
        return ": ".join((self.error.message, *self.error.details))


class Plan(Struct, frozen=True):
    """All changes in the order of their addresses' dependencies, and what speaks against them.

    `unmanaged` counts, by kind, live objects that nobody declared and that are left alone. `blast` says in domain words
    what would be taken from people, a phrase each ("delete 2 apps"). `facts` are what the changes take for granted.
    `targets` limit a partial plan, which leaves out `left_out` changes. `refresh` says what was read, `assumed` counts
    the owned objects that were not. `broken` are accounts that are missing from it.
    """

    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    unmanaged: Mapping[str, int] = field(default_factory=dict)
    sources: int = 0
    budget: Budget = field(default_factory=Budget)
    blast: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    targets: tuple[Address, ...] = ()
    left_out: int = 0
    refresh: Refresh = "all"
    assumed: int = 0
    broken: tuple[Broken, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Tell whether applying makes at least one API write."""
        return any(change.steps for change in self.changes)

    @property
    def to_record(self) -> int:
        """Count the changes that touch the state alone: adopted, forgotten, moved."""
        return sum(1 for change in self.changes if change.records and not change.steps)

    def refused(self, *, allow_destroy: bool) -> tuple[Refusal, ...]:
        """Return what still speaks against applying anything."""
        return tuple(
            refusal
            for refusal in self.refusals
            if refusal.rule != LOST_JOB and not (refusal.lifted_by == ALLOW_DESTROY and allow_destroy)
        )

    @property
    def lost(self) -> tuple[Refusal, ...]:
        """Return what speaks against starting one job each."""
        return tuple(refusal for refusal in self.refusals if refusal.rule == LOST_JOB)

    def steps(self) -> Iterator[Step]:
        """Yield every step, unordered but for the order within a change."""
        for change in self.changes:
            yield from change.steps

    def count(self, *actions: Action) -> int:
        """Count the changes with one of these actions that make a call."""
        return sum(1 for change in self.changes if change.action in actions and change.steps)
