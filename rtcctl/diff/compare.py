"""The three-way member rule: declared members are desired, dropped ones are reset, the rest is left alone.

- declared: compared with live;
- in last-applied and no longer declared: reset to the server's default;
- never declared, or in `ignore_changes`: not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from rtcctl.diff.normalize import is_empty, normalize
from rtcctl.diff.secrets import Relation
from rtcctl.diff.secrets import relation as relate
from rtcctl.kinds import Kind, Member
from rtcctl.model.ledger import Entry
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Path, Secret, Value, dotted, get, put, without


class Difference(Struct, frozen=True):
    """One member that is not as it should be. `reset`: it goes back to the server's default.

    `relation` tells how a sensitive member stands to the declared one.
    """

    path: Path
    member: Member
    old: Value
    new: Value = None
    reset: bool = False
    relation: Relation | None = None


class Comparison(Struct, frozen=True):
    """All differences of one object, and the number of members found equal."""

    differences: tuple[Difference, ...] = ()
    equal: int = 0


def is_ignored(path: Path, ignored: frozenset[Path]) -> bool:
    """Tell whether a member, or something around it, is in `ignore_changes`."""
    return any(path[: len(prefix)] == prefix for prefix in ignored)


def compare(
    kind: Kind, desired: Members, live: RemoteObject, last: Entry | None, ignored: frozenset[Path] = frozenset()
) -> Comparison:
    """Compare a declared object with a live one; `desired` has its known references resolved to ids."""
    judged = list(_judge(kind, desired, live, last, ignored))
    found = tuple(difference for difference in judged if difference is not None)
    return Comparison(found, len(judged) - len(found))


def _judge(
    kind: Kind, desired: Members, live: RemoteObject, last: Entry | None, ignored: frozenset[Path]
) -> Iterator[Difference | None]:
    """Yield a difference, or None for a member found equal."""
    applied: Members = last.members if last else {}
    fingerprints = last.secrets if last else {}
    in_force = coming(kind, desired, live.members, ignored)
    for path, member in kind.leaves:
        if (ignored and is_ignored(path, ignored)) or not kind.compared(path, in_force, live):
            continue
        want, was, have = (get(members, path) for members in (desired, applied, live.members))
        if member.default is not None:  # an empty text leaves the default to the service, as if it were not declared
            want, was = (None if is_empty(value) else value for value in (want, was))
        if isinstance(want, Secret):
            there = have if isinstance(have, Secret) else None
            how = relate(want, there, fingerprints.get(dotted(path)), assumed=live.assumed)
            yield None if how == "equal" else Difference(path, member, have, want, relation=how)
        elif want is not None:
            yield _declared(path, member, want, have, was)
        elif was is not None or dotted(path) in fingerprints:
            # A job's update keeps what it omits: without a default to send the value stays, and a plan must not lie.
            stays = kind.keeps_omitted and member.default is None
            yield None if stays else _dropped(path, member, have, assumed=live.assumed)


def coming(kind: Kind, desired: Members, live: Members, ignored: frozenset[Path]) -> Members:
    """Return what will be in force: as declared, but as live where a change is ignored."""
    if not ignored:
        return desired
    found = without(desired, ignored)
    for path, _ in kind.leaves:
        if is_ignored(path, ignored):
            put(found, path, get(live, path))
    return found


def _declared(path: Path, member: Member, want: Value, have: Value, was: Value) -> Difference | None:
    if member.immutable and have is None and was is None and member.default is None:
        return None  # never told and never applied: nothing is torn down for what can't be seen
    # Of what is write-only there is nothing but our own word; an adopted object has none and is taken as it is.
    old = (want if was is None else was) if member.write_only else as_told(member, have, was)
    if normalize(member, want) == normalize(member, old) or (is_empty(want) and is_empty(old)):
        return None
    return Difference(path, member, old, want)


def as_told(member: Member, have: Value, was: Value) -> Value:
    """Say what holds, also when the service leaves a member out of its answer, as its samples freely do.

    A text or list that may be empty is then taken to be empty; anything else to be as last applied, or the default.
    """
    if have is not None:
        return have
    free_text = member.type == "string" and not member.enum
    if (free_text or member.type == "array") and not member.immutable and not member.required:
        return None
    return was if was is not None else member.default


def _dropped(path: Path, member: Member, have: Value, *, assumed: bool) -> Difference | None:
    if member.required:  # what is in force can't be without it: only ignore_changes keeps a config that is not declared
        return None
    if assumed and member.sensitive:  # it was applied, so it is there; only its text is not known
        return Difference(path, member, have, reset=True, relation="unknown")
    if is_empty(have) or (isinstance(have, Secret) and not have) or have == member.default or member.write_only:
        return None
    return Difference(path, member, have, reset=True, relation="different" if member.sensitive else None)
