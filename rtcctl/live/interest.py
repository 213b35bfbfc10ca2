"""Which live objects concern us: those that the manifest names and those that the state owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rtcctl.kinds import KINDS, Kind
from rtcctl.model.ledger import Ledger
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Desired


@dataclass(frozen=True, slots=True)
class Interest:
    """`kinds` occur at all, `ids` are owned, `keys` are declared, `jobs` are to be read under each app_id."""

    kinds: frozenset[str]
    ids: frozenset[tuple[str, str]]
    keys: frozenset[tuple[str, tuple[str, ...] | None]]
    jobs: Mapping[tuple[str, str], tuple[Mapping[str, str], ...]]

    def concerns(self, kind: Kind, found: RemoteObject) -> bool:
        """Tell whether more must be read of this object than its listing told."""
        owned = (kind.name, found.ids.get(kind.id_name, "")) in self.ids
        return owned or (kind.name, kind.natural_key(found.members)) in self.keys


def interest(desired: Desired, ledger: Ledger) -> Interest:
    """Work out what a plan will need to know."""
    ids: set[tuple[str, str]] = set()
    jobs: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for address, entry in ledger.entries.items():
        kind = KINDS[address.kind]
        owned = (entry.ids, *entry.deposed)
        ids.update((kind.name, each.get(kind.id_name, "")) for each in owned)
        if kind.job:
            # A job known to be over stays over; its predecessors may still run.
            running = entry.deposed if entry.stopped else owned
            for each in running:
                jobs.setdefault((kind.name, each.get("app_id", "")), []).append(each)
    keys = {
        (address.kind, KINDS[address.kind].natural_key(resource.members))
        for address, resource in desired.resources.items()
        if not KINDS[address.kind].parent
    }
    kinds = frozenset(address.kind for address in (*desired.resources, *ledger.entries))
    return Interest(kinds, frozenset(ids), frozenset(keys), {key: tuple(each) for key, each in jobs.items()})
