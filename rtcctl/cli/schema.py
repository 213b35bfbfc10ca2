"""`rtcctl schema`: the JSON Schemas that editors and pipelines check against."""

from __future__ import annotations

import click

from rtcctl.cli import output

NAMES = ("manifest", "state", "plan", "result", "drift", "ledger", "jobs", "rehearsal", "preview")


@click.command()
@click.argument("name", type=click.Choice(NAMES), default="manifest")
def schema(name: str) -> None:
    """Print a JSON Schema: of the manifest unless another is named."""
    from rtcctl.schema import path

    output.result(path(name).read_text(encoding="utf-8"), newline=False)
