"""Values that a member can hold: JSON values, secrets, and references to what is known only after apply."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ForwardRef, NoReturn, TypeAlias

from msgspec import Struct

from rtcctl.model.address import Address

Path: TypeAlias = tuple[str, ...]
"""Names from a resource's top down to one member."""


class Secret:
    """A text that must not be shown: every rendering says `(secret)`, comparison takes constant time.

    `origin` says where it came from (`env:NAME`, `file:PATH`, `manifest`, `live`), which may be shown.
    """

    __slots__ = ("_text", "origin")

    def __init__(self, text: str, origin: str) -> None:
        self._text = text
        self.origin = origin

    def reveal(self) -> str:
        """Return the text itself, for the one place that sends it and the one that fingerprints it."""
        return self._text

    def encoded(self) -> bytes:
        """Return the text as bytes; a file or variable may hold what is no UTF-8."""
        return self._text.encode("utf-8", "surrogatepass")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.encoded(), other.encoded())

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "(secret)"

    def __format__(self, spec: str) -> str:
        return format("(secret)", spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never serialized")


class Mark(Struct, frozen=True):
    """A word in place of a value: `(secret #1)`, `(known after apply)`, `(server default)`, `(not set)`."""

    text: str

    def __str__(self) -> str:
        return self.text


class Ref(Struct, frozen=True):
    """The remote id of another resource; known after apply unless the object exists already."""

    address: Address
    id_name: str

    def __str__(self) -> str:
        return f"(id of {self.address}, known after apply)"


if TYPE_CHECKING:
    Value: TypeAlias = "bool | int | float | str | Secret | Ref | Sequence[Value] | Mapping[str, Value] | None"
else:  # with its module, or help() on what holds one would not find what it is made of
    Value = ForwardRef(
        "bool | int | float | str | Secret | Ref | Sequence[Value] | Mapping[str, Value] | None", module=__name__
    )
Members: TypeAlias = Mapping[str, Value]
"""Members of one object under the API's own names, nested as in the API."""


HIDDEN_USERINFO = "(secret)@"
"""In place of the credentials in a URL that was read."""

PLAIN = frozenset({str, int, float, bool, type(None)})
"""What most values are, which is found out sooner than what they are not."""


def dotted(path: Path) -> str:
    """Write a path as users read it: `mix_param.layout_panes`."""
    return ".".join(path)


def get(members: Members, path: Path) -> Value:
    """Return the value at a path, None where a step is missing."""
    value: Value = members
    for name in path:
        if not isinstance(value, (dict, Mapping)):  # a dict as a rule, which is found out sooner by itself
            return None
        value = value.get(name)
    return value


def put(members: dict[str, Value], path: Path, value: Value) -> None:
    """Set the value at a path in place, making the objects on the way."""
    for name in path[:-1]:
        below = members.get(name)
        copy: dict[str, Value] = dict(below) if isinstance(below, Mapping) else {}
        members[name] = copy
        members = copy
    members[path[-1]] = value


def without(members: Members, paths: frozenset[Path]) -> dict[str, Value]:
    """Return the members less those at the given paths."""
    if not paths:
        return dict(members)
    return _without(members, (), paths)


def _without(members: Members, above: Path, paths: frozenset[Path]) -> dict[str, Value]:
    return {
        name: _without(value, (*above, name), paths) if isinstance(value, (dict, Mapping)) else value
        for name, value in members.items()
        if (*above, name) not in paths
    }


def references(value: Value) -> frozenset[Address]:
    """Return the addresses that a value refers to, at any depth."""
    if value.__class__ in PLAIN:
        return frozenset()
    if isinstance(value, Ref):
        return frozenset({value.address})
    if isinstance(value, Mapping):
        return frozenset().union(*(references(v) for v in value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return frozenset().union(*(references(v) for v in value))
    return frozenset()
