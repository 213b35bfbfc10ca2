"""What editing the ledger by hand did, as values that reports show."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from rtcctl.errors import Diagnostic
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Pending


class Moved(Struct, frozen=True):
    """Former and new address of everything that was renamed, what was asked for first; `serial` of the new ledger."""

    addresses: tuple[tuple[Address, Address], ...]
    serial: int


class Forgotten(Struct, frozen=True):
    """What the ledger no longer holds, under `address`; nothing of it was touched at the service.

    `settled` are the pending operations that went along. `declared` are those that the manifest still declares. `rooms`
    are the jobs' rooms, as far as they are known.
    """

    address: Address
    entries: Mapping[Address, Entry]
    settled: tuple[Pending, ...]
    declared: frozenset[Address]
    rooms: Mapping[Address, str]
    serial: int

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Everything that was dropped, what was asked for first."""
        dropped = {*self.entries, *(pending.address for pending in self.settled)} - {self.address}
        return (self.address, *sorted(dropped))


class Imported(Struct, frozen=True):
    """A job that was taken into the ledger, as it was found.

    `adopted`: it was there before rtcctl, which is not so where an apply began to start it. `owned_before`: the ledger
    had this very job. `predecessor` are the ids of the job that it succeeds and that still has to go.
    """

    address: Address
    ids: Mapping[str, str]
    status: Mapping[str, str]
    room: str
    declared_room: str
    adopted: bool
    serial: int
    owned_before: bool = False
    predecessor: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
