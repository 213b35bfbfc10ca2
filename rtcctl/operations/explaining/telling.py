"""What is declared of a place, put into words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rtcctl.kinds import KINDS, Ids, Kind
from rtcctl.model.address import Address
from rtcctl.model.explanation import Brief, Effect, Explanation
from rtcctl.model.limits import LIMITS
from rtcctl.model.plan import Action
from rtcctl.model.values import Members, Ref
from rtcctl.operations.explaining import words
from rtcctl.operations.explaining.finding import Spot, below, find
from rtcctl.planner.consequences import Meaning, meanings

_SPEC = "spec"
_ACTIONS: tuple[Action, ...] = ("create", "update", "replace", "delete", "forget")


def all_kinds() -> tuple[Brief, ...]:
    """Return every kind: its name, where it stands in a manifest, and what it is."""
    from rtcctl.schema.manifest import document_kinds

    own = {kind.name for kind in document_kinds()}
    kinds = [
        Brief(kind.name, "a document" if kind.name in own else f"{kind.parent}.spec.{kind.manifest_key}", kind.doc)
        for kind in KINDS.values()
    ]
    return (*kinds, Brief("Project", "a document", find("Project").schema["description"]))


def explain(text: str) -> Explanation:
    """Explain what a path means.

    Raises:
        UsageError: there is no such kind or member.
    """
    spot = find(text)
    if spot.is_kind:
        return _kind(spot)
    member = spot.member
    if member is None or spot.by_reference:
        return _of_schema(spot)
    return Explanation(
        path=spot.shown,
        type=_type(spot),
        doc=member.doc,
        required=spot.required,
        unit=member.unit,
        default=_shown(member.default),
        default_of="the service" if member.default is not None else "",
        limits=tuple(words.limits(spot.schema)),
        values=words.values(member),
        notes=tuple(words.notes(spot.trail)),
        change=_change(spot),
        effects=_effects(spot),
        source=next(
            (each.source for each in reversed(spot.trail) if each.source), spot.kind.source if spot.kind else ""
        ),
        members=_briefs(spot),
    )


def _kind(spot: Spot) -> Explanation:
    kind = spot.kind
    if kind is None:
        return _of_schema(spot)
    return Explanation(
        path=spot.shown,
        type="a document" if not kind.parent else f"{'list of objects' if kind.many else 'object'} under {kind.parent}",
        doc=kind.doc,
        notes=tuple(_kind_notes(kind)),
        effects=tuple(_lifelong(kind)),
        source=kind.source,
        members=_briefs(spot),
    )


def _lifelong(kind: Kind) -> Iterator[Effect]:
    """Yield what every action on an object of a kind means; actions that mean the same stand together."""
    actions: dict[Meaning, list[str]] = {}
    for action in _ACTIONS:
        for each in meanings(kind.name, (action,)):
            actions.setdefault(each, []).append(action)
    for each, names in actions.items():
        when = f", when {each.when}" if each.when else ""
        yield Effect(each.says, f"{' or '.join(names)}{when}", _open(each.source))


def _open(source: str) -> str:
    """Leave out of a source what readers can't open: the notes that the project was built from."""
    return "; ".join(part for part in source.split("; ") if "NOTES" not in part)


def _kind_notes(kind: Kind) -> Iterator[str]:
    form = f"{kind.name}/{'APP' if kind.parent else 'NAME'}{'/NAME' if kind.many else ''}"
    yield f"address: {form}"
    if kind.id_name:
        yield f"computed by the service: {kind.id_name}"
    if kind.job:
        yield "ends by itself; found by its job_id alone, which only the state knows"
    if kind.keeps_adopted:
        yield "one that stood before rtcctl came is forgotten, never deleted"
    limit = LIMITS.get(kind.category)
    if limit is not None:
        yield f"documented limit: {limit.calls} calls in {limit.seconds:g} s ({kind.category})"


def _of_schema(spot: Spot) -> Explanation:
    """Explain what the manifest alone knows: envelope, project, lifecycle, names, references."""
    schema = spot.schema
    member = spot.member
    return Explanation(
        path=spot.shown,
        type=_type(spot),
        doc=str(schema.get("description", "")) or _constant(schema),
        required=spot.required,
        default=_shown(schema.get("default")),
        default_of="rtcctl" if "default" in schema else "",
        limits=tuple(words.limits(schema)),
        values=tuple(_shown(value) for value in schema.get("enum", ())),
        notes=(f"stands for {member.name}; give one of the two",) if member is not None else (),
        change=_change(spot) if member is not None else str(schema.get("x-change", "")),
        effects=_effects(spot) if member is not None else (),
        members=_briefs(spot),
    )


def _constant(schema: Mapping[str, Any]) -> str:
    return f"Always {schema['const']}." if "const" in schema else ""


def _type(spot: Spot) -> str:
    return _type_of(spot.schema)


def _type_of(schema: Mapping[str, Any]) -> str:
    found = str(schema.get("type", "string"))
    if found != "array":
        return found
    inner = str(schema.get("items", {}).get("type", "string"))
    return f"list of {inner}s"


def _briefs(spot: Spot) -> tuple[Brief, ...]:
    options = dict(below(spot))
    if _SPEC in options and spot.is_kind:
        options = dict(below(options[_SPEC]))
    return tuple(
        Brief(name, _type_of(each.schema), each.kind.doc if each.is_kind and each.kind else _doc(each), each.required)
        for name, each in options.items()
    )


def _doc(spot: Spot) -> str:
    if spot.member is not None and not spot.by_reference:
        return spot.member.doc
    return str(spot.schema.get("description", "")) or _constant(spot.schema)


def _change(spot: Spot) -> str:
    """Say what a change of a member does: which call it makes, or what it replaces."""
    kind = spot.kind
    if kind is None or not spot.trail:
        return ""
    if any(each.immutable for each in spot.trail):
        old = "stops the old one" if kind.job else "removes the old one"
        return f"makes a new {kind.name}, then {old}"
    last = spot.trail[-1]
    bodies: list[Members] = [{last.name: value} for value in last.enum] if len(spot.trail) == 1 else []
    calls = dict.fromkeys(
        f"{each.call.method} {each.call.path}"
        for body in bodies or [{}]
        for each in kind.update(body, frozenset(spot.path[:1]), _ids(kind))
    )
    return f"calls {' or '.join(calls)}"


def _ids(kind: Kind) -> Ids:
    names = [name for name in ("app_id", kind.id_name) if name]
    return {name: Ref(Address(kind.name, "NAME"), name) for name in names}


def _effects(spot: Spot) -> tuple[Effect, ...]:
    if spot.kind is None:
        return ()
    actions: tuple[Action, ...] = ("replace",) if any(each.immutable for each in spot.trail) else ("update",)
    found = meanings(spot.kind.name, actions, spot.path)
    return tuple(Effect(each.says, f"when {each.when}" if each.when else "", _open(each.source)) for each in found)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
