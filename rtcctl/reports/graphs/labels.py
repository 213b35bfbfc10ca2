"""What stands in the boxes, and which boxes stand together; the same in every format."""

from __future__ import annotations

from rtcctl.model.address import Address
from rtcctl.model.graph import Graph, Node
from rtcctl.reports.wording import group, plain

_LONGEST = 40
TITLE = "What is built before what"


def lines(node: Node) -> tuple[str, ...]:
    """Return the lines of a box: kind, name, and what tells it apart; foreign text is made inert and cut."""
    address = node.address
    detail = plain(node.detail)
    detail = detail if len(detail) <= _LONGEST else f"{detail[: _LONGEST - 1]}…"
    account = address.account if address.kind == "BucketAuthorization" else ""  # what hangs on an app stands under its
    return tuple(line for line in (account, address.kind, address.child or address.name, detail) if line)


def names(graph: Graph) -> dict[Address, str]:
    """Return short names that every format takes."""
    return {node.address: f"n{index}" for index, node in enumerate(graph.nodes)}


def groups(graph: Graph) -> tuple[tuple[str, tuple[Node, ...]], ...]:
    """Return the boxes app by app; those that stand alone come first, under no name."""
    apps = {group(node.address) for node in graph.nodes if node.address.kind == "App"}
    found: dict[str, list[Node]] = {"": []}
    for node in graph.nodes:
        is_own = node.address.kind != "BucketAuthorization" and group(node.address) in apps
        found.setdefault(group(node.address) if is_own else "", []).append(node)
    return tuple((name, tuple(nodes)) for name, nodes in found.items() if nodes)


def description(graph: Graph) -> str:
    """Say in words what the picture shows."""
    count = len(graph.nodes)
    waits = len(graph.edges)
    return (
        f"{count} resource{'' if count == 1 else 's'}, {waits} arrow{'' if waits == 1 else 's'}. "
        "An arrow leads from what is built first to what needs it."
    )
