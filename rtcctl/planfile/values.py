"""Values of a plan as JSON: secrets as references, ids that are not known yet as addresses, marks as their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from rtcctl.model.address import Address
from rtcctl.model.values import Mark, Ref, Secret, Value

LIVE = "live"
MANIFEST = "manifest"
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
    """Return a value as JSON; what is no plain JSON becomes an object with a member that begins with `$`.

    Of a secret that stands in the manifest only the empty one can be written down.
    """
    match value:
        case Secret():
            if value and value.origin == MANIFEST:
                raise AssertionError("a secret that stands in the manifest has no reference")
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
        origin = data[_SECRET]
        return Secret("", origin) if origin == MANIFEST else Unresolved(origin)
    if _REF in data:
        return Ref(address(data[_REF]), data["id_name"])
    if _MARK in data:
        return Mark(data[_MARK])
    return {name: decode(below) for name, below in data.items()}


def address(text: str) -> Address:
    """Read an address; what is not ours goes by the service's ids, which follow no rule for names.

    Raises:
        TypeError: it has no kind or no name.
    """
    return Address(*text.split("/", 2))
