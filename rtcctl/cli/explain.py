"""`rtcctl explain`: what is known of a kind or a member."""

from __future__ import annotations

import click

from rtcctl.cli import completing, options, output
from rtcctl.errors import ExitCode


@click.command(short_help="Tell what a kind or a member is, and what a change of it does.")
@options.output
@click.argument("path", metavar="[KIND[.MEMBER]...]", required=False, shell_complete=completing.members)
def explain(path: str | None, format_: str) -> int:
    """Tell type, bounds, default, unit and source of a member, and what a change of it does.

    KIND.MEMBER is a path as in the manifest: App.mix_stream_jobs.mix_param.max_idle_time, or from the kind itself:
    MixStreamJob.mix_param.max_idle_time. Without one all kinds are listed.
    """
    from rtcctl.operations import explaining
    from rtcctl.reports import as_json
    from rtcctl.reports import explanation as report
    from rtcctl.reports.style import Style

    style = Style(output.width(), output.paint())
    if path is None:
        kinds = explaining.all_kinds()
        listed = as_json.dumps(report.kinds_document(kinds)) if format_ == "json" else report.kinds_text(kinds, style)
        output.result(listed)
        return ExitCode.OK
    found = explaining.explain(path)
    output.result(as_json.dumps(report.document(found)) if format_ == "json" else report.text(found, style))
    return ExitCode.OK
