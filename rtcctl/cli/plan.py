"""`rtcctl validate` and `rtcctl plan`: they change nothing."""

from __future__ import annotations

import click

from rtcctl.cli import options, output
from rtcctl.errors import ExitCode
from rtcctl.operations.settings import Settings


@click.command()
@options.files
@options.output
def validate(files: tuple[str, ...], format_: str) -> int:
    """Check a manifest; no call is made."""
    from rtcctl.operations.loading import load

    desired = load(Settings(files))
    if format_ == "json":
        from rtcctl.reports import as_json

        output.result(as_json.dumps(as_json.valid_document(desired)))
        return ExitCode.OK
    output.show_diagnostics(desired.warnings)
    count = len(desired.resources)
    output.result(f"Valid: {count} resource{'s' if count != 1 else ''}.")
    return ExitCode.OK


@click.command(short_help="Show what differs, and the calls that would close it.")
@options.settings
@options.output
@options.start_unknown_jobs
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when changes are pending.")
def plan(settings: Settings, format_: str, start_unknown_jobs: bool, detailed_exitcode: bool) -> int:
    """Show what differs from the live account, and the calls that would close the difference."""
    import asyncio

    from rtcctl.operations import workflow
    from rtcctl.operations.loading import load
    from rtcctl.planner.context import Options

    async def work() -> workflow.Planned:
        session = workflow.open_session(settings, load(settings))
        try:
            return await session.plan(Options(start_unknown_jobs=start_unknown_jobs))
        finally:
            await session.close()

    found = asyncio.run(work()).plan
    output.show_diagnostics(found.warnings)
    output.show_plan(found, format_)
    return ExitCode.CHANGES_PENDING if detailed_exitcode and found.has_changes else ExitCode.OK
