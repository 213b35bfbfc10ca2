"""`rtcctl export`: what is live, as a manifest."""

from __future__ import annotations

import click

from rtcctl.cli import options, output
from rtcctl.errors import ExitCode
from rtcctl.operations.settings import Settings


@click.command(short_help="Write the live account as a manifest.")
@options.target
def export(settings: Settings) -> int:
    """Write the live account to standard output, as a manifest that plans empty.

    Reads only. Secrets are replaced by variables; recording jobs can't be listed and are left out.
    """
    from rtcctl.model.happening import Note
    from rtcctl.operations import exporting, loop

    found = loop.run(exporting.export(settings))
    output.result(found.text, newline=False, exactly=True)
    told = f"Exported: {_count(found.apps, 'app')}, {_count(found.buckets, 'authorized bucket')}."
    settings.watcher.see(Note(told))
    if found.left_out:
        settings.watcher.see(Note(f"{_count(found.left_out, 'thing')} left out; comments say which and why."))
    return ExitCode.OK


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
