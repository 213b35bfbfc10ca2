"""A graph as Mermaid, which GitHub, GitLab and editors draw."""

from __future__ import annotations

from collections.abc import Iterator

from rtcctl.model.graph import Graph
from rtcctl.reports.graphs.labels import TITLE, groups, lines, names

_ESCAPED = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\\": "#92;"}


def mermaid(graph: Graph) -> str:
    """Return a flowchart."""
    return "\n".join(_lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    called = names(graph)
    yield f"%% {TITLE}: an arrow leads from what is built first to what needs it."
    yield "flowchart LR"
    for index, (app, nodes) in enumerate(groups(graph)):
        indent = "    " if app else "  "
        if app:
            yield f'  subgraph g{index}["{_escaped(app)}"]'
        for node in nodes:
            label = "<br/>".join(map(_escaped, lines(node)))
            yield f'{indent}{called[node.address]}["{label}"]'
        if app:
            yield "  end"
    yield from (f"  {called[edge.first]} --> {called[edge.then]}" for edge in graph.edges)


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(character, character) for character in text)
