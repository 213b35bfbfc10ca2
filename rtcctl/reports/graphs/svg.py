"""A graph as an SVG picture that stands by itself: no font, style sheet or script from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from rtcctl.model.graph import Graph
from rtcctl.reports.graphs.labels import TITLE, description, lines
from rtcctl.reports.graphs.placing import LINE, PAD, Box, place

_STYLE = (
    "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1b1f24}"
    ".kind{font-weight:bold}.detail{fill:#57606a}"
    "rect.box{fill:#f6f8fa;stroke:#57606a}.arrow{fill:none;stroke:#57606a;stroke-width:1.5}"
)


def svg(graph: Graph) -> str:
    """Return the picture, with a title and a description for those who can't see it."""
    return "\n".join(_lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    placed = place(graph)
    size = (
        f'width="{placed.width:.0f}" height="{placed.height:.0f}" viewBox="0 0 {placed.width:.0f} {placed.height:.0f}"'
    )
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">'
    yield f'<title id="title">{escape(TITLE)}</title>'
    yield f'<desc id="desc">{escape(description(graph))}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield '<defs><marker id="head" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
    yield '<path d="M0,0 L8,4 L0,8 z" fill="#57606a"/></marker></defs>'
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    for first, then in placed.arrows:
        yield f'<path class="arrow" marker-end="url(#head)" d="{_curve(first, then)}"/>'
    for box in placed.boxes:
        yield from _box(box)
    yield "</svg>"


def _curve(first: Box, then: Box) -> str:
    start, end = first.x + first.width, then.x
    half = (start + end) / 2
    bent = f"C{half:.1f},{first.middle:.1f} {half:.1f},{then.middle:.1f}"
    return f"M{start:.1f},{first.middle:.1f} {bent} {end:.1f},{then.middle:.1f}"


def _box(box: Box) -> Iterator[str]:
    yield f"<g><title>{escape(str(box.node.address))}</title>"
    at = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    yield f'<rect class="box" rx="6" {at}/>'
    for index, (line, style) in enumerate(zip(lines(box.node), ("kind", "name", "detail"), strict=False)):
        y = box.y + PAD / 2 + LINE * (index + 0.75)
        yield f'<text class="{style}" x="{box.x + PAD:.1f}" y="{y:.1f}">{escape(line)}</text>'
    yield "</g>"
