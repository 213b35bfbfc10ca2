"""`rtcctl validate`, `plan`, `show` and `drift`: they change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from rtcctl.cli import options, output
from rtcctl.cli.reporting import Reports, finished, reports
from rtcctl.errors import ExitCode, UsageError
from rtcctl.operations.settings import SIMULATOR_DATA, Settings

if TYPE_CHECKING:
    from rtcctl.model.drift import Drift
    from rtcctl.operations.workflow import Planned


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
@options.scope
@options.output
@reports
@click.option(
    "--out",
    metavar="FILE",
    type=options.FilePath(),
    help="Write the plan into a file for apply; it holds no secret.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when changes are pending.")
def plan(
    settings: Settings, format_: str, reports: Reports, out: Path | None, detailed_exitcode: bool, **scope: Any
) -> int:
    """Show what differs from the live account, and the calls that would close the difference."""
    import asyncio

    from rtcctl.cli import outfile
    from rtcctl.cli.progress import tell_wait
    from rtcctl.operations import saving, scoping, workflow
    from rtcctl.operations.loading import load
    from rtcctl.planfile.file import check_no_literal_secret
    from rtcctl.reports import as_json
    from rtcctl.reports.as_text import plan_text
    from rtcctl.reports.wording import plain

    if out is not None:
        outfile.check(settings.folder / out)
        if out in [report.path for report in reports]:
            raise UsageError(f"{out} can't be plan file and report at once", mend="name two files")

    async def work() -> Planned:
        desired = load(settings)
        if out is not None:
            check_no_literal_secret(desired)
        session = workflow.open_session(settings, desired)
        session.connection.client.throttle.told = tell_wait
        try:
            planned = await session.plan(scoping.scoped(desired.project, **scope))
            if out is not None:
                saving.save(settings.folder / out, session, planned)
            return planned
        finally:
            await session.close()

    found = asyncio.run(work()).plan
    output.show_diagnostics(found.warnings)
    output.show_plan(found, format_)
    code = ExitCode.CHANGES_PENDING if detailed_exitcode and found.has_changes else ExitCode.OK
    code = finished(code, reports, lambda: as_json.plan_document(found), lambda: plan_text(found))
    if out is not None:
        where = "".join(f" {flag}" for flag in _flags(settings))
        command = f"rtcctl apply {quote(str(out))}{where}"
        output.progress(plain(f"The plan is in {out}; make exactly these calls with: {command}"))
    return code


def _flags(settings: Settings) -> Iterator[str]:
    """Yield the flags that say which service was meant, as `apply` needs them again."""
    if settings.simulator:
        yield "--simulator"
        if settings.simulator_data != SIMULATOR_DATA:
            yield f"--simulator-data {quote(str(settings.simulator_data))}"
    for flag, url in (("--endpoint", settings.endpoint), ("--iam-endpoint", settings.iam_endpoint)):
        if url:
            yield f"{flag} {quote(url)}"


@click.command(short_help="Show a saved plan.")
@click.argument("plan_file", metavar="PLAN", type=options.FilePath(dir_okay=True))
@options.output
def show(plan_file: Path, format_: str) -> int:
    """Show the plan in a file that plan --out wrote. Neither calls nor credentials are needed."""
    from rtcctl.planfile import file
    from rtcctl.reports.wording import plain

    saved = file.read(plan_file)
    account = saved.account
    output.show_diagnostics(saved.plan.warnings)
    output.show_plan(saved.plan, format_)
    where = f"project {saved.project}, account {account.name} at {account.endpoint}"
    output.progress(plain(f"Planned {saved.created} for {where}, state serial {account.serial}."))
    return ExitCode.OK


@click.command(short_help="Show what was changed outside rtcctl.")
@options.settings
@options.output
@reports
def drift(settings: Settings, format_: str, reports: Reports) -> int:
    """Compare the live account with what was last applied; exit with 2 when something was changed outside rtcctl."""
    import asyncio

    from rtcctl.cli.progress import tell_wait
    from rtcctl.operations import workflow
    from rtcctl.operations.loading import load
    from rtcctl.reports.drift import drift_document, drift_text

    async def work() -> Drift:
        session = workflow.open_session(settings, load(settings))
        session.connection.client.throttle.told = tell_wait
        try:
            return await session.drift()
        finally:
            await session.close()

    found = asyncio.run(work())
    output.show_drift(found, format_)
    code = ExitCode.CHANGES_PENDING if found.has_drift else ExitCode.OK
    return finished(code, reports, lambda: drift_document(found), lambda: drift_text(found))
