"""`rtcctl graph`: what of a manifest is built before what."""

from __future__ import annotations

import click

from rtcctl.cli import options, output
from rtcctl.errors import ExitCode
from rtcctl.operations.settings import Settings


@click.command(short_help="Draw what is built before what.")
@options.files
@click.option(
    "--output",
    "format_",
    type=click.Choice(["mermaid", "dot", "svg"]),
    default="mermaid",
    show_default=True,
    help="What goes to stdout.",
)
def graph(files: tuple[str, ...], format_: str) -> int:
    """Draw the resources of a manifest, an arrow leading from what is built first to what needs it.

    No call is made. Mermaid is drawn by GitHub and GitLab, DOT by Graphviz; the SVG is a picture by itself.
    """
    from rtcctl.operations.graphing import graph as of
    from rtcctl.operations.loading import load
    from rtcctl.reports.graphs import FORMATS

    output.result(FORMATS[format_](of(load(Settings(files)))))
    return ExitCode.OK
