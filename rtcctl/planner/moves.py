"""Addresses that changed while their objects stay: declared with `moved_from`, or seen by natural key.

Without this a renamed rule would be created (which overwrites the old one in place) and then deleted, and a renamed
App document with the same app_name would delete the app that it had just adopted.
"""

from __future__ import annotations

from msgspec.structs import replace

from rtcctl.kinds import KINDS, Kind
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.resource import Desired
from rtcctl.model.values import Members
from rtcctl.state.edit import renamed


def follow(desired: Desired, ledger: Ledger) -> tuple[Ledger, dict[Address, Address]]:
    """Return the ledger under today's addresses, and the former address of each that moved."""
    entries = dict(ledger.entries)
    former: dict[Address, Address] = {}
    if all(address in entries for address in desired.resources):  # as a rule
        return ledger, former
    # Parents first: what hangs on a renamed app has its new name when its own turn comes.
    for kind in KINDS.values():
        mine = [resource for resource in desired.resources.values() if resource.address.kind == kind.name]
        undeclared = {
            _place(kind, address, entry.members): address
            for address, entry in entries.items()
            if address.kind == kind.name and address not in desired.resources and kind.natural_key(entry.members)
        }
        for resource in mine:
            if resource.address not in entries:
                found = undeclared.get(_place(kind, resource.address, resource.members))
                old = resource.moved_from if resource.moved_from in entries else found
                if old in entries and old is not None:
                    _rename(entries, former, old, resource.address)
    return replace(ledger, entries=entries), former


def _place(kind: Kind, address: Address, members: Members) -> tuple[str, tuple[str, ...] | None]:
    """Return what two resources of a kind share when they are one object: the parent and the natural key."""
    return (address.name if kind.parent else "", kind.natural_key(members))


def _rename(entries: dict[Address, Entry], former: dict[Address, Address], old: Address, new: Address) -> None:
    """Rename one entry and, as names are inherited, everything that hangs on it."""
    for address in list(entries):
        target = renamed(address, old, new)
        if target != address and target not in entries:
            entries[target] = entries.pop(address)
            former[target] = former.pop(address, address)
