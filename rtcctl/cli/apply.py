"""`rtcctl apply` and `rtcctl destroy`: show the plan, ask, make its calls, tell how each ended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import replace

from rtcctl.cli import asking, ending, options, output
from rtcctl.cli.durations import Duration
from rtcctl.cli.reporting import Reports, finished, reports
from rtcctl.cli.running import Running, running
from rtcctl.errors import Diagnostic, ExitCode, OutputError

if TYPE_CHECKING:
    from rtcctl.cli.progress import Progress
    from rtcctl.model.happening import Watcher
    from rtcctl.model.plan import Plan
    from rtcctl.model.result import ApplyResult
    from rtcctl.operations.fleet import Fleet, FleetPlan
    from rtcctl.operations.settings import Settings
    from rtcctl.operations.workflow import Planned, Session
    from rtcctl.state.holder import Holder

_NEEDED = (
    "rtcctl.applying.journal",
    "rtcctl.applying.record",
    "rtcctl.applying.executor",
    "rtcctl.applying.joining",
    "rtcctl.planfile.fresh",
    "rtcctl.cli.progress",
    "rtcctl.reports.formats.text",
    "concurrent.futures.thread",
)
"""What makes the calls; it is loaded while the plan is being made."""


class Wish(Struct, frozen=True):
    """What was asked for on the command line, beside the target.

    `wait` is how many seconds the jobs that are started are followed; None: not at all.
    """

    format_: str
    allow_destroy: bool
    auto_approve: bool
    running: Running = Running()
    wait: float | None = None
    reports: Reports = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """The flags that were given of those that lift refusals."""
        from rtcctl.model.plan import ALLOW_DESTROY

        return (ALLOW_DESTROY,) if self.allow_destroy else ()


@click.command(short_help="Bring the live account to what the manifest says, or make the calls of a saved plan.")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=options.FilePath(dir_okay=True))
@options.files_or_plan
@options.scope
@options.any_output
@reports
@options.allow_destroy
@options.auto_approve
@running
@click.option("--wait", is_flag=True, help="Follow the jobs that are started until they run.")
@click.option(
    "--wait-timeout",
    type=Duration(),
    default="5m",
    show_default=True,
    metavar="DURATION",
    help="For how long at most they are followed.",
)
def apply(
    settings: Settings,
    plan_file: Path | None,
    format_: str,
    reports: Reports,
    allow_destroy: bool,
    auto_approve: bool,
    running: Running,
    wait: bool,
    wait_timeout: float,
    **scope: Any,
) -> int:
    """Make the calls that bring the live account to what the manifest says, or exactly those of the file PLAN.

    A saved plan is refused when anything that it relies on has moved since. Its calls were approved when it was saved,
    so that nothing is asked; with -f its manifest must be the one that was planned.
    """
    from rtcctl.operations import scoping
    from rtcctl.operations.accounts import open_fleet
    from rtcctl.operations.loading import load

    wish = Wish(format_, allow_destroy, auto_approve, running, wait_timeout if wait else None, reports)
    if plan_file is not None:
        if any(scope[name] not in ((), False, "all") for name in scope):
            raise click.UsageError("a saved plan is applied as it is: --target, --replace, --refresh go with plan")
        return _apply_saved(settings, plan_file, wish)
    if not settings.files:
        raise click.UsageError("name a manifest with --file, or a plan file")
    desired = load(settings)
    ending.begun(desired)
    wanted = scoping.scoped(desired, **scope)
    accounts = open_fleet(settings, desired, running.pace, options=wanted, fail_fast=running.fail_fast)
    return run_plan(accounts, accounts.planning(wanted), wish)


def _apply_saved(settings: Settings, plan_file: Path, wish: Wish) -> int:
    from rtcctl.operations import saving
    from rtcctl.operations.loading import load
    from rtcctl.planfile import file

    saved = file.read(settings.folder / plan_file)
    ending.begun_with(saved.project)
    if settings.files:
        desired = load(settings)
        ending.begun(desired)
        saving.check_manifest(saved, desired)
    accounts = saving.open_saved(settings, saved, wish.running.pace, fail_fast=wish.running.fail_fast)
    return run_plan(accounts, saving.preparing(saved), replace(wish, auto_approve=True))


@click.command(short_help="Delete everything that the state owns.")
@options.settings
@options.any_output
@reports
@options.allow_destroy
@options.auto_approve
@running
def destroy(
    settings: Settings, format_: str, reports: Reports, allow_destroy: bool, auto_approve: bool, running: Running
) -> int:
    """Delete everything that the state of this manifest's project owns."""
    from rtcctl.operations.accounts import open_fleet
    from rtcctl.operations.loading import load
    from rtcctl.planner.options import Options

    desired = load(settings)
    ending.begun(desired)
    accounts = open_fleet(settings, desired, running.pace, fail_fast=running.fail_fast)
    wish = Wish(format_, allow_destroy, auto_approve, running, reports=reports)
    return run_plan(accounts, accounts.planning(Options(destroy=True)), wish)


def run_plan(fleet: Fleet, planning: Callable[[str, Session], Coroutine[Any, Any, Planned] | None], wish: Wish) -> int:
    """Plan, show, ask, make the calls, follow the jobs if asked, and tell how it ended; return the exit code.

    Raises:
        RtcctlError: before anything was changed.
        click.Abort: the answer was no, or a signal came, before anything was changed.
    """
    import asyncio

    from rtcctl.applying.stop import Stop
    from rtcctl.cli.interrupts import Interrupts, TimeLimit, within
    from rtcctl.operations.loop import run_in
    from rtcctl.operations.meanwhile import loading

    async def planned_meanwhile() -> FleetPlan:
        with loading(_NEEDED):
            return await fleet.plan(planning)

    watcher = fleet.watcher
    limit, stop = TimeLimit(wish.running.timeout), Stop()
    interrupts = Interrupts(stop)
    # One loop for all, entered only while calls are made: a question is asked outside of it, where Ctrl-C ends it.
    with contextlib.ExitStack() as told, asyncio.Runner() as runner:
        try:
            with fleet.locked() as crashed:
                output.show_diagnostics([_taken_over(account, run) for account, run in crashed.items()])
                with limit.counted():
                    planned = run_in(runner, within(limit.left, planned_meanwhile()))
                plan = planned.plan
                output.show_diagnostics(plan.warnings)
                ending.current().plan = plan
                progress = _progress(plan, wish, watcher)
                allow_destroy = _consent(fleet, plan, wish)
                told.enter_context(interrupts)  # until the outcome is told: from here on something may be done
                applying = fleet.apply(
                    planned,
                    progress,
                    allow_destroy=allow_destroy,
                    stop=stop,
                    fail_fast=wish.running.fail_fast,
                )
                with limit.counted():
                    result = run_in(runner, interrupts.watch(applying, limit.left))
            if wish.wait is not None:  # nothing is written any more, so that others may have the state meanwhile
                from rtcctl.cli.progress import followed
                from rtcctl.operations import waiting

                following = partial(
                    waiting.follow_started,
                    limit=limit.at_most(wish.wait),
                    stopping=lambda: stop.asked,
                )
                following_all = fleet.follow(planned, result, following, followed(watcher))
                result = run_in(runner, interrupts.watch(following_all))
        finally:
            runner.run(fleet.close())
        return _told(plan, result, wish)


def _progress(plan: Plan, wish: Wish, watcher: Watcher) -> Progress:
    """Show the plan that is about to be applied, and return what tells of its calls."""
    from rtcctl.cli.progress import Progress, Streamed
    from rtcctl.cli.watching import in_lines
    from rtcctl.model.finished import Planned as Made

    if wish.format_ == "text":
        output.show(Made(plan, allowed=wish.allowed), "text")
    if wish.format_ != "jsonl":
        return Progress(watcher)
    ending.current().is_streamed = True
    in_lines(watcher)
    return Streamed(watcher, plan)


def _taken_over(account: str, crashed: Holder) -> Diagnostic:
    where = f"{account}: " if account else ""
    return Diagnostic(
        f"{where}the last run ended without giving up its lock: {crashed}",
        mend="this run took it over, and begins with what that one left",
        severity="warning",
    )


def _consent(fleet: Fleet, plan: Plan, wish: Wish) -> bool:
    """Ask what has to be asked, and return whether destruction is allowed.

    Raises:
        UsageError: there is nobody to ask.
        click.Abort: the answer was no.
    """
    from rtcctl.model.plan import ALLOW_DESTROY

    refused = plan.refused(allow_destroy=wish.allow_destroy)
    lifted_by_answer = refused and all(refusal.lifted_by == ALLOW_DESTROY for refusal in refused)
    if wish.auto_approve or not plan.has_changes or (refused and not lifted_by_answer):
        return wish.allow_destroy
    asking.check(f"--auto-approve {ALLOW_DESTROY}" if refused else "--auto-approve")
    if wish.format_ != "text":
        output.show_plan_before_asking(plan)
    asking.ask(f'Type "yes" to make these calls at {fleet.target}', "yes")
    if refused:
        count = sum(1 for change in plan.changes if change.action in ("delete", "replace") and change.steps)
        asking.ask(f'Type "destroy {count}" to allow that as well', f"destroy {count}")
        return True
    return wish.allow_destroy


def _told(plan: Plan, result: ApplyResult, wish: Wish) -> int:
    """Tell how it ended, wherever that can be told: what was done is done."""
    from rtcctl.model.finished import Applied
    from rtcctl.model.run import Run
    from rtcctl.reports.as_text import result_text

    code, outcome = result.exit_code, Applied(plan, result, ending.current().run or Run(), wish.allowed)
    try:
        if ending.current().is_streamed:
            from rtcctl.reports.formats import jsonl

            output.result(jsonl.ended(plan, result))
        elif wish.format_ != "text":
            output.show(outcome, wish.format_)
        elif plan.has_changes or len(result.broken) > len(plan.broken):
            output.result("\n" + result_text(result, width=output.width(), paint=output.paint()))
    except OutputError as error:
        output.progress(result_text(result))
        output.show_error(error)
        code = code or ExitCode.FAILED
    return finished(code, wish.reports, outcome, shown=wish.format_)
