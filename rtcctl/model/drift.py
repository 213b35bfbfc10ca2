"""What happened outside rtcctl: live objects against what was last applied, as a value."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from rtcctl.model.address import Address
from rtcctl.model.plan import Broken, MemberChange

Happened: TypeAlias = Literal["changed", "deleted", "stopped", "ended"]
"""`stopped`: a person ended a job; `ended`: the job ended by itself, which is no drift."""


class Drifted(Struct, frozen=True):
    """One owned object that is not as last applied; of `members`, `old` was applied and `new` is live."""

    address: Address
    happened: Happened
    note: str = ""
    members: tuple[MemberChange, ...] = ()


class Drift(Struct, frozen=True):
    """Everything that is not as last applied, and how many owned objects were looked at.

    `broken` are accounts of which that is not known.
    """

    objects: tuple[Drifted, ...] = ()
    checked: int = 0
    broken: tuple[Broken, ...] = ()

    @property
    def has_drift(self) -> bool:
        """Tell whether anything was changed, deleted or stopped outside."""
        return any(each.happened != "ended" for each in self.objects)

    def count(self, *happened: Happened) -> int:
        """Count the objects to which one of these happened."""
        return sum(1 for each in self.objects if each.happened in happened)
