"""`--report FORMAT=FILE`: what a command shows, into files as well, on every way out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from msgspec import Struct

from rtcctl.cli import output, pipeline
from rtcctl.errors import ExitCode, RtcctlError, UsageError
from rtcctl.reports import formats

if TYPE_CHECKING:
    from rtcctl.model.finished import Failed, Finished

_FLAG = "--report"


class Report(Struct, frozen=True):
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
        if format_ not in formats.names() or not path:
            self.fail(f"{value!r} is not FORMAT=FILE with a format of {', '.join(formats.names())}", param, ctx)
        if path == "-":
            mend = f"use --output {format_} for standard output"
            raise UsageError(f"{_FLAG} {format_}=- names no file", mend=mend)
        outfile.check(Path(path))
        return Report(format_, Path(path))


Reports: TypeAlias = tuple[Report, ...]


def _distinct(ctx: click.Context, param: click.Parameter, asked: Reports) -> Reports:  # noqa: ARG001 - click's face
    """Refuse two reports in one file, of which only the last would be there.

    Raises:
        UsageError: there are.
    """
    for number, report in enumerate(asked):
        if any(is_same(report.path, other.path) for other in asked[:number]):
            raise UsageError(f"{report.path} can't be two reports at once", mend="name two files")
    return asked


def is_same(one: Path, other: Path) -> bool:
    """Tell whether two paths name one file, however they are spelled; a device or a pipe takes any number of texts."""
    return os.path.realpath(one) == os.path.realpath(other) and (one.is_file() or not one.exists())


reports = click.option(
    _FLAG,
    "reports",
    type=_ReportType(),
    multiple=True,
    callback=_distinct,
    metavar="FORMAT=FILE",
    help=f"Write the outcome into a file as well, on every way out: {', '.join(formats.names())}. Repeatable.",
)


def wanted(arguments: list[str]) -> Reports:
    """Find the reports in raw arguments, so that errors before parsing are reported as well."""
    found = []
    for before, after in zip(arguments, [*arguments[1:], ""], strict=False):
        value = after if before == _FLAG else before.removeprefix(f"{_FLAG}=") if before.startswith(f"{_FLAG}=") else ""
        format_, _, path = value.partition("=")
        if path not in ("", "-") and format_ in formats.names():
            found.append(Report(format_, Path(path)))
    return tuple(found)


def finished(code: ExitCode, asked: Reports, outcome: Finished, *, shown: str = "") -> ExitCode:
    """Write every report that is asked for, tell the build's server, and return how the command ends.

    What was done stands, and so does what was shown: a report that can't be written is told on stderr, and makes a
    failure only of what had gone well. `shown` is the format that went to stdout.
    """
    failed = _write(asked, outcome)
    for error in failed:
        output.show_error(error)
    pipeline.tell(outcome, os.environ, but=shown)
    return ExitCode.FAILED if failed and code in (ExitCode.OK, ExitCode.CHANGES_PENDING) else code


def write_failed(asked: Reports, failed: Failed, *, shown: str = "") -> None:
    """Write an error that ended a command; a report that can't be written is no reason to hide it."""
    _write(asked, failed)
    pipeline.tell(failed, os.environ, but=shown)


def _write(asked: Reports, outcome: Finished) -> list[RtcctlError]:
    if not asked:
        return []
    from rtcctl.cli import outfile

    failed: list[RtcctlError] = []
    for report in asked:
        content = formats.render(report.format, outcome)
        try:
            outfile.check(report.path)
            outfile.write(report.path, (content + "\n").encode(errors="backslashreplace"))
        except OSError as error:
            message = f"can't write the report {report.path}: {error.strerror or error}"
            failed.append(RtcctlError(message, mend="what was shown stands; name a file that can be written"))
        except UsageError as error:
            failed.append(error)
    return failed
