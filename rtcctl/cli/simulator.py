"""`rtcctl simulator`: the group, and what its commands are."""

from __future__ import annotations

import click

from rtcctl.cli import options, output, scene
from rtcctl.cli.serve import serve


@click.group(short_help="The SparkRTC API on this machine.")
def simulator() -> None:
    """Run the SparkRTC API and the IAM token call on this machine, and let things happen in it."""


for command in (serve, scene.join, scene.leave, scene.room, scene.clock, scene.fail):
    simulator.add_command(command)


@simulator.command()
@options.output
def variants(format_: str) -> None:
    """List the points that no source settles, and what the simulator does with each switched."""
    import json

    from rtcctl.simulator.variants import VARIANTS

    if format_ == "json":
        found = {name: {"what": each.what, "notes_section": each.where} for name, each in VARIANTS.items()}
        output.result(json.dumps(found, indent=2))
        return
    widest = max(map(len, VARIANTS))
    for name, each in VARIANTS.items():
        output.result(f"{name:<{widest}}  {each.what}")
