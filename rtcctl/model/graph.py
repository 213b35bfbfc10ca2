"""What waits for what, as a graph of addresses."""

from __future__ import annotations

from dataclasses import dataclass

from rtcctl.model.address import Address


@dataclass(frozen=True, slots=True)
class Node:
    """One resource. `detail` is a few words that tell it from others, foreign text included."""

    address: Address
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """`first` is built before `then`, which needs it."""

    first: Address
    then: Address


@dataclass(frozen=True, slots=True)
class Graph:
    """Resources in the order of the manifest. Edges that follow from others are left out; there is no cycle."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
