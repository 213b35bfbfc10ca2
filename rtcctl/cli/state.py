"""`rtcctl state`: what rtcctl owns, and mending that record by hand. Neither calls nor credentials are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rtcctl.cli import asking, completing, options, output
from rtcctl.errors import Diagnostic, ExitCode

if TYPE_CHECKING:
    from rtcctl.operations.settings import Settings
    from rtcctl.state.holder import Holder

_PREFIX = "An ADDRESS is Kind/NAME or Kind/APP/NAME, as plan shows it."


@click.group()
def state() -> None:
    """Show what rtcctl owns, and mend that record. No call is made."""


@state.command("list", short_help="List what the state owns.")
@options.settings
@options.output
def list_(settings: Settings, format_: str) -> int:
    """List every owned address with its remote ids, and operations whose end was never learned."""
    from rtcctl.operations.connection import state_of
    from rtcctl.operations.loading import load
    from rtcctl.reports import as_json
    from rtcctl.reports import ledger as report

    kept = state_of(settings, load(settings).project)
    ledger = kept.load()
    if format_ == "json":
        output.result(as_json.dumps(report.list_document(ledger, kept.place)))
    else:
        output.result(report.list_text(ledger, kept.place, width=output.width(), paint=output.paint()))
    return ExitCode.OK


@state.command(short_help="Show what is kept of one address.", epilog=_PREFIX)
@options.settings
@options.output
@click.argument("address", shell_complete=completing.owned)
def show(settings: Settings, format_: str, address: str) -> int:
    """Show the ids and the last-applied members of ADDRESS; of secrets only that there are some."""
    from rtcctl.operations.connection import state_of
    from rtcctl.operations.ledgers import known_address
    from rtcctl.operations.loading import load_of
    from rtcctl.reports import as_json
    from rtcctl.reports import ledger as report

    project = load_of(settings, [address]).project
    ledger = state_of(settings, project).load()
    found = known_address(ledger, project, address)
    if format_ == "json":
        output.result(as_json.dumps(report.entry_document(ledger, found)))
    else:
        output.result(report.entry_text(ledger, found, paint=output.paint()))
    return ExitCode.OK


@state.command(short_help="Rename an address in the state.", epilog=_PREFIX)
@options.settings
@options.output
@click.argument("from_", metavar="FROM", shell_complete=completing.owned)
@click.argument("to", metavar="TO")
def mv(settings: Settings, format_: str, from_: str, to: str) -> int:
    """Rename the address FROM to TO in the state, with everything that hangs on it."""
    from rtcctl.operations import ledgers
    from rtcctl.operations.connection import state_of
    from rtcctl.operations.loading import load_of
    from rtcctl.reports import as_json
    from rtcctl.reports import edits as report

    project = load_of(settings, [from_]).project
    moved = ledgers.move(state_of(settings, project), project, from_, to)
    text = format_ != "json"
    output.result(report.moved_text(moved) if text else as_json.dumps(report.moved_document(moved)))
    return ExitCode.OK


@state.command(short_help="Drop an address from the state.", epilog=_PREFIX)
@options.settings
@options.output
@click.argument("address", shell_complete=completing.owned)
def forget(settings: Settings, format_: str, address: str) -> int:
    """Drop ADDRESS from the state, for an App with everything under it; the objects stay as they are.

    This also settles an operation whose end was never learned.
    """
    from rtcctl.operations import ledgers
    from rtcctl.operations.connection import state_of
    from rtcctl.operations.loading import load_of
    from rtcctl.reports import as_json
    from rtcctl.reports import edits as report

    desired = load_of(settings, [address])
    gone = ledgers.forget(state_of(settings, desired.project), desired, address)
    if format_ == "json":
        output.result(as_json.dumps(report.forgotten_document(gone)))
    else:
        output.result(report.forgotten_text(gone, width=output.width()))
    return ExitCode.OK


@state.command(short_help="Take the lock away from a run that is gone.")
@options.settings
@options.output
@options.auto_approve
@click.argument("nonce", metavar="NONCE")
def unlock(settings: Settings, format_: str, auto_approve: bool, nonce: str) -> int:
    """Take the state's lock away from the run that holds it under NONCE, as the message about the lock names it.

    End that run first, should it still be there: its calls under way go on, and what they do is not recorded; others it
    makes no more. Where it shows signs of life, this is told and asked about.
    """
    from rtcctl.operations.connection import state_of
    from rtcctl.operations.loading import load
    from rtcctl.reports import as_json
    from rtcctl.reports import edits as report

    kept = state_of(settings, load(settings).project)
    holder = kept.running()
    if holder is not None and holder.nonce == nonce:
        output.show_diagnostics([_alive(holder)])
        if not auto_approve:
            asking.check("--auto-approve")
            asking.ask('Type "yes" to take its lock away all the same', "yes")
    kept.unlock(nonce)
    text = format_ != "json"
    output.result(report.unlocked_text(kept.place) if text else as_json.dumps(report.unlocked_document(kept.place)))
    return ExitCode.OK


def _alive(holder: Holder) -> Diagnostic:
    return Diagnostic(
        f"the run that holds this lock seems to be alive: {holder}",
        mend="end that run first: calls that are under way go on, and what they do is not recorded",
        severity="warning",
    )
