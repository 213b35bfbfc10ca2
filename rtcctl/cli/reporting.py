"""`--report FORMAT=FILE`: what a command shows, into files as well, on every way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import click

from rtcctl.cli import output
from rtcctl.errors import ExitCode, RtcctlError, UsageError

FORMATS = ("json", "text")
_FLAG = "--report"


@dataclass(frozen=True, slots=True)
class Report:
    """One file that is asked for."""

    format: str
    path: Path


class _ReportType(click.ParamType):  # type: ignore[type-arg]  # older versions of click know no argument
    """`FORMAT=FILE`."""

    name = "report"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Report:
        """Read what was typed.

        Raises:
            click.BadParameter: there is no such format, or no file.
            UsageError: the file could not be written, which is better known before anything is done.
        """
        from rtcctl.cli import outfile

        if isinstance(value, Report):
            return value
        format_, _, path = str(value).partition("=")
        if format_ not in FORMATS or not path:
            self.fail(f"{value!r} is not FORMAT=FILE with a format of {' or '.join(FORMATS)}", param, ctx)
        outfile.check(Path(path))
        return Report(format_, Path(path))


Reports: TypeAlias = tuple[Report, ...]

reports = click.option(
    _FLAG,
    "reports",
    type=_ReportType(),
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write the outcome into a file as well, on every way out: json or text. Repeatable.",
)


def wanted(arguments: list[str]) -> Reports:
    """Find the reports in raw arguments, so that errors before parsing are reported as well."""
    found = []
    for before, after in zip(arguments, [*arguments[1:], ""], strict=False):
        value = after if before == _FLAG else before.removeprefix(f"{_FLAG}=") if before.startswith(f"{_FLAG}=") else ""
        format_, _, path = value.partition("=")
        if format_ in FORMATS and path:
            found.append(Report(format_, Path(path)))
    return tuple(found)


def finished(
    code: ExitCode, asked: Reports, document: Callable[[], Mapping[str, Any]], text: Callable[[], str]
) -> ExitCode:
    """Write every report that is asked for, and return how the command ends.

    What was done stands, and so does what was shown: a report that can't be written is told on stderr, and makes a
    failure only of what had gone well.
    """
    failed = _write(asked, document, text)
    for error in failed:
        output.show_error(error, "text")
    return ExitCode.FAILED if failed and code in (ExitCode.OK, ExitCode.CHANGES_PENDING) else code


def write_error(asked: Reports, error: RtcctlError) -> None:
    """Write an error that ended a command; a report that can't be written is no reason to hide it."""
    from rtcctl.reports import as_json
    from rtcctl.reports.as_text import diagnostic_text, error_text

    def text() -> str:
        found = getattr(error, "diagnostics", ())
        return "\n".join([*(diagnostic_text(each) for each in found), error_text(error)])

    _write(asked, lambda: as_json.error_document(error), text)


def _write(asked: Reports, document: Callable[[], Mapping[str, Any]], text: Callable[[], str]) -> list[RtcctlError]:
    from rtcctl.cli import outfile
    from rtcctl.reports import as_json

    failed: list[RtcctlError] = []
    for report in asked:
        content = as_json.dumps(document()) if report.format == "json" else text()
        try:
            outfile.check(report.path)
            outfile.write(report.path, (content + "\n").encode(errors="backslashreplace"))
        except OSError as error:
            message = f"can't write the report {report.path}: {error.strerror or error}"
            failed.append(RtcctlError(message, mend="what was shown stands; name a file that can be written"))
        except UsageError as error:
            failed.append(error)
    return failed
