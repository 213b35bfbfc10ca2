"""`rtcctl doctor`: why it does not work, in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rtcctl.cli import options, output

if TYPE_CHECKING:
    from rtcctl.operations.settings import Settings


@click.command(short_help="Tell in one go what keeps it from working.")
@options.files_or_plan
@options.output
@click.option("--callbacks", is_flag=True, help="Send a HEAD to each callback URL of the manifest as well.")
def doctor(settings: Settings, format_: str, callbacks: bool) -> int:
    """Look at versions, settings, credentials, network, permissions, account and state, each with what to do.

    Only reads; no value of a credential is shown. Ends with 0 where nothing failed, else with the code of the worst
    kind of failure: 3 a setting or the manifest, 4 credentials or permission, 1 network or service, 5 the state.
    """
    import asyncio

    from rtcctl.operations.doctor import examine
    from rtcctl.reports import as_json
    from rtcctl.reports import doctor as report
    from rtcctl.reports.style import Style

    found = asyncio.run(examine(settings, ask_callbacks=callbacks))
    style = Style(output.width(), output.paint())
    output.result(as_json.dumps(report.document(found)) if format_ == "json" else report.text(found, style))
    return found.exit_code
