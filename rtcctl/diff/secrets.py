"""Judging secrets: in clear by comparison, masked by the fingerprints that the last write left."""

from __future__ import annotations

from typing import Literal, TypeAlias

from rtcctl.kinds import Kind
from rtcctl.model.ledger import Fingerprint
from rtcctl.model.values import Members, Secret, Value, dotted, get, without

Relation: TypeAlias = Literal["equal", "different", "unset", "unknown"]
"""How the live secret stands to the declared one."""

_MASKS = frozenset("*•●xX#")


def is_masked(secret: Secret) -> bool:
    """Tell whether the service gave back a mask. Whether it masks at all is unconfirmed (NOTES section 7)."""
    shown = secret.reveal()
    return "***" in shown or (bool(shown) and set(shown) <= _MASKS)


def relation(desired: Secret, live: Secret | None, last: Fingerprint | None, *, assumed: bool = False) -> Relation:
    """Compare a declared secret with what was read; `last` is what the last write left.

    Where nothing was read (`assumed`) the last write alone decides.
    """
    if assumed:
        unset: Relation = "unset" if last is None else "different"
        return "equal" if not desired or (last is not None and last.was_sent(desired)) else unset
    if live is None or not live:
        never_told = last is not None and not last.read and last.was_sent(desired)
        return "equal" if never_told or not desired else "unset"
    if not is_masked(live):
        return "equal" if desired == live else "different"
    if last is None:
        return "unknown"
    return "equal" if last.was_sent(desired) and not mask_moved(last, live) else "different"


def mask_moved(last: Fingerprint, mask: Secret) -> bool:
    """Tell whether a mask is another than the one that the last write gave back, as far as it gave one back."""
    return bool(last.read) and not last.echoed and not last.was_read(mask)


def without_secrets(members: Members, kind: Kind) -> dict[str, Value]:
    """Return the members as they may be kept in a state: sensitive ones left out."""
    return without(members, frozenset(path for path, member in kind.leaves if member.sensitive))


def secrets_of(members: Members, kind: Kind) -> dict[str, Secret]:
    """Return the sensitive members that are set, by dotted path."""
    found = ((path, get(members, path)) for path, member in kind.leaves if member.sensitive)
    return {dotted(path): value for path, value in found if isinstance(value, Secret)}
