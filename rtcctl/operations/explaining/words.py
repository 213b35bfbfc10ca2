"""Bounds, values and flags in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rtcctl.kinds import Member
from rtcctl.model.address import NAME_PATTERN


def limits(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the bounds of a schema; what letters a text may have is told by its description."""
    bounds = {**schema, **next((each for each in schema.get("anyOf", ()) if "const" not in each), {})}
    least, most = bounds.get("minimum"), bounds.get("maximum")
    if least is not None and most is not None:
        yield f"{least:g} to {most:g}".replace("e+", "e")
    elif least is not None:
        yield f"at least {least:g}"
    yield from (f"or {each['const']}" for each in schema.get("anyOf", ()) if "const" in each)
    shortest, longest = bounds.get("minLength"), bounds.get("maxLength")
    if shortest is not None and longest is not None:
        yield f"{shortest} to {longest} characters"
    elif longest is not None:
        yield f"at most {longest} characters"
    elif shortest:
        yield "not empty"
    if bounds.get("pattern") == NAME_PATTERN:
        yield "1 to 63 letters, digits, '.', '_' and '-', beginning with a letter or digit"
    if "minItems" in bounds:
        yield f"at least {bounds['minItems']} item{'s' if bounds['minItems'] != 1 else ''}"
    if schema.get("uniqueItems"):
        yield "no item twice"


def values(member: Member) -> tuple[str, ...]:
    """Return everything that a member may be, one of each equal spelling."""
    source = member.items if member.items is not None else member
    canonical = source.canonical or (lambda value: value)
    return tuple(value for value in source.enum if canonical(value) == value)


def notes(trail: Sequence[Member]) -> Iterator[str]:
    """Yield the flags of the last member of a trail; what is immutable makes everything in it so."""
    member = trail[-1]
    if any(each.immutable for each in trail):
        yield "immutable"
    if member.sensitive:
        yield "sensitive: never shown, kept only as a salted fingerprint; give it as ${env:NAME} or ${file:PATH}"
    if member.write_only:
        yield "write-only: sent and never read back, so a change made elsewhere can't be seen"
    if member.unordered is not None:
        yield f"order does not matter{f'; items are told apart by {member.unordered}' if member.unordered else ''}"
    if member.canonical is not None:
        other = next((value for value in member.enum if member.canonical(value) != value), "")
        yield f"equal spellings: {other} is {member.canonical(other)}, and so with the others"
    if member.refer_as:
        yield f"{member.refer_as}: NAME names a declared {member.refers} of the same app instead"
