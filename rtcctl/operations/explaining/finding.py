"""From a path as it is typed to what it means: the schema at that place, and the member's declaration if it has one.

A path begins with a kind and goes on as in the manifest; `spec` and the brackets of lists may be left out:
`App.mix_stream_jobs.mix_param.max_idle_time`, `MixStreamJob.mix_param.max_idle_time`, `App.metadata.name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.errors import UsageError
from rtcctl.kinds import KINDS, Kind, Member, children_of
from rtcctl.manifest.words import harmless, quoted, suggestion
from rtcctl.model.values import Path
from rtcctl.schema import manifest_schema

_INDEX = re.compile(r"\[\w*\]")
_ENVELOPE = ("apiVersion", "kind", "metadata", "spec")
_SPEC = "spec"
ANY = "NAME"
"""Stands for a name of the user's own choice."""
_DEEPEST = 50
_GUESSES = 3


class Spot(Struct, frozen=True):
    """A place in the manifest.

    `shown` is its path with `[]` behind lists. `members` are the declarations of what stands below, as far as a kind
    declares it; `trail` are those on the way here within `kind`, the last one its own. `is_kind` where the place is
    that of a whole kind.
    """

    shown: str
    schema: Mapping[str, Any]
    kind: Kind | None = None
    members: tuple[Member, ...] = ()
    trail: tuple[Member, ...] = ()
    required: bool = False
    is_kind: bool = False
    by_reference: bool = False

    @property
    def member(self) -> Member | None:
        """The declaration of this place; None where only the manifest knows it."""
        return self.trail[-1] if self.trail else None

    @property
    def path(self) -> Path:
        """The member's path within its kind, as the API names it."""
        return tuple(member.name for member in self.trail)

    @property
    def inner(self) -> Mapping[str, Any]:
        """The schema of the object that stands here, or of each item of a list."""
        items: Mapping[str, Any] = self.schema.get("items", self.schema)
        return items


def find(text: str) -> Spot:
    """Return the place that a path means.

    A member without its kind will do where only one is of that name.

    Raises:
        UsageError: there is no such kind or member; the mend guesses which one is meant.
    """
    first, *steps = (part for part in _INDEX.sub("", text).split("."))
    roots = _roots()
    if first not in roots:
        members = _ending_in(".".join((first, *steps)), paths())
        if len(members) != 1:
            raise UsageError(f"there is no kind {quoted(first)}", mend=_meant(members) or suggestion(first, roots))
        first, *steps = members[0].split(".")
    spot = roots[first]
    if len(steps) > _DEEPEST:
        raise UsageError(f"{first} has nothing so deep", mend=f"`rtcctl explain {first}` shows its members")
    for step in steps:
        spot = _step(spot, step)
    return spot


def below(spot: Spot) -> Iterator[tuple[str, Spot]]:
    """Yield what stands directly below, by name, in the order of the schema."""
    inner = spot.inner
    for name, schema in inner.get("properties", {}).items():
        yield name, _below(spot, name, schema)
    if isinstance(inner.get("additionalProperties"), dict):
        described = {"description": inner.get("description", ""), **inner["additionalProperties"]}
        yield ANY, Spot(f"{spot.shown}.{ANY}", described)


def paths() -> Iterator[str]:
    """Yield every path that can be explained, as it would be typed, each member under its own kind."""
    for name, root in _roots().items():
        yield name
        yield from (each for each in _paths(name, _starts(root)) if not each.startswith(f"{name}.spec."))


def _paths(prefix: str, spots: list[tuple[str, Spot]]) -> Iterator[str]:
    for name, spot in spots:
        yield f"{prefix}.{name}"
        if not spot.is_kind:  # a kind's members are named by the kind itself
            yield from _paths(f"{prefix}.{name}", list(below(spot)))


def _starts(root: Spot) -> list[tuple[str, Spot]]:
    found = list(below(root))
    spec = (
        next((spot for name, spot in found if name == _SPEC), None) if root.kind is None or _is_document(root) else None
    )
    return [*found, *(below(spec) if spec is not None else ())]


def _is_document(spot: Spot) -> bool:
    return spot.is_kind and set(_ENVELOPE) <= set(spot.schema.get("properties", {}))


def _roots() -> dict[str, Spot]:
    """Return every kind by name, documents first."""
    schema = manifest_schema()
    found = {name: Spot(name, document, KINDS.get(name), is_kind=True) for name, document in schema["$defs"].items()}
    for kind in KINDS.values():
        if kind.parent:
            parent = _step(found[kind.parent], _SPEC)
            found[kind.name] = _below(parent, kind.manifest_key, parent.inner["properties"][kind.manifest_key])
    return {name: found[name] for name in (*KINDS, *(each for each in found if each not in KINDS))}


def _step(spot: Spot, name: str) -> Spot:
    options = dict(below(spot))
    if name not in options and _is_document(spot):
        spec = options[_SPEC]
        options = {**dict(below(spec)), **options}
    if name in options:
        return options[name]
    if ANY in options:
        return replace(options[ANY], shown=f"{spot.shown}.{harmless(name)}")
    if not options:
        raise UsageError(f"{spot.shown} has no members", mend=f"`rtcctl explain {spot.shown}` tells what it is")
    message = f"{spot.shown} has no member {quoted(name)}"
    known = [each for each in options if each not in _ENVELOPE[:2]]
    deeper = _ending_in(name, (each.removeprefix(".") for each in _paths("", list(options.items()))))
    meant = _meant([each for each in deeper if not each.startswith(f"{_SPEC}.")])
    raise UsageError(message, mend=meant or suggestion(name, known))


def _below(spot: Spot, name: str, schema: Mapping[str, Any]) -> Spot:
    shown = f"{spot.shown}.{name}" + ("[]" if schema.get("type") == "array" else "")
    required = name in spot.inner.get("required", ())
    if spot.kind is not None and _is_document(spot):
        members = spot.kind.members if name == _SPEC else ()
        return Spot(shown, schema, spot.kind, members, required=required)
    child = _child(spot, name)
    if child is not None:
        return Spot(shown, schema, child, child.members, is_kind=True)
    for member in spot.members:
        if name in (member.name, member.refer_as):
            trail = (*spot.trail, member)
            by_reference = name == member.refer_as
            needed = required or (bool(member.refer_as) and member.required)
            return Spot(shown, schema, spot.kind, member.members, trail, needed, by_reference=by_reference)
    return Spot(shown, schema, spot.kind if spot.members else None, required=required)


def _child(spot: Spot, name: str) -> Kind | None:
    if spot.kind is None or spot.trail or spot.members is not spot.kind.members:
        return None
    return next((kind for kind in children_of(spot.kind.name) if kind.manifest_key == name), None)


def _ending_in(wanted: str, known: Iterable[str]) -> list[str]:
    """Return the paths that lead further down to a member of that name."""
    return [path for path in known if path.endswith(f".{wanted}")]


def _meant(members: list[str]) -> str:
    return f"did you mean {' or '.join(members[:_GUESSES])}?" if members else ""
