"""A graph as Mermaid, as DOT and as SVG. Each is a pure function of it; labels are escaped for their format."""

from __future__ import annotations

from rtcctl.reports.graphs.dot import dot
from rtcctl.reports.graphs.mermaid import mermaid
from rtcctl.reports.graphs.svg import svg

FORMATS = {"mermaid": mermaid, "dot": dot, "svg": svg}

__all__ = ["FORMATS", "dot", "mermaid", "svg"]
