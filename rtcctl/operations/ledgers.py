"""Looking at a state and mending it by hand. No call is made, and no credentials are needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rtcctl.errors import UsageError
from rtcctl.kinds import KINDS
from rtcctl.manifest.words import harmless, nearest, suggestion
from rtcctl.model.address import Address, shortened
from rtcctl.state import edit

if TYPE_CHECKING:
    from rtcctl.model.edits import Forgotten, Moved
    from rtcctl.model.ledger import Ledger
    from rtcctl.model.resource import Desired, Project
    from rtcctl.state.store import Store


def address_of(text: str, account: str) -> Address:
    """Read `[ACCOUNT:]ADDRESS` as typed; a state holds one account, so the prefix can only repeat its name.

    Raises:
        UsageError: it is no address, or one of another account.
    """
    prefix, colon, rest = text.rpartition(":")
    if colon and prefix != account:
        message = f"{harmless(text)} is of the account {shortened(prefix)!r}, this manifest of {account!r}"
        raise UsageError(message, mend=f"write it without a prefix, or with {account}:")
    try:
        address = Address.parse(rest)
    except ValueError as error:
        raise UsageError(str(error)) from None
    kind = KINDS.get(address.kind)
    if kind is None:
        raise UsageError(f"{address}: there is no kind {address.kind}", mend=suggestion(address.kind, KINDS))
    if bool(address.child) != kind.many:
        form = f"{kind.name}/APP/NAME" if kind.many else f"{kind.name}/{'APP' if kind.parent else 'NAME'}"
        raise UsageError(f"{address} is no address of a {kind.name}", mend=f"write {form}")
    return address


def meant(address: Address, known: Iterable[Address], otherwise: str) -> str:
    """Return the mend for an address that is not among those known."""
    guess = nearest(str(address), map(str, known))
    return f"did you mean {guess}?" if guess else otherwise


def known_address(ledger: Ledger, project: Project, text: str) -> Address:
    """Read the address of something that the ledger speaks of.

    Raises:
        UsageError: it is no address, or the ledger does not know it.
    """
    address = address_of(text, project.account.name)
    known = edit.known(ledger)
    if address not in known:
        otherwise = "`rtcctl state list` names all" if known else "it owns nothing"
        raise UsageError(f"the state has no {address}", mend=meant(address, sorted(known), otherwise))
    return address


def move(state: Store, project: Project, old: str, new: str) -> Moved:
    """Rename an address in the state, with everything that hangs on it.

    Raises:
        UsageError: there is no such address, or it can't have that name.
        ForeignStateError: the state is not the one that is meant, or damaged.
        StateLockedError: another run holds it.
    """
    from rtcctl.model.edits import Moved

    with state.locked():
        ledger = state.load()
        former, target = known_address(ledger, project, old), address_of(new, project.account.name)
        after, pairs = edit.move(ledger, former, target)
        state.save(after)
    return Moved(pairs, after.serial)


def forget(state: Store, desired: Desired, text: str) -> Forgotten:
    """Drop an address from the state, with everything that hangs on it.

    Raises:
        UsageError: there is no such address.
        ForeignStateError: the state is not the one that is meant, or damaged.
        StateLockedError: another run holds it.
    """
    from rtcctl.model.edits import Forgotten

    with state.locked():
        ledger = state.load()
        address = known_address(ledger, desired.project, text)
        after, entries, settled = edit.forget(ledger, address)
        state.save(after)
    gone = edit.known(ledger) - edit.known(after)
    declared = {each: desired.resources[each].members for each in gone if each in desired.resources}
    rooms = {each: edit.room(declared.get(each, {})) for each in gone if KINDS[each.kind].job}
    # What was applied last says where the job records; the manifest may have changed since.
    rooms |= {each: edit.room(entry.members) for each, entry in entries.items() if edit.room(entry.members)}
    return Forgotten(address, entries, settled, frozenset(declared), rooms, after.serial)
