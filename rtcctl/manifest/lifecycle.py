"""`lifecycle.ignore_changes`: paths from an app's spec, handed to the resources whose members they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from rtcctl.errors import Diagnostic, Place
from rtcctl.kinds import KINDS, Kind, Member, children_of
from rtcctl.manifest.desired import Declared
from rtcctl.manifest.documents import APP
from rtcctl.manifest.words import quoted, suggestion
from rtcctl.model.address import Address
from rtcctl.model.values import Path

Ignored: TypeAlias = dict[Address, set[Path]]


class _UnknownPath(Exception):  # noqa: N818  (it is caught and reported at its place)
    """A path names nothing; `mend` says what it could be."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


def read_ignored(app: Declared, below: Sequence[Declared], problems: list[Diagnostic]) -> Ignored:
    """Return what `ignore_changes` of an app means for it and for what hangs on it."""
    found: Ignored = {}
    spec = app.document.data.get("spec")
    lifecycle = spec.get("lifecycle") if isinstance(spec, Mapping) else None
    paths = lifecycle.get("ignore_changes") if isinstance(lifecycle, Mapping) else None
    for index, path in enumerate(paths if isinstance(paths, list) else ()):
        if not isinstance(path, str):
            continue
        try:
            address, members = _locate(path, app.address, below)
        except _UnknownPath as unknown:
            place: Place = app.place_of("lifecycle", "ignore_changes", index)
            problems.append(Diagnostic(str(unknown), place, mend=unknown.mend))
            continue
        found.setdefault(address, set()).update(members)
    return found


def _locate(path: str, app: Address, below: Sequence[Declared]) -> tuple[Address, list[Path]]:
    """Return the resource that a path leads to, and the member paths it stands for there."""
    head, _, rest = path.partition(".")
    kinds = {kind.manifest_key: kind for kind in children_of(APP)}
    kind = kinds.get(head)
    if kind is None:
        own = KINDS[APP].members
        names = [member.name for member in own]
        if head not in names:
            raise _UnknownPath(f"{quoted(path)} names no member of spec", suggestion(head, [*names, *kinds]))
        return app, [_member_path(own, path, path)]
    if not kind.many:
        address = Address(kind.name, app.name)
        if not any(declared.address == address for declared in below):
            raise _UnknownPath(f"{quoted(path)}: the app declares no {head}", f"declare {head}, or remove the path")
        return address, _paths(kind, rest, path)
    address, rest = _named(kind, rest, path, below)
    return address, _paths(kind, rest, path)


def _named(kind: Kind, rest: str, path: str, below: Sequence[Declared]) -> tuple[Address, str]:
    """Split a name, which may hold dots, off a path."""
    addresses = {declared.address.child: declared.address for declared in below if declared.address.kind == kind.name}
    fitting = [name for name in addresses if rest == name or rest.startswith(f"{name}.")]
    if not fitting:
        name = rest.partition(".")[0]
        mend = suggestion(name, addresses) or f"write {kind.manifest_key}.NAME.MEMBER"
        raise _UnknownPath(f"{quoted(path)} names none of the {kind.manifest_key}", mend)
    name = max(fitting, key=len)
    return addresses[name], rest[len(name) + 1 :]


def _paths(kind: Kind, rest: str, path: str) -> list[Path]:
    """Return the member path; all of the kind's members where the path ends at the resource."""
    if not rest:
        return [(member.name,) for member in kind.members]
    return [_member_path(kind.members, rest, path)]


def _member_path(members: Sequence[Member], rest: str, path: str) -> Path:
    """Return a path in the API's names, each step checked."""
    found: Path = ()
    for step in rest.split("."):
        known = {name: member for member in members for name in (member.name, member.refer_as) if name}
        if step not in known:
            mend = (
                suggestion(step, known) if known else f"write {quoted(path.rpartition('.')[0])}: it counts as a whole"
            )
            raise _UnknownPath(f"{quoted(path)} names no member", mend)
        found = (*found, known[step].name)
        members = known[step].members if known[step].type == "object" else ()
    return found
