"""`rtcctl rehearse`: what apply would do, seen on a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rtcctl.cli import options, output
from rtcctl.operations.settings import Settings

if TYPE_CHECKING:
    from rtcctl.model.rehearsal import Rehearsal


@click.command(short_help="Apply to a copy of the account, in memory, and tell what would happen.")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@options.files_or_plan
@options.scope
@options.output
@click.option(
    "--scenario",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Let calls fail as this scenario says, such as those in examples/faults.",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    help="Settle an unconfirmed point the other way; `simulator variants` lists them. Repeatable.",
)
def rehearse(
    settings: Settings,
    plan_file: Path | None,
    format_: str,
    scenario: Path | None,
    variants: tuple[str, ...],
    **scope: Any,
) -> int:
    """Read what a plan looks at, copy it into a simulator in memory, and apply the plan there.

    The account is only read, the state neither changed nor locked, and no callback is delivered. What needs
    --allow-destroy is rehearsed as if it was allowed. Ends as the apply would have ended, or with 2 when a plan
    afterwards is not empty.
    """
    from rtcctl.operations import loop, rehearsal, scoping
    from rtcctl.operations.loading import load, load_of
    from rtcctl.operations.rehearsing_stage import Conditions
    from rtcctl.planfile import file

    conditions = Conditions(scenario, variants)
    if plan_file is not None:
        if any(scope[name] not in ((), False, "all") for name in scope):
            raise click.UsageError("a saved plan is rehearsed as it is: --target, --replace, --refresh go with plan")
        saved = file.read(settings.folder / plan_file)
        desired = load(settings) if settings.files else None
        work = rehearsal.rehearse_saved(settings, saved, desired, conditions)
    elif settings.files:
        desired = load_of(settings, [*scope["targets"], *scope["replace"]])
        work = rehearsal.rehearse(settings, desired, scoping.scoped(desired, **scope), conditions)
    else:
        raise click.UsageError("name a manifest with -f, or a plan file")
    found = loop.run(work)
    output.show_diagnostics(found.plan.warnings)
    _show(found, format_)
    return found.exit_code


def _show(found: Rehearsal, format_: str) -> None:
    from rtcctl.reports import as_json
    from rtcctl.reports import rehearsal as report

    if format_ == "json":
        output.result(as_json.dumps(report.rehearsal_document(found)))
    else:
        output.result(report.rehearsal_text(found, width=output.width(), paint=output.paint()))
