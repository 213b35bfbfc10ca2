"""From documents to resources: members under the API's names, references, secrets, and the place of every value.

Lenient: what the schema refused is left out, so that the checks across documents can still find their own faults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.errors import Place
from rtcctl.kinds import KINDS, Kind, Member, children_of
from rtcctl.manifest.documents import APP, Document
from rtcctl.manifest.interpolation import Filled, Step
from rtcctl.manifest.tree import Node, child, key_place, value_place
from rtcctl.model.address import Address, is_name
from rtcctl.model.resource import Resource, Restart
from rtcctl.model.values import Path, Ref, Secret, Value

_RESTARTS: tuple[Restart, ...] = get_args(Restart)


class Declared(Struct, frozen=True):
    """A resource and where it was declared: the path of its members in the document."""

    resource: Resource
    document: Document
    path: tuple[Step, ...]

    @property
    def address(self) -> Address:
        """The resource's address."""
        return self.resource.address

    @property
    def place(self) -> Place:
        """Where the resource was declared."""
        return self.resource.place() or self.document.place

    def node(self, *steps: Step) -> Node:
        """Return the node of a manifest member of the resource, or the nearest one around it."""
        return self.document.node((*self.path, *steps))

    def place_of(self, *steps: Step) -> Place:
        """Return where a manifest member of the resource stands."""
        return value_place(self.document.source.name, self.node(*steps))


def declare(document: Document) -> Iterator[Declared]:
    """Yield what a document declares: the resource itself, then what hangs on it."""
    spec, node = document.data.get("spec"), child(document.root, "spec")
    if not document.name or not isinstance(spec, dict) or node is None:
        return
    reader = _Reader(document.source.name, document.name)
    kind = KINDS[document.kind]
    own = reader.resource(kind, Address(kind.name, document.name), spec, node, document.place)
    if kind.name != APP:
        yield Declared(own, document, ("spec",))
        return
    if "app_name" not in spec:
        named = value_place(document.source.name, document.node(("metadata", "name")))
        places = {**own.places, ("app_name",): named}
        own = replace(own, members={"app_name": document.name, **own.members}, places=places)
    prevent = _prevent_destroy(spec)
    former = _former(spec, Address(APP, document.name))
    yield Declared(replace(own, moved_from=former, prevent_destroy=prevent), document, ("spec",))
    for below in children_of(APP):
        for path, found in _children(reader, below, spec, node):
            yield Declared(replace(found, prevent_destroy=prevent), document, ("spec", *path))


def _prevent_destroy(spec: Mapping[str, Any]) -> bool:
    lifecycle = spec.get("lifecycle")
    return isinstance(lifecycle, dict) and lifecycle.get("prevent_destroy") is True


def _children(
    reader: _Reader, kind: Kind, spec: Mapping[str, Any], node: Node
) -> Iterator[tuple[tuple[Step, ...], Resource]]:
    """Yield the resources of one kind under an app, each with its path from `spec`."""
    key = kind.manifest_key
    data, below = spec.get(key), child(node, key)
    if below is None:
        return
    if not kind.many:
        if isinstance(data, dict):
            place = key_place(reader.file, below)
            yield (key,), reader.resource(kind, Address(kind.name, reader.app), data, below, place)
        return
    for index, item in enumerate(data if isinstance(data, list) else ()):
        inner = child(below, index)
        name = item.get("name") if isinstance(item, dict) else None
        if inner is None or not isinstance(name, str) or not is_name(name):
            continue
        address = Address(kind.name, reader.app, str(name))
        found = reader.resource(kind, address, item, inner, value_place(reader.file, inner))
        yield (key, index), replace(found, moved_from=_former(item, address))


def _former(data: Mapping[str, Any], address: Address) -> Address | None:
    """Return the address before a move. What hangs on a moved app moves along without saying so."""
    old = data.get("moved_from")
    if not isinstance(old, str) or not is_name(old):
        return None
    return replace(address, child=str(old)) if address.child else replace(address, name=str(old))


class _Reader(Struct, frozen=True):
    """Reads members as a kind declares them; references lead into one app."""

    file: str
    app: str

    def resource(self, kind: Kind, address: Address, data: Mapping[str, Any], node: Node, place: Place) -> Resource:
        """Return the resource without what the manifest alone knows (moves, lifecycle)."""
        places: dict[Path, Place] = {(): place}
        members = self.members(kind.members, data, node, (), places)
        restart = data.get("restart") if kind.job else None
        return Resource(address, members, places, restart=restart if restart in _RESTARTS else "Never")

    def members(
        self,
        declared: tuple[Member, ...],
        data: Mapping[str, Any],
        node: Node,
        path: Path,
        places: dict[Path, Place] | None,
    ) -> dict[str, Value]:
        """Return the members that fit, and note their places."""
        found: dict[str, Value] = {}
        for member in declared:
            name = member.refer_as if member.refer_as in data else member.name
            if name not in data:
                continue
            below = child(node, name)
            here = (*path, member.name)
            value = self.value(member, name, data[name], below, here, places)
            if value is None or below is None:
                continue
            found[member.name] = value
            if places is not None:
                places[here] = key_place(self.file, below)
        return found

    def value(
        self, member: Member, name: str, data: Any, node: Node | None, path: Path, places: dict[Path, Place] | None
    ) -> Value:
        """Return one member's value; None where it does not fit or is not set."""
        match member.type:
            case "object":
                inner = isinstance(data, dict) and node is not None
                return self.members(member.members, data, node, path, places) if inner else None  # type: ignore[arg-type]
            case "array":
                return self.items(member, data, node, path) if isinstance(data, list) else None
            case "string":
                return self.text(member, name, data) if isinstance(data, str) else None
            case "boolean":
                return data if isinstance(data, bool) else None
            case _:
                return _number(data)

    def items(self, member: Member, data: list[Any], node: Node | None, path: Path) -> list[Value]:
        """Return a list's items; a list counts as one leaf, so they have no places of their own."""
        found: list[Value] = []
        for index, item in enumerate(data):
            below = child(node, index) if node is not None else None
            if member.items is not None:
                value = self.value(member.items, member.items.name, item, below, path, None)
            elif isinstance(item, dict) and below is not None:
                value = self.members(member.members, item, below, path, None)
            else:
                value = None
            if value is not None:
                found.append(value)
        return found

    def text(self, member: Member, name: str, data: str) -> Value:
        """Return a text, a secret (an empty one is not set), or a reference to a resource of the app."""
        if member.sensitive:
            origin = data.origin if isinstance(data, Filled) else "manifest"
            return Secret(str(data), origin) if data else None
        if name == member.refer_as:
            if not is_name(data):
                return None
            return Ref(Address(member.refers, self.app, str(data)), KINDS[member.refers].id_name)
        return str(data)


def _number(data: Any) -> int | float | None:
    if isinstance(data, bool) or not isinstance(data, (int, float)):
        return None
    return int(data) if isinstance(data, float) and data.is_integer() else data
