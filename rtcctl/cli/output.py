"""Printing: results on stdout, everything else on stderr, colour on a terminal only."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias

import click

from rtcctl.errors import Diagnostic, ManifestError, RtcctlError

if TYPE_CHECKING:
    from rtcctl.model.drift import Drift
    from rtcctl.model.plan import Plan
    from rtcctl.reports.as_text import Paint, Tone

Format: TypeAlias = Literal["text", "json"]

_COLOURS: dict[str, dict[str, object]] = {
    "good": {"fg": "green"},
    "changed": {"fg": "yellow"},
    "bad": {"fg": "red"},
    "quiet": {"dim": True},
    "strong": {"bold": True},
}


def width() -> int:
    """Return the columns to fill: those of the terminal, at least 80; 80 where there is none."""
    return max(shutil.get_terminal_size((80, 24)).columns, 80) if sys.stdout.isatty() else 80


def paint(*, err: bool = False) -> Paint:
    """Return what colours texts for stdout or stderr: only on a terminal, and never under NO_COLOR."""
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        from rtcctl.reports.as_text import uncoloured

        return uncoloured
    return _coloured


def _coloured(tone: Tone, text: str) -> str:
    return click.style(text, **_COLOURS[tone]) if text else ""  # type: ignore[arg-type]


def wanted(arguments: list[str]) -> Format:
    """Find the output format in raw arguments, so that errors before parsing keep to it as well."""
    for before, after in zip(arguments, [*arguments[1:], ""], strict=False):
        if before == "--output=json" or (before == "--output" and after == "json"):
            return "json"
    return "text"


def result(text: str, *, newline: bool = True) -> None:
    """Print a result. Whoever reads it may leave early; that is no reason to stop halfway through an apply.

    Raises:
        OutputError: it can't be written for another reason, such as a full disk.
    """
    try:
        click.echo(text, nl=newline, color=True)
    except BrokenPipeError:
        sys.stdout = nowhere(sys.stdout)
    except OSError as error:
        sys.stdout = nowhere(sys.stdout)
        raise OutputError(error) from None


def binary(content: bytes) -> None:
    """Print a result that is bytes, such as a picture.

    Raises:
        OutputError: it can't be written, for another reason than that nobody reads it.
    """
    try:
        click.echo(content, nl=False)
    except BrokenPipeError:
        sys.stdout = nowhere(sys.stdout)
    except OSError as error:
        sys.stdout = nowhere(sys.stdout)
        raise OutputError(error) from None


def can_show(characters: str) -> bool:
    """Tell whether stdout's encoding has these characters."""
    try:
        characters.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def progress(text: str, *, newline: bool = True) -> None:
    """Print what is going on; where stderr can't be written there is nobody to tell."""
    try:
        click.echo(text, err=True, nl=newline, color=True)
    except OSError:
        sys.stderr = nowhere(sys.stderr)


class Lines:
    """Prints the lines of what goes on without them where need be, as a service does whose log's disk is full."""

    def __init__(self) -> None:
        self._is_told = False

    def __call__(self, text: str) -> None:
        """Print a line; the first of several that can't be written is told on stderr."""
        try:
            click.echo(text, color=True)
            self._is_told = False
        except OSError as error:
            if not self._is_told:
                progress(f"can't write to standard output: {error.strerror or error}; going on without")
            self._is_told = True


class OutputError(RtcctlError):
    """Standard output can't be written; it goes nowhere from then on."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"can't write to standard output: {error.strerror or error}", mend="look at where it is redirected to"
        )


def nowhere(stream: TextIO) -> TextIO:
    """Return a stream to write to in place of one that nobody reads, and turn its descriptor there as well."""
    nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it stays until the process ends
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(nowhere.fileno(), stream.fileno())  # what is buffered would fail once more while Python exits
    return nowhere


def show_plan_before_asking(plan: Plan) -> None:
    """Print a plan where the question will stand, when stdout is for a document."""
    from rtcctl.reports.as_text import plan_text

    progress(plan_text(plan, width=width(), paint=paint(err=True)))


def show_plan(plan: Plan, format_: str) -> None:
    """Print a plan."""
    if format_ == "json":
        from rtcctl.reports import as_json

        result(as_json.dumps(as_json.plan_document(plan)))
        return
    from rtcctl.reports.as_text import plan_text

    result(plan_text(plan, width=width(), paint=paint()))


def show_drift(drift: Drift, format_: str) -> None:
    """Print what was changed outside."""
    from rtcctl.reports import as_json
    from rtcctl.reports import drift as report

    if format_ == "json":
        result(as_json.dumps(report.drift_document(drift)))
    else:
        result(report.drift_text(drift, width=width(), paint=paint()))


def show_document(error: RtcctlError) -> None:
    """Print an error as a JSON document; where that can't be, the error itself is still told on stderr."""
    from rtcctl.reports import as_json
    from rtcctl.reports.as_text import error_text

    try:
        result(as_json.dumps(as_json.error_document(error)))
    except OutputError as failure:
        progress(error_text(failure, paint=paint(err=True)))


def show_error(error: RtcctlError, format_: Format) -> None:
    """Print an error on stderr; as JSON also on stdout, so that a pipeline always has a document to read."""
    from rtcctl.reports.as_text import error_text

    if format_ == "json":
        show_document(error)
    if isinstance(error, ManifestError):
        show_diagnostics(error.diagnostics)
    progress(error_text(error, width=width() if sys.stderr.isatty() else None, paint=paint(err=True)))


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Print findings."""
    from rtcctl.reports.as_text import diagnostic_text

    for diagnostic in diagnostics:
        progress(diagnostic_text(diagnostic, paint=paint(err=True)))
