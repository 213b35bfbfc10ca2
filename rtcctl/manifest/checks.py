"""What no single member shows: references, names given twice, objects claimed twice, moves, and what kinds check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rtcctl.diff.secrets import secrets_of
from rtcctl.errors import Diagnostic
from rtcctl.kinds import KINDS, Member
from rtcctl.kinds.auto_record_mode import OFF
from rtcctl.manifest.desired import Declared
from rtcctl.manifest.documents import APP
from rtcctl.manifest.words import quoted, suggestion
from rtcctl.model.address import Address
from rtcctl.model.values import Path, Ref, Value, dotted, get

_DISABLED = "DEACTIVATION"


def check(declared: Sequence[Declared], problems: list[Diagnostic]) -> None:
    """Report everything that is wrong between resources, and within one beyond its schema."""
    known = {one.address for one in declared}
    problems.extend(_duplicates(declared))
    problems.extend(_claims(declared))
    problems.extend(_moves(declared, known))
    problems.extend(_under_disabled_apps(declared))
    problems.extend(_authorized_elsewhere(declared))
    for one in declared:
        problems.extend(_references(one, known))
        problems.extend(_findings(one))
        problems.extend(_secrets_in_clear(one))


def _findings(one: Declared) -> Iterator[Diagnostic]:
    """Say what the kind itself has to say, unless its members are not even what the schema asks for."""
    kind = KINDS[one.address.kind]
    names = frozenset(name for member in kind.members for name in (member.name, member.refer_as))
    if not one.document.is_sound(one.path, names):
        return
    for finding in kind.check(one.resource.members):
        named = tuple(step for step in finding.path if isinstance(step, str))
        place = one.resource.place(named) if named == finding.path else one.place_of(*finding.path)
        yield Diagnostic(finding.message, place, mend=finding.mend, severity=finding.severity)


def _duplicates(declared: Iterable[Declared]) -> Iterator[Diagnostic]:
    """Tell of two resources of one name in one app (documents of one name are told of elsewhere)."""
    first: dict[Address, Declared] = {}
    for one in declared:
        before = first.setdefault(one.address, one)
        if before is not one and before.document is one.document:
            message = f"{one.address} is declared before, at {before.place_of('name')}"
            yield Diagnostic(message, one.place_of("name"), mend="keep one of the two, or rename one")


def _claims(declared: Iterable[Declared]) -> Iterator[Diagnostic]:
    """Tell of two resources that are one and the same object to the service."""
    first: dict[tuple[str, str, tuple[str, ...]], Declared] = {}
    for one in declared:
        kind = KINDS[one.address.kind]
        key = kind.natural_key(one.resource.members)
        if not key or not all(key):
            continue
        before = first.setdefault((kind.name, one.address.name if kind.parent else "", key), one)
        if before.address == one.address:
            continue
        members = one.resource.members
        paths = [next(path for path, _ in kind.leaves if get(members, path) == part) for part in key]
        what = " and ".join(f"{dotted(path)} {quoted(part)}" for path, part in zip(paths, key, strict=True))
        there = before.resource.place(paths[0]) or before.place
        message = f"{one.address} and {before.address} (at {there}) are one object to the service: both have {what}"
        mend = f"keep one of the two, or change {dotted(paths[0])}"
        yield Diagnostic(message, one.resource.place(paths[0]), mend=mend)


def _references(one: Declared, known: set[Address]) -> Iterator[Diagnostic]:
    """Tell of references that lead nowhere."""
    for path, ref in _refs(one.resource.members, ()):
        if ref.address in known:
            continue
        siblings = [a.child for a in known if (a.kind, a.name) == (ref.address.kind, ref.address.name)]
        key = KINDS[ref.address.kind].manifest_key
        mend = suggestion(ref.address.child, sorted(siblings)) or f"declare it under {key}"
        member = _member(KINDS[one.address.kind].members, path)
        place = one.place_of(*path[:-1], member.refer_as)
        message = f"{member.refer_as} {quoted(ref.address.child)} names nothing among the app's {key}"
        yield Diagnostic(message, place, mend=mend)


def _refs(value: Value, path: Path) -> Iterator[tuple[Path, Ref]]:
    if isinstance(value, Ref):
        yield path, value
    elif isinstance(value, Mapping):
        for name, below in value.items():
            yield from _refs(below, (*path, name))


def _member(members: Sequence[Member], path: Path) -> Member:
    found = next(member for member in members if member.name == path[0])
    return _member(found.members, path[1:]) if path[1:] else found


def _under_disabled_apps(declared: Sequence[Declared]) -> Iterator[Diagnostic]:
    """Tell of jobs and automatic recording that a disabled app would refuse."""
    disabled = {
        one.address.name
        for one in declared
        if one.address.kind == APP and one.resource.members.get("state") == _DISABLED
    }
    for one in declared:
        if one.address.name not in disabled:
            continue
        mode = one.resource.members.get("mode", OFF)
        if KINDS[one.address.kind].job or mode != OFF:
            message = f"{one.address} can't run in an app under 'state: {_DISABLED}'"
            place = one.place if mode == OFF else one.resource.place(("mode",))
            yield Diagnostic(message, place, mend="remove it, or set 'state: ACTIVATION'")


def _authorized_elsewhere(declared: Sequence[Declared]) -> Iterator[Diagnostic]:
    """Warn of a bucket that is authorized in other regions than the one in which a rule records into it."""
    wanted: dict[tuple[str, tuple[str, ...]], Declared] = {}
    for one in declared:
        for kind, key in KINDS[one.address.kind].uses(one.resource.members):
            if all(key) and not one.document.faulty:
                wanted.setdefault((kind, key), one)
    grants: dict[tuple[str, str], list[Declared]] = {}
    for one in declared:
        bucket = one.resource.members.get("bucket")
        if isinstance(bucket, str) and not one.document.faulty:
            grants.setdefault((one.address.kind, bucket), []).append(one)
    for (kind, (bucket, location)), rule in wanted.items():
        found = grants.get((kind, bucket), [])
        if any(one.resource.members.get("location") == location for one in found):
            continue
        for one in found:
            yield Diagnostic(
                f"bucket {quoted(bucket)} is authorized in {one.resource.members.get('location')}, and {rule.address} "
                f"records into it in {location}",
                one.resource.place(("location",)),
                mend=f"set 'location: {location}', or recordings may be lost",
                severity="warning",
            )


def _secrets_in_clear(one: Declared) -> Iterator[Diagnostic]:
    """Warn of secrets that stand in the manifest themselves; a default may be there for trying it out."""
    for path, secret in secrets_of(one.resource.members, KINDS[one.address.kind]).items():
        steps = tuple(path.split("."))
        if secret and secret.origin == "manifest" and "${" not in str(one.node(*steps).value):
            yield Diagnostic(
                f"{path} stands in the manifest in clear",
                one.resource.place(steps),
                mend="put it into a variable, ${env:NAME} alone, or a file, ${file:PATH}: no plan is saved with it",
                severity="warning",
            )


def _moves(declared: Sequence[Declared], known: set[Address]) -> Iterator[Diagnostic]:
    """Tell of moves from something that is still there, from itself, and of two moves from one."""
    first: dict[Address, Declared] = {}
    for one in declared:
        former = one.resource.moved_from
        if former is None:
            continue
        place = one.place_of("moved_from")
        if former == one.address:
            yield Diagnostic(f"{one.address} is moved from itself", place, mend="name the former name, or remove it")
        elif former in known:
            mend = f"remove {former}, or remove moved_from"
            yield Diagnostic(f"{one.address} is moved from {former}, which is still declared", place, mend=mend)
        else:
            before = first.setdefault(former, one)
            if before is not one:
                message = f"{one.address} and {before.address} are both moved from {former}"
                yield Diagnostic(message, place, mend="keep one of the two")
