"""The order of members: as the kinds declare them, what hangs on an app in the order of `KINDS`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from msgspec import Struct, field
from msgspec.structs import replace

from rtcctl.kinds import Kind, Member, children_of
from rtcctl.schema.manifest import document_kinds, manifest_schema
from rtcctl.schema.members import Schema


class Order(Struct, frozen=True):
    """Members of a mapping in their order; `below` is that of their values, or of the items where they are lists."""

    names: tuple[str, ...] = ()
    below: Mapping[str, Order] = field(default_factory=dict)

    def of(self, name: str) -> Order:
        """Return the order below a member; none where nothing is known of it."""
        return self.below.get(name, Order())

    def arranged(self, names: Sequence[str]) -> list[int]:
        """Return the indices of members in their order; unknown ones keep theirs and come last."""
        known = {name: place for place, name in enumerate(self.names)}
        return sorted(range(len(names)), key=lambda index: known.get(names[index], len(known)))


@cache
def orders() -> Mapping[str, Order]:
    """Return the order of each document, by its kind."""
    specs = {kind.name: _spec(kind) for kind in document_kinds()}
    specs["Project"] = _of_schema(manifest_schema()["$defs"]["Project"]["properties"]["spec"])
    metadata = Order(("name", "labels", "annotations"))
    return {
        name: Order(("apiVersion", "kind", "metadata", "spec"), {"metadata": metadata, "spec": spec})
        for name, spec in specs.items()
    }


def _spec(kind: Kind) -> Order:
    """Where an app belongs, its own members, what hangs on it, and what must not be done to it."""
    own = _members(kind.members)
    if not children_of(kind.name):
        return replace(own, names=("account", *own.names))
    children = {child.manifest_key: _child(child) for child in children_of(kind.name)}
    names = ("account", *own.names, "moved_from", *children, "lifecycle")
    return Order(names, {**own.below, **children, "lifecycle": Order(("prevent_destroy", "ignore_changes"))})


def _child(kind: Kind) -> Order:
    own = _members(kind.members)
    if not kind.many:
        return own
    return Order(("name", "moved_from", *own.names, "restart"), own.below)


def _members(members: Iterable[Member]) -> Order:
    names: list[str] = []
    below: dict[str, Order] = {}
    for member in members:
        names += [name for name in (member.refer_as, member.name) if name]
        if member.members:
            below[member.name] = _members(member.members)
    return Order(tuple(names), below)


def _of_schema(schema: Schema) -> Order:
    """Members of the caller's own naming, such as accounts, are left as they are."""
    properties: Schema = schema.get("properties", {})
    return Order(tuple(properties), {name: _of_schema(below) for name, below in properties.items()})
