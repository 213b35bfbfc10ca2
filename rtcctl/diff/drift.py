"""Drift: what is live against what was last applied, whatever is declared today."""

from __future__ import annotations

from collections.abc import Iterator

from rtcctl.diff.compare import Difference, as_told
from rtcctl.diff.normalize import is_empty, normalize
from rtcctl.diff.secrets import is_masked, mask_moved
from rtcctl.kinds import Kind, Member
from rtcctl.model.ledger import Entry, Fingerprint
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Path, Secret, Value, dotted, get


def moved(kind: Kind, last: Entry, live: RemoteObject) -> tuple[Difference, ...]:
    """Return the members that are not as last applied: `old` is what was applied, `new` what is live.

    Only what was applied is judged. What was not read can't have been seen to move.
    """
    return () if live.assumed else tuple(_moved(kind, last, live))


def _moved(kind: Kind, last: Entry, live: RemoteObject) -> Iterator[Difference]:
    in_force = {**live.members, **last.members}  # what is ignored is not on record
    for path, member in kind.leaves:
        if member.write_only or not kind.compared(path, in_force, live):
            continue
        was, have = get(last.members, path), get(live.members, path)
        print_ = last.secrets.get(dotted(path))
        if member.sensitive:
            if print_ is not None and _secret_moved(print_, have):
                yield Difference(path, member, None, have, relation="different")
        elif not is_empty(was) and _differs(member, was, have):
            yield Difference(path, member, was, have)


def _differs(member: Member, was: Value, have: Value) -> bool:
    there = as_told(member, have, was)
    return normalize(member, was) != normalize(member, there)


def _secret_moved(last: Fingerprint, have: Value) -> bool:
    """Judge by what came back after the last write; where nothing did, a mask tells nothing."""
    if not isinstance(have, Secret) or not have:
        return bool(last.read)
    return mask_moved(last, have) if is_masked(have) else not last.was_sent(have)


def paths(differences: tuple[Difference, ...]) -> frozenset[Path]:
    """Return the paths of what differs."""
    return frozenset(difference.path for difference in differences)
