"""YAML as a small tree that remembers places."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from rtcctl.errors import Place
from rtcctl.manifest.scalars import Scalar


class Node:
    """One value and its places, counted from 1; `key_line` is 0 where there is no key."""

    __slots__ = ("column", "key_column", "key_line", "line", "value")

    def __init__(self, value: Content, line: int, column: int) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.key_line = 0
        self.key_column = 0


Content: TypeAlias = "Scalar | list[Node] | dict[str, Node]"


class Tree(Struct):
    """One YAML document. A `broken` one lacks something that was refused, so its members are not judged."""

    root: Node
    broken: bool = False


def child(node: Node, step: str | int) -> Node | None:
    """Return what stands under a key or an index; None where nothing does."""
    value = node.value
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def value_place(file: str, node: Node) -> Place:
    """Return where a value stands."""
    return Place(file, node.line, node.column)


def key_place(file: str, node: Node) -> Place:
    """Return where a value's key stands; the value itself where it has none."""
    return Place(file, node.key_line, node.key_column) if node.key_line else value_place(file, node)
