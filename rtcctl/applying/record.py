"""What each step changes in the ledger: pure functions to deltas."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from rtcctl.applying.book import Book
from rtcctl.kinds import KINDS, Embedded, Item, Kind, Write
from rtcctl.model.address import Address
from rtcctl.model.ledger import Delta, Entry, Fingerprint, Ledger, Pending
from rtcctl.model.plan import Change, Plan, Step
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import PLAIN, Ref, Secret, Value, get


def bookkeeping(plan: Plan, stored: Ledger, known: Ledger, lost: Collection[Address] = ()) -> Delta:
    """Record what needs no call: moved addresses, adopted and forgotten objects, what an earlier run left pending.

    `known` is the stored ledger with what has been learned of the account since. `lost` are jobs whose start never
    came to an end that is known; they stay pending.
    """
    entries = dict(stored.entries)
    moving = {
        change.address: entries.pop(change.moved_from)
        for change in plan.changes
        if change.moved_from is not None and change.moved_from in entries
    }
    entries |= moving
    going = {change.address for change in plan.changes if change.steps and change.entry is None}
    for change in plan.changes:
        if change.address in lost:
            continue
        if change.steps:
            _before_calls(entries, change)
        # What goes with its app stays on record until the app is gone.
        elif change.records and _parent(change.address) not in going:
            _put(entries, change, change.entry)
    identity = {name: value for name, value in known.binding.identity.items() if name not in stored.binding.identity}
    return Delta(
        entries=_differing(stored.entries, entries),
        settled=frozenset(_settled(plan, stored, lost)),
        serial=stored.serial + 1,
        sources=plan.sources,
        identity=identity or None,
    )


def says_something(delta: Delta, stored: Ledger) -> bool:
    """Tell whether bookkeeping is worth a version of the state.

    More about a known account can wait for the next change; a first word can't.
    """
    told = bool(delta.identity) and not stored.binding.identity
    model = delta.throttle not in (None, stored.throttle)
    return bool(delta.entries or delta.settled) or delta.sources != stored.sources or told or model


def _differing(before: Mapping[Address, Entry], after: Mapping[Address, Entry]) -> dict[Address, Entry | None]:
    gone: dict[Address, Entry | None] = {address: None for address in before if address not in after}
    return gone | {address: entry for address, entry in after.items() if before.get(address) != entry}


def _settled(plan: Plan, stored: Ledger, lost: Collection[Address]) -> list[Address]:
    """Return the addresses whose pending operation is settled by what was read for the plan.

    The start of a job is not, for jobs can't be listed; unless its address is given up.
    """
    forgotten = {change.address for change in plan.changes if change.entry is None}
    return [
        each.address
        for each in stored.pending
        if each.address not in lost and (not (KINDS[each.address.kind].job and each.makes) or each.address in forgotten)
    ]


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


def before_step(step: Step, now: datetime) -> Delta:
    """Record that a call is about to leave, so that a crash or a lost answer can't make anything twice."""
    return Delta(begun=(Pending(step.address, step.verb, now.isoformat(timespec="seconds")),))


def settled(address: Address) -> Delta:
    """Record that it is known how an operation ended."""
    return Delta(settled=frozenset({address}))


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


def after_step(book: Book, change: Change, step: Step, ids: Mapping[str, str], answer: Item, *, last: bool) -> Delta:
    """Record a step that is done; `ids` are the filled-in ids of its call, `last` says that its change is over."""
    entries: dict[Address, Entry | None] = {}
    old = book.entries.get(change.address)
    if step.effect in ("created", "updated") and change.entry is not None:
        entries[change.address] = _in_force(book, change, step, ids, answer)
    elif step.effect == "deposed-deleted" and old is not None:
        entries[change.address] = replace(old, deposed=tuple(each for each in old.deposed if each != dict(ids)))
    elif step.only_if_refused and old is not None and old.ids == dict(ids):
        # It only prepares another call. Should that never come, the next plan knows that this was not the user.
        entries[change.address] = replace(old, members={**old.members, **KINDS[step.address.kind].sets(step.verb)})
    if last:
        entries |= after_change(book, change)
    return Delta(entries=entries, settled=frozenset({step.address}))


def taken_back(book: Book, address: Address, write: Write, declared: Collection[str]) -> Delta:
    """Record that a preparing call was taken back; of what that sets, only the `declared` members are on record."""
    entries: dict[Address, Entry | None] = {}
    entry = book.entries.get(address)
    if entry is not None and entry.ids == dict(write.call.ids):
        sets = KINDS[address.kind].sets(write.verb)
        kept = {name: value for name, value in entry.members.items() if name not in sets}
        entries[address] = replace(entry, members=kept | {name: sets[name] for name in sets if name in declared})
    return Delta(entries=entries, settled=frozenset({address}))


def after_change(book: Book, change: Change) -> dict[Address, Entry | None]:
    """Record that all steps of a change are over: what was to go is gone, with all that hung on it."""
    if change.entry is not None or change.not_ours:
        return {}
    return dict.fromkeys(book.with_below(change.address))


def _in_force(book: Book, change: Change, step: Step, ids: Mapping[str, str], answer: Item) -> Entry:
    kind = KINDS[change.address.kind]
    old = book.entries.get(change.address)
    planned = change.entry
    if planned is None:
        raise AssertionError("a change that builds something has an entry")
    created = step.effect == "created"
    before = {} if created or old is None else old.members
    later = {name for each in change.steps for name in each.settles if name not in step.settles}
    # What no step settles was seen to be as declared, also on an object that has just been adopted.
    settled = {name: resolve(value, book) for name, value in planned.members.items() if name not in later}
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
    if not change.secrets:
        return {}
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


def resolve(value: Value, book: Book) -> Value:
    """Put the ids that are known by now in place of references.

    Raises:
        KeyError: the object that is referred to has not been made.
    """
    if value.__class__ in PLAIN:
        return value
    if isinstance(value, Ref):
        return book.entries[value.address].ids[value.id_name]
    if isinstance(value, Mapping):
        return {name: resolve(below, book) for name, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve(below, book) for below in value]
    return value
