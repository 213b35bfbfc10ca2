"""Which live objects concern us: those that the manifest names and those that the state owns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

from rtcctl.kinds import KINDS, Embedded, Kind, Listing, Show, children_of
from rtcctl.live.changed import unchanged
from rtcctl.model.address import Address
from rtcctl.model.call import Category
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Desired

if TYPE_CHECKING:
    from rtcctl.model.fact import Fact
    from rtcctl.model.remote import Refresh


class Interest(Struct, frozen=True):
    """What has to be read.

    `kinds` occur at all, `ids` are owned, `keys` are declared. `owned` are the ids of owned objects of a kind under an
    app_id (empty for what stands alone): jobs are read by them, others where their listing leaves them out.
    `unread` are owned and taken to be as last applied, as far as the listings don't tell more.
    """

    kinds: frozenset[str] = frozenset()
    ids: frozenset[tuple[str, str]] = frozenset()
    keys: frozenset[tuple[str, tuple[str, ...] | None]] = frozenset()
    owned: Mapping[tuple[str, str], tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    unread: Mapping[Address, Entry] = field(default_factory=dict)

    def concerns(self, kind: Kind, found: RemoteObject) -> bool:
        """Tell whether more must be read of this object than its listing told."""
        owned = (kind.name, found.ids.get(kind.id_name, "")) in self.ids
        return owned or (kind.name, kind.natural_key(found.members)) in self.keys


def interest(desired: Desired, ledger: Ledger, refresh: Refresh = "all") -> Interest:
    """Work out what a plan will need to know.

    `changed` leaves out what is declared as it was last applied; its app is still seen in the listing. `none` leaves
    out everything.
    """
    if refresh == "none":
        return Interest(unread=ledger.entries)
    left = unchanged(desired, ledger) if refresh == "changed" else frozenset()
    resources = {address: each for address, each in desired.resources.items() if address not in left}
    entries = {address: entry for address, entry in ledger.entries.items() if address not in left}
    keys = {
        (address.kind, KINDS[address.kind].natural_key(resource.members))
        for address, resource in resources.items()
        if not KINDS[address.kind].parent
    }
    kinds = {address.kind for address in (*resources, *entries)}
    kinds |= {address.kind for address in left if _has_a_cheap_listing(KINDS[address.kind])}
    unread = {address: entry for address, entry in ledger.entries.items() if address in left}
    listed = {address: entry for address, entry in unread.items() if _has_a_cheap_listing(KINDS[address.kind])}
    return Interest(frozenset(kinds), _ids(entries), frozenset(keys), _owned({**entries, **listed}), unread)


def expected(wanted: Interest) -> Counter[Category]:
    """Return about how many calls the reading will take: one page of each listing, the rest by what is owned."""
    calls: Counter[Category] = Counter()
    for kind in KINDS.values():
        if not kind.parent:
            calls[kind.category] += kind.name in wanted.kinds
        elif isinstance(kind.read, Listing):
            calls[kind.category] += sum(1 for owned, _ in wanted.ids if owned == kind.parent)
        elif isinstance(kind.read, Show):
            calls[kind.category] += sum(len(ids) for (name, _), ids in wanted.owned.items() if name == kind.name)
    return calls


def of_facts(facts: Iterable[Fact]) -> Interest:
    """Work out what tells whether a plan's facts still hold."""
    from rtcctl.model.fact import Absent, Present

    kinds: set[str] = set()
    ids: set[tuple[str, str]] = set()
    keys: set[tuple[str, tuple[str, ...] | None]] = set()
    owned: dict[tuple[str, str], dict[frozenset[str], Mapping[str, str]]] = {}
    for fact in facts:
        own = fact.parent if isinstance(fact, Absent) else fact.ids
        if "app_id" in own:
            kinds.add("App")
            ids.add(("App", own["app_id"]))
            owned.setdefault(("App", ""), {})[frozenset({own["app_id"]})] = {"app_id": own["app_id"]}
        if not isinstance(fact, (Present, Absent)):
            kinds |= {kind.name for kind in children_of("App") if isinstance(kind.read, Embedded)}
            continue
        kinds.add(fact.kind)
        if isinstance(fact, Absent) and not KINDS[fact.kind].parent and fact.key is not None:
            keys.add((fact.kind, fact.key))
        if KINDS[fact.kind].parent and KINDS[fact.kind].id_name in own:
            owned.setdefault((fact.kind, own["app_id"]), {})[frozenset(own.values())] = own
    each = {key: tuple(below.values()) for key, below in owned.items()}
    return Interest(frozenset(kinds), frozenset(ids), frozenset(keys), each)


def _has_a_cheap_listing(kind: Kind) -> bool:
    """Tell whether one listing shows so much beside the object itself that it is read in any case."""
    return isinstance(kind.read, Listing) and kind.read.paged and not kind.parent


def _ids(entries: Mapping[Address, Entry]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (address.kind, each.get(KINDS[address.kind].id_name, ""))
        for address, entry in entries.items()
        for each in (entry.ids, *entry.deposed)
    )


def _owned(entries: Mapping[Address, Entry]) -> dict[tuple[str, str], tuple[Mapping[str, str], ...]]:
    found: dict[tuple[str, str], tuple[Mapping[str, str], ...]] = {}
    for address, entry in entries.items():
        kind = KINDS[address.kind]
        # A job known to be over stays over; its predecessors may still run.
        for ids in entry.deposed if kind.job and entry.stopped else (entry.ids, *entry.deposed):
            key = (kind.name, ids.get("app_id", "") if kind.parent else "")
            found[key] = (*found.get(key, ()), ids)
    return found
