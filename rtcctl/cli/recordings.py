"""`rtcctl recordings`: the files that recordings left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rtcctl.cli import options, output
from rtcctl.errors import ExitCode

if TYPE_CHECKING:
    from rtcctl.model.recording import Recordings
    from rtcctl.operations.settings import Settings


@click.command(short_help="List recorded files.")
@options.settings
@options.output
@click.argument("address", required=False)
@click.option("--app", default="", metavar="NAME", help="Only of this app of the manifest.")
@click.option("--room", default="", metavar="ROOM", help="Only of this room.")
def recordings(settings: Settings, format_: str, address: str | None, app: str, room: str) -> int:
    """List the recorded files of the manifest's apps, or of one App, RecordRule or job by its ADDRESS.

    Reads only: buckets and their objects as the service lists them.
    """
    import asyncio

    from rtcctl.model.address import Address
    from rtcctl.operations import recordings as operation
    from rtcctl.operations import workflow
    from rtcctl.operations.loading import load_of
    from rtcctl.reports import as_json
    from rtcctl.reports import recordings as report

    if address and app:
        raise click.UsageError("ADDRESS and --app exclude each other")
    try:
        wanted = operation.Wanted(Address.parse(address).within("") if address else None, app, room)
    except ValueError as error:
        raise click.UsageError(str(error)) from None

    async def work() -> Recordings:
        session = workflow.open_session(settings, load_of(settings, [address] if address else []))
        try:
            return await operation.recordings(session, wanted)
        finally:
            await session.close()

    found = asyncio.run(work())
    if format_ == "json":
        output.result(as_json.dumps(report.document(found)))
    else:
        output.result(report.text(found, paint=output.paint()))
    return ExitCode.OK
