"""One form for equal values, so that `==` decides.

Equal spellings, list order without meaning, 32-bit floats, defaults inside list items and empty texts are the ways
in which the service's answers differ from what was sent without meaning anything by it (NOTES section 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rtcctl.kinds import Member
from rtcctl.model.values import Members, Value


def normalize(member: Member, value: Value) -> Value:
    """Return the one form of a member's value."""
    if member.type == "array" and isinstance(value, Sequence) and not isinstance(value, str):
        return _array(member, value)
    if member.canonical is not None and isinstance(value, str):
        return member.canonical(value)
    if member.type == "number" and isinstance(value, (int, float)):
        return float(f"{value:.6g}")  # the API's numbers are 32-bit floats: 0.1 may come back as 0.10000000149
    return value


def is_empty(value: Value) -> bool:
    """Tell whether a value says the same as its absence."""
    return value is None or value == "" or (isinstance(value, (list, tuple)) and not value)


def item_key(member: Member, item: Value, index: int) -> str:
    """Name an item of an array: by its identifying member, or by its place."""
    if member.unordered and isinstance(item, Mapping) and item.get(member.unordered) is not None:
        return str(item[member.unordered])
    return f"#{index + 1}"


def _array(member: Member, value: Sequence[Value]) -> list[Value]:
    items: list[Value] = [_item(member, item) if isinstance(item, Mapping) else item for item in value]
    if member.unordered is None:
        return items
    by = member.unordered
    return sorted(items, key=lambda item: _rank(item.get(by) if isinstance(item, Mapping) else item))


def _rank(key: Value) -> tuple[int, float, str]:
    if isinstance(key, (int, float)):
        return (0, float(key), "")
    return (1, 0.0, str(key))


def _item(member: Member, item: Members) -> dict[str, Value]:
    known = {below.name: below for below in member.members}
    found = {
        name: normalize(known[name], value) if name in known else value
        for name, value in item.items()
        if not is_empty(value)
    }
    for below in member.members:
        if below.default is not None:
            found.setdefault(below.name, below.default)
    return found
