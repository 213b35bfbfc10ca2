"""`rtcctl import`: a job that runs already becomes one of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rtcctl.cli import completing, options, output
from rtcctl.errors import ExitCode

if TYPE_CHECKING:
    from rtcctl.model.edits import Imported
    from rtcctl.operations.settings import Settings


@click.command("import", short_help="Take a job that runs already into the state.")
@options.settings
@options.output
@click.argument("address", shell_complete=completing.jobs)
@click.argument("id_", metavar="ID")
def import_(settings: Settings, format_: str, address: str, id_: str) -> int:
    """Take the job with the job_id ID into the state, as the declared ADDRESS.

    Jobs have no name and can't be listed: this is for a job whose start was lost, or that somebody else has started.
    Apps, rules and settings are found by their names. The job is only read.
    """
    import asyncio

    from rtcctl.operations import importing, workflow
    from rtcctl.operations.loading import load_of
    from rtcctl.reports import as_json
    from rtcctl.reports import edits as report

    desired = load_of(settings, [address])
    resource = importing.declared_job(desired, address)

    async def work() -> Imported:
        session = workflow.open_session(settings, desired)
        try:
            return await importing.import_job(session, resource, id_)
        finally:
            await session.close()

    job = asyncio.run(work())
    output.show_diagnostics(job.warnings)
    if format_ == "json":
        output.result(as_json.dumps(report.imported_document(job)))
    else:
        output.result(report.imported_text(job, width=output.width()))
    return ExitCode.OK
