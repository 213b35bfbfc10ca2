"""YAML with comments: values are written by PyYAML, their arrangement and the comments here.

Whatever our own parser, YAML 1.1 or YAML 1.2 could take for something else than text is quoted.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from msgspec import Struct

from rtcctl.export.words import plain
from rtcctl.manifest.scalars import resolve

_WIDTH = 118
_NUMBER_STARTS = tuple("0123456789+-.")
_BOOLEANS = ("y", "n")
"""To YAML 1.1, but not to PyYAML."""


class Variable(Struct, frozen=True):
    """The value of an environment variable, empty where it is not set."""

    name: str


class Entry(Struct, frozen=True):
    """A member with its value and what is said above it; without a key only what is said in its place."""

    key: str = ""
    value: Content = ""
    notes: tuple[str, ...] = ()


Block: TypeAlias = tuple[Entry, ...]
Content: TypeAlias = "bool | int | float | str | Variable | Block | list[Block] | list[str]"
"""A list of blocks stands below its key, a list of texts beside it; the first entry of a listed block has no notes."""


def comment(notes: Iterable[str], indent: int = 0) -> Iterator[str]:
    """Yield the lines of comments; each note begins a line of its own, and an indented one is not wrapped."""
    for note in notes:
        text = plain(note)
        wrapped = textwrap.wrap(text, _WIDTH - indent, break_long_words=False, break_on_hyphens=False)
        for line in [text] if text.startswith(" ") else wrapped or [""]:
            yield f"{' ' * indent}# {line}".rstrip()


def mapping(block: Block, indent: int = 0) -> Iterator[str]:
    """Yield the lines of a mapping."""
    before = " " * indent
    for entry in block:
        yield from comment(entry.notes, indent)
        if not entry.key:
            continue
        match entry.value:
            case tuple() as below if any(each.key for each in below):
                yield f"{before}{entry.key}:"
                yield from mapping(below, indent + 2)
            case tuple() as below:  # nothing but notes
                yield from mapping(below, indent)
                yield f"{before}{entry.key}: {{}}"
            case list() as items if any(isinstance(item, tuple) for item in items):
                yield f"{before}{entry.key}:"
                for item in items:
                    first, *rest = mapping(item, indent + 4)
                    yield f"{before}  - {first.lstrip(' ')}"
                    yield from rest
            case value:
                yield f"{before}{entry.key}: {scalar(value)}"


def notes(block: Block) -> Iterator[str]:
    """Yield what is said anywhere in a mapping."""
    for entry in block:
        yield from entry.notes
        below = entry.value if isinstance(entry.value, list) else [entry.value]
        for each in below:
            if isinstance(each, tuple):
                yield from notes(each)


def scalar(value: Content) -> str:
    """Write a value in one line. A `${` of a text is doubled, so that it is taken for itself."""
    match value:
        case Variable(name):
            return f"${{env:{name}:-}}"
        case str():
            return _text(value.replace("${", "$${"))
        case list():
            return f"[{', '.join(scalar(item) for item in value)}]"
        case _:
            return _dumped(value)


def _text(text: str) -> str:
    printable = text.isprintable()
    is_plain = (
        printable and not text.startswith(_NUMBER_STARTS) and text.lower() not in _BOOLEANS and resolve(text) == text
    )
    return _dumped(text, style=None if is_plain else '"', unicode_=printable)


def _dumped(value: object, *, style: str | None = None, unicode_: bool = True) -> str:
    import yaml

    dumped: str = yaml.safe_dump(value, default_style=style, allow_unicode=unicode_, width=math.inf)
    return dumped.removesuffix("\n").removesuffix("\n...")
