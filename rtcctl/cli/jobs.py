"""`rtcctl jobs`: how recording jobs stand, waiting for them, and stopping them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rtcctl.cli import completing, ending, options, output
from rtcctl.cli.apply import Wish, run_plan
from rtcctl.cli.durations import Duration
from rtcctl.cli.reporting import Reports, reports
from rtcctl.cli.running import Running, running
from rtcctl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rtcctl.model.jobs import Aim, Followed, JobStatus
    from rtcctl.operations.settings import Settings

_ADDRESS = "An ADDRESS is MixStreamJob/APP/NAME or IndividualStreamJob/APP/NAME; App/NAME stands for all of its jobs."
_TIMEOUT = "5m"


@click.group()
def jobs() -> None:
    """Show, await and stop the recording jobs that the state owns."""


@jobs.command(short_help="Show how jobs stand.", epilog=_ADDRESS)
@options.settings
@options.output
@click.argument("addresses", metavar="[ADDRESS]...", nargs=-1, shell_complete=completing.jobs_or_apps)
def status(settings: Settings, format_: str, addresses: tuple[str, ...]) -> int:
    """Ask the service how every job of the state stands, or those named; known to be over, a job is not asked for."""
    import asyncio

    from rtcctl.operations import jobs as operation
    from rtcctl.operations import workflow
    from rtcctl.operations.loading import load_of
    from rtcctl.reports import as_json
    from rtcctl.reports import jobs as report

    async def work() -> tuple[JobStatus, ...]:
        session = workflow.open_session(settings, load_of(settings, addresses))
        try:
            return await operation.status(session, addresses)
        finally:
            await session.close()

    found = asyncio.run(work())
    if format_ == "json":
        output.result(as_json.dumps(report.status_document(found)))
    else:
        output.result(report.status_text(found, width=output.width(), paint=output.paint()))
    return ExitCode.OK


@jobs.command(short_help="Wait until jobs run, or are over.", epilog=_ADDRESS)
@options.settings
@options.output
@click.argument("addresses", metavar="[ADDRESS]...", nargs=-1, shell_complete=completing.jobs_or_apps)
@click.option(
    "--for", "aim", type=click.Choice(["running", "stopped"]), default="running", show_default=True, help="Until when."
)
@click.option(
    "--timeout", type=Duration(), default=_TIMEOUT, show_default=True, metavar="DURATION", help="For how long at most."
)
def wait(settings: Settings, format_: str, addresses: tuple[str, ...], aim: Aim, timeout: float) -> int:
    """Wait until every job of the state, or those named, run or are over. Reads only.

    Ends with 1 when one is not there in time, or is over while it was expected to run.
    """
    import asyncio

    from rtcctl.cli.progress import followed
    from rtcctl.operations import waiting, workflow
    from rtcctl.operations.loading import load_of
    from rtcctl.reports import as_json
    from rtcctl.reports import jobs as report

    async def work() -> tuple[Followed, ...]:
        session = workflow.open_session(settings, load_of(settings, addresses))
        try:
            return await waiting.wait(session, addresses, aim, timeout, followed(settings.watcher))
        finally:
            await session.close()

    found = asyncio.run(work())
    code = _waited(found)
    if format_ == "json":
        output.result(as_json.dumps(report.waited_document(found, aim, code)))
    else:
        output.result(report.waited_text(found, aim, width=output.width(), paint=output.paint()))
    return code


def _waited(found: Sequence[Followed]) -> ExitCode:
    """Return the exit code: that of what can't be read, where there is such a job."""
    failed = [job.error.exit_code for job in found if job.ending == "failed" and job.error]
    missing = any(job.ending != "reached" for job in found)
    return failed[0] if failed else ExitCode.FAILED if missing else ExitCode.OK


@jobs.command(short_help="Stop jobs.", epilog=_ADDRESS)
@options.settings
@options.any_output
@reports
@options.allow_destroy
@options.auto_approve
@running
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, shell_complete=completing.jobs_or_apps)
def stop(
    settings: Settings,
    format_: str,
    reports: Reports,
    allow_destroy: bool,
    auto_approve: bool,
    running: Running,
    addresses: tuple[str, ...],
) -> int:
    """Stop the jobs named. They stay declared: neither apply nor `restart` starts them again, but --replace does.

    It is a plan like any other: shown, asked about, and under the same safety rules.
    """
    from rtcctl.operations import jobs as operation
    from rtcctl.operations.accounts import open_fleet
    from rtcctl.operations.loading import load_of

    desired = load_of(settings, addresses)
    ending.begun(desired)
    fleet = open_fleet(settings, desired.of(desired.project.account.name), running.pace)
    wish = Wish(format_, allow_destroy, auto_approve, running, reports=reports)
    return run_plan(fleet, lambda _, session: operation.plan_stop(session, addresses), wish)
