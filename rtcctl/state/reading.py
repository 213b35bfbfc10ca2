"""Snapshot and journal put together, and what is said where they can't be."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from msgspec import Struct

from rtcctl.errors import ForeignStateError
from rtcctl.model.ledger import Binding, Ledger, after
from rtcctl.state import binding as bindings
from rtcctl.state import codec
from rtcctl.state import journal as journals
from rtcctl.state.journal import Journal

_LATER = "nothing was called; use that later rtcctl"


class Stored(Struct, frozen=True):
    """What a place holds: the snapshot's text, None where there is none, and the journal's lines, head first.

    `torn` tells that the last line may have been cut off, as a file's can. `state` and `journal` are words for the two
    places, `restore` says what to do about a damaged snapshot.
    """

    snapshot: str | None
    lines: Sequence[bytes]
    state: str
    journal: str
    restore: str
    torn: bool = False


def put_together(stored: Stored, binding: Binding) -> Ledger:
    """Return the ledger that snapshot and journal make; an empty one of a new lineage where there is neither.

    A journal that is older than the snapshot was folded into it, and only its removal was cut off: it is left out.

    Raises:
        ForeignStateError: the state belongs to something else, is damaged, or its two parts don't fit each other.
    """
    ledger = _snapshot(stored, binding)
    journal = _journal(stored)
    if journal is None:
        return ledger if ledger is not None else Ledger(binding, lineage=secrets.token_hex(16))
    if ledger is None or journal.lineage != ledger.lineage or journal.serial > ledger.serial:
        raise _misfit(stored, ledger, journal)
    return after(ledger, journal.deltas) if journal.serial == ledger.serial else ledger


def _snapshot(stored: Stored, binding: Binding) -> Ledger | None:
    if stored.snapshot is None:
        return None
    try:
        ledger = codec.from_json(stored.snapshot)
    except codec.LaterVersionError as error:
        message = f"the state {stored.state} was written by a later rtcctl: {error}"
        raise ForeignStateError(message, mend=_LATER) from None
    except ValueError as error:
        raise ForeignStateError(f"the state {stored.state} is damaged: {error}", mend=stored.restore) from None
    bindings.check(ledger.binding, binding, stored.state)
    return ledger


def _journal(stored: Stored) -> Journal | None:
    try:
        return journals.read(stored.lines, torn=stored.torn)
    except codec.LaterVersionError as error:
        message = f"the journal {stored.journal} was written by a later rtcctl: {error}"
        raise ForeignStateError(message, mend=_LATER) from None
    except ValueError as error:
        raise ForeignStateError(f"the journal {stored.journal} is damaged: {error}", mend=_without(stored)) from None


def _misfit(stored: Stored, ledger: Ledger | None, journal: Journal) -> ForeignStateError:
    if ledger is None:
        what = f"the state {stored.state} is gone, but a journal of an apply upon it is there"
    elif journal.lineage != ledger.lineage:
        what = f"the journal {stored.journal} is of another state (lineage) than {stored.state}"
    else:
        what = f"the state {stored.state} has serial {ledger.serial}, older than {journal.serial}, its journal's"
    return ForeignStateError(what, mend=f"bring back the state that the journal belongs to, or {_without(stored)}")


def _without(stored: Stored) -> str:
    return f"move {stored.journal} away to go on without it: what the last apply did is then not known to the state"
