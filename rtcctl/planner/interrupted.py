"""What an apply that was cut off left behind, put down in the ledger as if each step had been recorded.

A new app may stand there whose POST was never answered, rules and settings may still be those of the old app, and an
app may have been disabled for a delete that never came.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.resource import Desired
from rtcctl.planner.index import Index, identity, owned


def resume(desired: Desired, ledger: Ledger, index: Index) -> Ledger:
    """Return the ledger with lost successors as the owned objects, and what they succeed as predecessors."""
    return _without_lost_children(_with_lost_successors(desired, _with_lost_switches(ledger), index))


def _with_lost_switches(ledger: Ledger) -> Ledger:
    """Count an app that may have been disabled as disabled by us: where no state is declared, it is enabled again."""
    entries = dict(ledger.entries)
    for pending in ledger.pending:
        entry, sets = entries.get(pending.address), KINDS[pending.address.kind].sets(pending.verb)
        if entry is not None and sets:
            entries[pending.address] = replace(entry, members={**entry.members, **sets})
    return replace(ledger, entries=entries)


def _with_lost_successors(desired: Desired, ledger: Ledger, index: Index) -> Ledger:
    """Take what bears the declared name for the object that an apply began to make in place of the owned one."""
    entries = dict(ledger.entries)
    ours = owned(ledger)
    for pending in ledger.pending:
        kind, entry = KINDS[pending.address.kind], entries.get(pending.address)
        resource = desired.resources.get(pending.address)
        if not pending.makes or entry is None or resource is None or kind.parent or not kind.id_name:
            continue
        for found in index.by_key(kind, {}, resource.members):
            if (kind.name, identity(found.ids)) not in ours:
                entries[pending.address] = replace(entry, ids=found.ids, deposed=(entry.ids, *entry.deposed))
    return replace(ledger, entries=entries)


def _without_lost_children(ledger: Ledger) -> Ledger:
    """Count rules and settings of an app that has to go as predecessors.

    A job is left as it is: whether it ended matters before it is started anew.
    """
    entries = dict(ledger.entries)
    for address, entry in ledger.entries.items():
        kind = KINDS[address.kind]
        above = entries.get(Address(kind.parent, address.name))
        if above is not None and not kind.job and any(_hangs_on(entry, ids) for ids in above.deposed):
            gone = (entry.ids, *(ids for ids in entry.deposed if ids != entry.ids))
            entries[address] = replace(entry, ids={}, deposed=gone)
    return replace(ledger, entries=entries)


def _hangs_on(entry: Entry, parent: Mapping[str, str]) -> bool:
    return all(entry.ids.get(name) == value for name, value in parent.items())
