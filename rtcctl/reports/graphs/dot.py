"""A graph in the DOT language, for Graphviz and whatever else reads it."""

from __future__ import annotations

from collections.abc import Iterator

from rtcctl.model.graph import Graph
from rtcctl.reports.graphs.labels import TITLE, groups, lines, names


def dot(graph: Graph) -> str:
    """Return a directed graph with a cluster for each app."""
    return "\n".join(_lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    called = names(graph)
    yield f"// {TITLE}: an arrow leads from what is built first to what needs it."
    yield "digraph rtcctl {"
    yield "  rankdir=LR;"
    yield '  node [shape=box, style=rounded, fontname="sans-serif"];'
    for index, (app, nodes) in enumerate(groups(graph)):
        indent = "    " if app else "  "
        if app:
            yield f"  subgraph cluster_{index} {{"
            yield f"    label={_quoted(app)};"
        for node in nodes:
            label = "\\n".join(_escaped(line) for line in lines(node))
            yield f'{indent}{called[node.address]} [label="{label}", tooltip={_quoted(str(node.address))}];'
        if app:
            yield "  }"
    yield from (f"  {called[edge.first]} -> {called[edge.then]};" for edge in graph.edges)
    yield "}"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    # Graphviz reads entities in labels as well, so that an ampersand has to be one.
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
