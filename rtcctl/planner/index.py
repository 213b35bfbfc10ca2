"""Finding live objects: by the ids that the ledger holds, or by natural key under their parent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from rtcctl.kinds import KINDS, Kind
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Members

_Identity = tuple[str, ...]


class Index:
    """Look-ups over what was read; objects that do not count as there are left out."""

    def __init__(self, live: Live) -> None:
        self._by_id: dict[tuple[str, _Identity], RemoteObject] = {}
        self._by_key: dict[tuple[str, str, tuple[str, ...] | None], list[RemoteObject]] = defaultdict(list)
        self._under: dict[tuple[str, str], list[RemoteObject]] = defaultdict(list)
        for found in live.objects:
            kind = KINDS[found.kind]
            if found.assumed or kind.exists(found):  # what makes it exist may be ignored, and then is not on record
                app = found.ids.get("app_id", "") if kind.parent else ""
                self._by_id[kind.name, identity(found.ids)] = found
                self._by_key[kind.name, app, kind.natural_key(found.members)].append(found)
                self._under[kind.name, app].append(found)

    def is_there(self, found: RemoteObject) -> bool:
        """Tell whether an object counts as there."""
        return self._by_id.get((found.kind, identity(found.ids))) is found

    def by_ids(self, kind: Kind, ids: Mapping[str, str]) -> RemoteObject | None:
        """Return the object with exactly these ids."""
        return self._by_id.get((kind.name, identity(ids)))

    def by_key(self, kind: Kind, parent: Mapping[str, str], members: Members) -> list[RemoteObject]:
        """Return the objects under a parent that share the natural key; none for kinds without one."""
        return self.by_natural_key(kind, parent, kind.natural_key(members))

    def by_natural_key(self, kind: Kind, parent: Mapping[str, str], key: tuple[str, ...] | None) -> list[RemoteObject]:
        """Return the objects under a parent with this natural key; none where that is None."""
        return [] if key is None else self._by_key[kind.name, parent.get("app_id", ""), key]

    def under(self, kind: Kind, parent: Mapping[str, str]) -> list[RemoteObject]:
        """Return all objects of a kind under a parent."""
        return self._under[kind.name, parent.get("app_id", "")]


def owned(ledger: Ledger) -> frozenset[tuple[str, _Identity]]:
    """Return kind and identity of every object that the ledger owns, predecessors included."""
    return frozenset(
        (address.kind, identity(ids)) for address, entry in ledger.entries.items() for ids in _all_ids(entry)
    )


def identity(ids: Mapping[str, str]) -> _Identity:
    """Return what tells an object from all others of its kind."""
    return tuple(map(ids.__getitem__, sorted(ids)))


def _all_ids(entry: Entry) -> tuple[Mapping[str, str], ...]:
    return (entry.ids, *entry.deposed)
