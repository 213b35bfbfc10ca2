"""Editing a ledger by hand: pure functions from ledger to ledger. Each new version has a serial one up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from rtcctl.errors import UsageError
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Ledger, Pending
from rtcctl.model.values import Members, get


def known(ledger: Ledger) -> frozenset[Address]:
    """Return every address that the ledger speaks of: owned, or begun and never heard of again."""
    return frozenset(ledger.entries) | {pending.address for pending in ledger.pending}


def renamed(address: Address, old: Address, new: Address) -> Address:
    """Return what an address is called after a rename: what hangs on the renamed object inherits its name."""
    if address == old:
        return new
    return replace(address, name=new.name) if _hangs_on(address, old) else address


def move(ledger: Ledger, old: Address, new: Address) -> tuple[Ledger, tuple[tuple[Address, Address], ...]]:
    """Rename an address with everything that hangs on it; return the ledger and the pairs of names.

    Raises:
        UsageError: the new address is taken, of another kind, or under another parent.
    """
    parent = KINDS[old.kind].parent
    if old.kind != new.kind:
        raise UsageError(f"{old} can't be called {new}: their kinds differ")
    if parent and old.name != new.name:
        mend = f"to rename the whole app: rtcctl state mv {Address(parent, old.name)} {Address(parent, new.name)}"
        raise UsageError(f"{old} hangs on {Address(parent, old.name)} and can't go to another app", mend=mend)
    addresses = known(ledger)
    taken = _together(addresses, new)
    if taken:
        raise UsageError(f"{taken[0]} is in the state already", mend="choose another name, or forget that one first")
    pairs = tuple((address, renamed(address, old, new)) for address in _together(addresses, old))
    names = dict(pairs)
    after = replace(
        ledger,
        entries={names.get(address, address): entry for address, entry in ledger.entries.items()},
        pending=tuple(replace(each, address=names.get(each.address, each.address)) for each in ledger.pending),
        serial=ledger.serial + 1,
    )
    return after, pairs


def forget(ledger: Ledger, address: Address) -> tuple[Ledger, Mapping[Address, Entry], tuple[Pending, ...]]:
    """Drop an address with everything that hangs on it; return the ledger, and the entries and operations dropped."""
    going = frozenset(_together(known(ledger), address))
    after = replace(
        ledger,
        entries={each: entry for each, entry in ledger.entries.items() if each not in going},
        pending=tuple(each for each in ledger.pending if each.address not in going),
        serial=ledger.serial + 1,
    )
    dropped = {each: entry for each, entry in ledger.entries.items() if each in going}
    return after, dropped, tuple(each for each in ledger.pending if each.address in going)


def check_free(ledger: Ledger, address: Address, own_id: str) -> None:
    """Refuse to take an object under an address that has another one, or one that another address has.

    An apply may have begun to replace the address's object: then the one that is taken is its successor.

    Raises:
        UsageError: the ledger says no; it names what is in the way.
    """
    kind = KINDS[address.kind]
    for other, entry in ledger.entries.items():
        ids = (entry.ids.get(kind.id_name), *(each.get(kind.id_name) for each in entry.deposed))
        if other.kind == address.kind and other != address and own_id in ids:
            mend = f"to give it the other name: rtcctl state mv {other} {address}"
            raise UsageError(f"{kind.id_name} {own_id} is {other}'s", mend=mend)
    owned = ledger.entries.get(address)
    has = owned.ids.get(kind.id_name, "") if owned else ""
    if owned and has not in ("", own_id) and not owned.stopped and not is_begun(ledger, address):
        raise UsageError(
            f"{address} is owned already: {kind.id_name} {has}, which is not known to be over",
            mend=f"if that one is over or is not wanted any more: rtcctl state forget {address}, then import again",
        )


def take(ledger: Ledger, address: Address, ids: Mapping[str, str], *, stopped: str, prevent_destroy: bool) -> Ledger:
    """Own an object under an address that is free for it, and settle what was begun there.

    An owned object that is not known to be over becomes the predecessor that still has to go. Nothing counts as last
    applied, so that nothing is ever reset that somebody else has set.
    """
    old = ledger.entries.get(address)
    if old is not None and old.ids == ids:
        entry = replace(old, stopped=stopped, prevent_destroy=prevent_destroy)
    else:
        before = (*((old.ids,) if old.ids and not old.stopped else ()), *old.deposed) if old else ()
        entry = Entry(
            ids=dict(ids),
            adopted=not is_begun(ledger, address),
            prevent_destroy=prevent_destroy,
            deposed=tuple(each for each in before if each != ids),
            stopped=stopped,
        )
    return replace(
        ledger,
        entries={**ledger.entries, address: entry},
        pending=tuple(each for each in ledger.pending if each.address != address),
        serial=ledger.serial + 1,
    )


def is_begun(ledger: Ledger, address: Address) -> bool:
    """Tell whether an apply began something there and never learned how that ended."""
    return any(pending.address == address for pending in ledger.pending)


def room(members: Members) -> str:
    """Return the room of a job; empty where it is not told."""
    return str(get(members, ("mix_param", "room_id")) or members.get("room_id") or "")


def _together(addresses: Iterable[Address], top: Address) -> tuple[Address, ...]:
    """Return an address and what hangs on it, as far as they are there."""
    return tuple(
        sorted((each for each in addresses if each == top or _hangs_on(each, top)), key=lambda a: (a != top, a))
    )


def _hangs_on(address: Address, parent: Address) -> bool:
    return KINDS[address.kind].parent == parent.kind and address.name == parent.name
