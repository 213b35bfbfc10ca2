"""Where boxes and arrows of a layered picture stand: pure geometry, in pixels, from left to right.

Each resource stands one column right of the last thing it needs; within a column those are near each other that need
the same. Columns are as wide as their widest box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct

from rtcctl.model.address import Address
from rtcctl.model.graph import Edge, Graph, Node
from rtcctl.reports.graphs.labels import lines

LETTER = 7.3
"""Width of a letter of the font that is used, near enough."""
LINE = 16
PAD = 10
_BETWEEN_BOXES = 18
_BETWEEN_COLUMNS = 56
_MARGIN = 20


class Box(Struct, frozen=True):
    """A resource in its place; x and y are those of the upper left corner."""

    node: Node
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The height of its middle, where arrows come and go."""
        return self.y + self.height / 2


class Placed(Struct, frozen=True):
    """The whole picture."""

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[Box, Box], ...]
    width: float
    height: float


def place(graph: Graph) -> Placed:
    """Return where everything stands."""
    needs = _needs(graph.edges)
    columns = _columns(graph, needs)
    boxes: dict[Address, Box] = {}
    x = float(_MARGIN)
    for column in columns:
        width = max(_width(node) for node in column)
        y = float(_MARGIN)
        for node in _near(column, needs, boxes):
            height = PAD + LINE * len(lines(node))
            boxes[node.address] = Box(node, x, y, width, height)
            y += height + _BETWEEN_BOXES
        x += width + _BETWEEN_COLUMNS
    arrows = tuple((boxes[edge.first], boxes[edge.then]) for edge in graph.edges)
    bottom = max((box.y + box.height for box in boxes.values()), default=0.0)
    right = max((box.x + box.width for box in boxes.values()), default=0.0)
    return Placed(tuple(boxes.values()), arrows, right + _MARGIN, bottom + _MARGIN)


def _needs(edges: tuple[Edge, ...]) -> Mapping[Address, list[Address]]:
    found: dict[Address, list[Address]] = defaultdict(list)
    for edge in edges:
        found[edge.then].append(edge.first)
    return found


def _columns(graph: Graph, needs: Mapping[Address, list[Address]]) -> list[list[Node]]:
    depths: dict[Address, int] = {}

    def depth(address: Address) -> int:
        if address not in depths:
            depths[address] = max((depth(each) + 1 for each in needs.get(address, ())), default=0)
        return depths[address]

    found: dict[int, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        found[depth(node.address)].append(node)
    return [found[each] for each in sorted(found)]


def _near(column: list[Node], needs: Mapping[Address, list[Address]], boxes: Mapping[Address, Box]) -> list[Node]:
    """Sort a column by the mean height of what each box needs; the manifest's order decides where that is equal."""

    def height(node: Node) -> float:
        above = [boxes[each].middle for each in needs.get(node.address, ())]
        return sum(above) / len(above) if above else 0.0

    return sorted(column, key=height)


def _width(node: Node) -> float:
    return 2 * PAD + LETTER * max(len(line) for line in lines(node))
