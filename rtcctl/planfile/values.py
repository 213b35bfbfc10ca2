"""Values of a plan as JSON: secrets as references, ids that are not known yet as addresses, marks as their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from rtcctl.model.address import Address
from rtcctl.model.plan import Mark
from rtcctl.model.values import Ref, Secret, Value

LIVE = "live"
_SECRET, _REF, _MARK = "$secret", "$ref", "$mark"


class Unresolved(Secret):
    """A secret of which only the origin is known: it has to be looked up before it can be used."""

    __slots__ = ()

    def __init__(self, origin: str) -> None:
        super().__init__("", origin)

    def reveal(self) -> NoReturn:
        """Refuse: an empty text in its place would be sent.

        Raises:
            AssertionError: always.
        """
        raise AssertionError(f"the secret of {self.origin} was not looked up")

    def encoded(self) -> bytes:
        """Return what tells two of them apart: the origin."""
        return self.origin.encode()

    def __bool__(self) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(self.origin)


def encode(value: Value | Mark) -> Any:
    """Return a value as JSON; what is no plain JSON becomes an object with one member that begins with `$`."""
    match value:
        case Secret():
            return {_SECRET: value.origin}
        case Ref():
            return {_REF: str(value.address), "id_name": value.id_name}
        case Mark():
            return {_MARK: value.text}
        case Mapping():
            return {name: encode(below) for name, below in value.items()}
        case list() | tuple():
            return [encode(below) for below in value]
        case _:
            return value


def decode(data: Any) -> Any:
    """Read what `encode` wrote."""
    if isinstance(data, list):
        return [decode(below) for below in data]
    if not isinstance(data, dict):
        return data
    if _SECRET in data:
        return Unresolved(data[_SECRET])
    if _REF in data:
        return Ref(Address.parse(data[_REF]), data["id_name"])
    if _MARK in data:
        return Mark(data[_MARK])
    return {name: decode(below) for name, below in data.items()}
