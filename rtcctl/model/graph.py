"""What waits for what, as a graph of addresses."""

from __future__ import annotations

from msgspec import Struct

from rtcctl.model.address import Address


class Node(Struct, frozen=True):
    """One resource. `detail` is a few words that tell it from others, foreign text included."""

    address: Address
    detail: str = ""


class Edge(Struct, frozen=True):
    """`first` is built before `then`, which needs it."""

    first: Address
    then: Address


class Graph(Struct, frozen=True):
    """Resources in the order of the manifest. Edges that follow from others are left out; there is no cycle."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
