"""`rtcctl validate`, `plan`, `show` and `drift`: they change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from rtcctl.cli import ending, options, output
from rtcctl.cli.reporting import Reports, finished, is_same, reports
from rtcctl.cli.running import Running, pace
from rtcctl.errors import ExitCode, UsageError
from rtcctl.operations.settings import SIMULATOR_DATA, Settings

if TYPE_CHECKING:
    pass


@click.command()
@options.files
@options.any_output
@reports
def validate(files: tuple[str, ...], format_: str, reports: Reports) -> int:
    """Check a manifest; no call is made."""
    from rtcctl.model.finished import Validated
    from rtcctl.operations.loading import load
    from rtcctl.reports.sums import valid

    desired = load(Settings(files))
    run = ending.begun(desired)
    outcome = Validated(tuple(sorted(desired.resources)), desired.warnings, run)
    output.show_diagnostics(desired.warnings)
    if format_ == "text":  # warnings go to stderr, and so are not in it
        output.result(valid(len(desired.resources)))
    else:
        output.show(outcome, format_)
    return finished(ExitCode.OK, reports, outcome, shown=format_)


@click.command(short_help="Show what differs, and the calls that would close it.")
@options.settings
@options.scope
@options.any_output
@reports
@pace
@options.fail_fast
@click.option(
    "--out",
    metavar="FILE",
    type=options.FilePath(),
    help="Write the plan into a file for apply; it holds no secret.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when changes are pending.")
def plan(
    settings: Settings,
    format_: str,
    reports: Reports,
    running: Running,
    out: Path | None,
    detailed_exitcode: bool,
    **scope: Any,
) -> int:
    """Show what differs from the live account, and the calls that would close the difference."""
    from rtcctl.model.happening import Note
    from rtcctl.operations import api, scoping

    if out is not None:
        from rtcctl.cli import outfile

        outfile.check(settings.folder / out)
        if any(is_same(out, report.path) for report in reports):
            raise UsageError(f"{out} can't be plan file and report at once", mend="name two files")

    desired = api.load(settings)
    run = ending.begun(desired)
    if out is not None:
        from rtcctl.planfile.file import check_no_literal_secret

        check_no_literal_secret(desired)
    saved = api.plan(
        desired, settings, scoping.scoped(desired, **scope), fail_fast=running.fail_fast, pace=running.pace
    )
    found = saved.plan
    ending.current().plan = found
    if out is not None and not found.broken:
        api.write_plan(settings.folder / out, saved)
    output.show_diagnostics(found.warnings)
    from rtcctl.model.finished import Planned

    outcome = Planned(found, run)
    output.show(outcome, format_)
    code = ExitCode.CHANGES_PENDING if detailed_exitcode and found.has_changes else ExitCode.OK
    code = found.broken[0].error.exit_code if found.broken else code
    code = finished(code, reports, outcome, shown=format_)
    if out is not None and found.broken:
        from rtcctl.planfile.file import lacking

        output.show_error(lacking(out, found.broken))
    elif out is not None:
        where = "".join(f" {flag}" for flag in _flags(settings))
        command = f"rtcctl apply {quote(str(out))}{where}"
        settings.watcher.see(Note(f"The plan is in {out}; make exactly these calls with: {command}"))
    return code


def _flags(settings: Settings) -> Iterator[str]:
    """Yield the flags that say which service was meant, as `apply` needs them again."""
    if settings.simulator:
        yield "--simulator"
        if settings.simulator_data != SIMULATOR_DATA:
            yield f"--simulator-data {quote(str(settings.simulator_data))}"
    for name in settings.accounts:
        yield f"--account {quote(name)}"
    for flag, url in (("--endpoint", settings.endpoint), ("--iam-endpoint", settings.iam_endpoint)):
        if url:
            yield f"{flag} {quote(url)}"


@click.command(short_help="Show a saved plan.")
@click.argument("plan_file", metavar="PLAN", type=options.FilePath(dir_okay=True))
@options.any_output
@reports
def show(plan_file: Path, format_: str, reports: Reports) -> int:
    """Show the plan in a file that plan --out wrote. Neither calls nor credentials are needed."""
    from rtcctl.model.finished import Planned
    from rtcctl.planfile import file
    from rtcctl.reports.wording import plain

    saved = file.read(plan_file)
    output.show_diagnostics(saved.plan.warnings)
    outcome = Planned(saved.plan, ending.begun_with(saved.project))
    output.show(outcome, format_)
    for account in (part.account for part in saved.parts):
        where = f"project {saved.project}, account {account.name} at {account.endpoint}"
        output.progress(plain(f"Planned {saved.created} for {where}, state serial {account.serial}."))
    return finished(ExitCode.OK, reports, outcome, shown=format_)


@click.command(short_help="Show what was changed outside rtcctl.")
@options.settings
@options.any_output
@reports
@pace
@options.fail_fast
def drift(settings: Settings, format_: str, reports: Reports, running: Running) -> int:
    """Compare the live account with what was last applied; exit with 2 when something was changed outside rtcctl."""
    from rtcctl.model.finished import Compared
    from rtcctl.operations import api

    desired = api.load(settings)
    run = ending.begun(desired)
    found = api.drift(desired, settings, fail_fast=running.fail_fast, pace=running.pace)
    outcome = Compared(found, run)
    output.show(outcome, format_)
    code = ExitCode.CHANGES_PENDING if found.has_drift else ExitCode.OK
    code = found.broken[0].error.exit_code if found.broken else code
    return finished(code, reports, outcome, shown=format_)
