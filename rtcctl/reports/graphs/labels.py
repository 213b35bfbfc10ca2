"""What stands in the boxes, and which boxes stand together; the same in every format."""

from __future__ import annotations

from rtcctl.model.address import Address
from rtcctl.model.graph import Graph, Node
from rtcctl.reports.wording import plain

_LONGEST = 40
TITLE = "What is built before what"


def lines(node: Node) -> tuple[str, ...]:
    """Return the lines of a box: kind, name, and what tells it apart; foreign text is made inert and cut."""
    address = node.address
    detail = plain(node.detail)
    detail = detail if len(detail) <= _LONGEST else f"{detail[: _LONGEST - 1]}…"
    return tuple(line for line in (address.kind, address.child or address.name, detail) if line)


def names(graph: Graph) -> dict[Address, str]:
    """Return short names that every format takes."""
    return {node.address: f"n{index}" for index, node in enumerate(graph.nodes)}


def groups(graph: Graph) -> tuple[tuple[str, tuple[Node, ...]], ...]:
    """Return the boxes app by app; those that stand alone come first, under no name."""
    apps = {node.address.name for node in graph.nodes if node.address.kind == "App"}
    found: dict[str, list[Node]] = {"": []}
    for node in graph.nodes:
        is_own = node.address.kind != "BucketAuthorization" and node.address.name in apps
        found.setdefault(node.address.name if is_own else "", []).append(node)
    return tuple((name, tuple(nodes)) for name, nodes in found.items() if nodes)


def description(graph: Graph) -> str:
    """Say in words what the picture shows."""
    count = len(graph.nodes)
    waits = len(graph.edges)
    return (
        f"{count} resource{'' if count == 1 else 's'}, {waits} arrow{'' if waits == 1 else 's'}. "
        "An arrow leads from what is built first to what needs it."
    )
