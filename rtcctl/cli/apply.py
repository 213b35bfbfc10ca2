"""`rtcctl apply` and `rtcctl destroy`: show the plan, ask, make its calls, tell how each ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rtcctl.cli import options, output
from rtcctl.errors import UsageError

if TYPE_CHECKING:
    from rtcctl.cli.progress import Interrupts
    from rtcctl.model.plan import Plan
    from rtcctl.model.result import ApplyResult
    from rtcctl.operations.settings import Settings
    from rtcctl.operations.workflow import Session
    from rtcctl.planner.context import Options


@click.command()
@options.settings
@options.output
@options.start_unknown_jobs
@options.allow_destroy
@options.auto_approve
def apply(settings: Settings, format_: str, start_unknown_jobs: bool, allow_destroy: bool, auto_approve: bool) -> int:
    """Make the calls that bring the live account to what the manifest says."""
    from rtcctl.planner.context import Options

    return _run(settings, Options(start_unknown_jobs=start_unknown_jobs), format_, allow_destroy, auto_approve)


@click.command()
@options.settings
@options.output
@options.allow_destroy
@options.auto_approve
def destroy(settings: Settings, format_: str, allow_destroy: bool, auto_approve: bool) -> int:
    """Delete everything that the state of this manifest's project owns."""
    from rtcctl.planner.context import Options

    return _run(settings, Options(destroy=True), format_, allow_destroy, auto_approve)


def _run(settings: Settings, asked: Options, format_: str, allow_destroy: bool, auto_approve: bool) -> int:
    import asyncio

    from rtcctl.cli.progress import Interrupts
    from rtcctl.operations import workflow
    from rtcctl.operations.loading import load

    desired = load(settings)
    interrupts = Interrupts()

    async def work() -> int:
        async with workflow.session(settings, desired) as session:
            with session.connection.state.locked():
                return await _locked(session, asked, format_, allow_destroy, auto_approve, interrupts)

    return asyncio.run(work())


async def _locked(
    session: Session, asked: Options, format_: str, allow_destroy: bool, auto_approve: bool, interrupts: Interrupts
) -> int:
    from rtcctl.cli.progress import Progress

    planned = await session.plan(asked)
    plan = planned.plan
    output.show_diagnostics(plan.warnings)
    if format_ == "text":
        output.show_plan(plan, format_)
    allow_destroy = _consent(session, plan, allow_destroy, auto_approve)
    if plan.has_changes:
        output.progress("")
    with interrupts.caught():
        result = await session.apply(planned, Progress(plan), allow_destroy=allow_destroy, stopping=interrupts.stopping)
    _show(plan, result, format_)
    return result.exit_code


def _consent(session: Session, plan: Plan, allow_destroy: bool, auto_approve: bool) -> bool:
    """Ask what has to be asked, and return whether destruction is allowed.

    Raises:
        UsageError: there is nobody to ask.
        click.Abort: the answer was no.
    """
    from rtcctl.model.plan import ALLOW_DESTROY

    refused = plan.refused(allow_destroy=allow_destroy)
    lifted_by_answer = refused and all(refusal.lifted_by == ALLOW_DESTROY for refusal in refused)
    if auto_approve or not plan.has_changes or (refused and not lifted_by_answer):
        return allow_destroy
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask at", mend="nothing was changed; add --auto-approve to go ahead")
    target = session.connection.target
    _ask(f'Type "yes" to make these calls at {target}', "yes")
    if refused:
        count = sum(1 for change in plan.changes if change.action in ("delete", "replace") and change.steps)
        _ask(f'Type "destroy {count}" to allow that as well', f"destroy {count}")
        return True
    return allow_destroy


def _ask(question: str, word: str) -> None:
    if click.prompt(question, err=True, default="", show_default=False).strip() != word:
        raise click.Abort


def _show(plan: Plan, result: ApplyResult, format_: str) -> None:
    if format_ == "json":
        from rtcctl.reports import as_json

        output.result(as_json.dumps(as_json.result_document(plan, result)))
    elif plan.has_changes:
        from rtcctl.reports.as_text import result_text

        output.result("\n" + result_text(result, width=output.width(), paint=output.paint()))
