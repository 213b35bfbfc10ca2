"""What the ledger holds after each step: pure functions from ledger to ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from rtcctl.kinds import KINDS, Embedded, Item, Kind
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Fingerprint, Ledger, Pending
from rtcctl.model.plan import Change, Plan, Step
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Ref, Secret, Value, get


def bookkeeping(plan: Plan, ledger: Ledger) -> Ledger:
    """Record what needs no call: moved addresses, adopted and forgotten objects, the number of source files."""
    entries = dict(ledger.entries)
    moving = {
        change.address: entries.pop(change.moved_from)
        for change in plan.changes
        if change.moved_from is not None and change.moved_from in entries
    }
    entries |= moving
    going = {change.address for change in plan.changes if change.steps and change.entry is None}
    for change in plan.changes:
        if change.steps:
            _before_calls(entries, change)
        # What goes with its app stays on record until the app is gone.
        elif change.records and _parent(change.address) not in going:
            _put(entries, change, change.entry)
    settled = {change.address for change in plan.changes if not KINDS[change.address.kind].job or change.entry is None}
    pending = tuple(each for each in ledger.pending if each.address not in settled)
    return replace(ledger, entries=entries, pending=pending, serial=ledger.serial + 1, sources=plan.sources)


def _before_calls(entries: dict[Address, Entry], change: Change) -> None:
    """Record what the calls of a change won't: predecessors seen to be gone, and an object that stays as it is."""
    old = entries.get(change.address)
    if old is None or change.entry is None:
        return
    if any(step.effect in ("created", "updated") for step in change.steps):
        entries[change.address] = replace(old, deposed=change.entry.deposed)
    else:
        _put(entries, change, change.entry)


def _parent(address: Address) -> Address | None:
    parent = KINDS[address.kind].parent
    return Address(parent, address.name) if parent else None


def before_step(ledger: Ledger, step: Step, now: datetime) -> Ledger:
    """Record that an object is about to be made, so that a crash or a lost answer can't make it twice."""
    if step.effect != "created":
        return ledger
    begun = Pending(step.address, step.verb, now.isoformat(timespec="seconds"))
    return replace(ledger, pending=(*without_pending(ledger, step.address).pending, begun))


def without_pending(ledger: Ledger, address: Address) -> Ledger:
    """Record that it is known how an operation ended."""
    left = tuple(each for each in ledger.pending if each.address != address)
    return replace(ledger, pending=left) if len(left) != len(ledger.pending) else ledger


def _put(entries: dict[Address, Entry], change: Change, entry: Entry | None) -> None:
    if entry is None:
        entries.pop(change.address, None)
        return
    prints = {path: _seen(entry.secrets.get(path), secret) for path, secret in change.secrets.items()}
    entries[change.address] = replace(entry, secrets=prints)


def _seen(last: Fingerprint | None, secret: Secret) -> Fingerprint:
    """Return the fingerprint of a secret that was found as declared: the last write's, which knows masks, or a new one.

    An object that was never written has shown the very text.
    """
    return last if last is not None and last.was_sent(secret) else Fingerprint.of(secret, secret)


def after_step(ledger: Ledger, change: Change, step: Step, ids: Mapping[str, str], answer: Item) -> Ledger:
    """Record a step that is done; `ids` are the filled-in ids of its call."""
    old = ledger.entries.get(change.address)
    if step.effect in ("created", "updated") and change.entry is not None:
        new = _in_force(ledger, change, step, ids, answer)
    elif step.effect == "deposed-deleted" and old is not None:
        new = replace(old, deposed=tuple(each for each in old.deposed if each != dict(ids)))
    else:
        return ledger
    ledger = without_pending(ledger, change.address) if step.effect == "created" else ledger
    return replace(ledger, entries={**ledger.entries, change.address: new})


def after_change(ledger: Ledger, change: Change) -> Ledger:
    """Record that all steps of a change are over: what was to go is gone, with all that hung on it."""
    if change.entry is not None or change.not_ours:
        return ledger
    left = {
        address: entry for address, entry in ledger.entries.items() if change.address not in (address, _parent(address))
    }
    return replace(ledger, entries=left) if len(left) != len(ledger.entries) else ledger


def _in_force(ledger: Ledger, change: Change, step: Step, ids: Mapping[str, str], answer: Item) -> Entry:
    kind = KINDS[change.address.kind]
    old = ledger.entries.get(change.address)
    planned = change.entry
    if planned is None:
        raise AssertionError("a change that builds something has an entry")
    created = step.effect == "created"
    before = {} if created or old is None else old.members
    later = {name for each in change.steps for name in each.settles if name not in step.settles}
    # What no step settles was seen to be as declared, also on an object that has just been adopted.
    settled = {name: resolve(value, ledger) for name, value in planned.members.items() if name not in later}
    kept = {name: value for name, value in before.items() if name in planned.members}
    deposed = old.deposed if old else ()
    if created and old is not None and any(each.call.ids == old.ids for each in _removals(change)):
        deposed = (old.ids, *deposed)
    if created:
        own: Mapping[str, str] = kind.made(ids, planned.members, answer)
    else:
        own = planned.ids or (old.ids if old else {})
    return replace(
        planned,
        ids=own,
        members={**kept, **settled},
        secrets=_fingerprints(kind, change, step, answer, {} if created or old is None else old.secrets),
        deposed=deposed,
    )


def _removals(change: Change) -> tuple[Step, ...]:
    return tuple(step for step in change.steps if step.effect == "deposed-deleted")


def _fingerprints(
    kind: Kind, change: Change, step: Step, answer: Item, before: Mapping[str, Fingerprint]
) -> dict[str, Fingerprint]:
    told = told_by(kind, answer, {}).members
    prints = {path: print_ for path, print_ in before.items() if path in change.secrets}
    for path, secret in change.secrets.items():
        names = tuple(path.split("."))
        if names[0] in step.settles:
            back = get(told, names)
            prints[path] = Fingerprint.of(secret, back if isinstance(back, Secret) else None)
    return prints


def told_by(kind: Kind, answer: Item, ids: Mapping[str, str]) -> RemoteObject:
    """Read the object out of the answer to a write."""
    item: Any = answer
    for name in kind.read.show_at if isinstance(kind.read, Embedded) else ():
        item = item.get(name) if isinstance(item, Mapping) else None
    return kind.parse(item if isinstance(item, Mapping) else {}, ids)


def resolve(value: Value, ledger: Ledger) -> Value:
    """Put the ids that are known by now in place of references.

    Raises:
        KeyError: the object that is referred to has not been made.
    """
    if isinstance(value, Ref):
        return ledger.entries[value.address].ids[value.id_name]
    if isinstance(value, Mapping):
        return {name: resolve(below, ledger) for name, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve(below, ledger) for below in value]
    return value
