"""Printing: results on stdout, everything else on stderr, colour on a terminal only."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from rtcctl.errors import Diagnostic, RtcctlError
    from rtcctl.model.finished import Failed, Finished
    from rtcctl.model.plan import Plan
    from rtcctl.reports.style import Paint, Tone

_COLOURS: dict[str, dict[str, object]] = {
    "good": {"fg": "green"},
    "changed": {"fg": "yellow"},
    "bad": {"fg": "red"},
    "quiet": {"dim": True},
    "strong": {"bold": True},
}


def width() -> int:
    """Return the columns to fill: those of the terminal, at least 80; 80 where there is none."""
    if not sys.stdout.isatty():
        return 80
    import shutil

    return max(shutil.get_terminal_size((80, 24)).columns, 80)


def paint(*, err: bool = False) -> Paint:
    """Return what colours texts for stdout or stderr: only on a terminal, and never under NO_COLOR."""
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        from rtcctl.reports.style import uncoloured

        return uncoloured
    return _coloured


def _coloured(tone: Tone, text: str) -> str:
    return click.style(text, **_COLOURS[tone]) if text else ""  # type: ignore[arg-type]


def wanted(arguments: list[str]) -> str:
    """Find the output format in raw arguments, so that errors before parsing keep to it as well."""
    for before, after in zip(arguments, [*arguments[1:], ""], strict=False):
        if before == "--output" or before.startswith("--output="):
            return after if before == "--output" else before.removeprefix("--output=")
    return "text"


def result(text: str, *, newline: bool = True, exactly: bool = False) -> None:
    """Print a result. Whoever reads it may leave early; that is no reason to stop halfway through an apply.

    No line of it can be a command to a build's server, unless it has to be printed `exactly` as it is.

    Raises:
        OutputError: it can't be written for another reason, such as a full disk.
    """
    try:
        click.echo(text if exactly else _inert(text), nl=newline, color=True)
    except BrokenPipeError:
        sys.stdout = nowhere(sys.stdout)
    except OSError as error:
        from rtcctl.errors import OutputError

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
        from rtcctl.errors import OutputError

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
    _tell(_inert(text) + ("\n" if newline else ""))


def commands(text: str) -> None:
    """Print commands to a build's server, which reads them from stderr too."""
    _tell(f"{text}\n")


def _tell(text: str) -> None:
    """Write to stderr in one piece; not with click, which goes around what a live display puts in its place."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        sys.stderr = nowhere(sys.stderr)


def _inert(text: str) -> str:
    """Keep foreign text from being taken for a command to a build's server."""
    if "::" not in text:
        return text
    from rtcctl.reports.wording import inert

    return inert(text)


class Lines:
    """Prints the lines of what goes on without them where need be, as a service does whose log's disk is full."""

    def __init__(self) -> None:
        self._is_told = False

    def __call__(self, text: str) -> None:
        """Print a line; the first of several that can't be written is told on stderr."""
        try:
            click.echo(_inert(text), color=True)
            self._is_told = False
        except OSError as error:
            if not self._is_told:
                progress(f"can't write to standard output: {error.strerror or error}; going on without")
            self._is_told = True


def nowhere(stream: TextIO) -> TextIO:
    """Return a stream to write to in place of one that nobody reads, and turn its descriptor there as well."""
    from pathlib import Path

    nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it stays until the process ends
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(nowhere.fileno(), stream.fileno())  # what is buffered would fail once more while Python exits
    return nowhere


def show_plan_before_asking(plan: Plan) -> None:
    """Print a plan where the question will stand, when stdout is for a document."""
    from rtcctl.reports.as_text import plan_text

    progress(plan_text(plan, width=width(), paint=paint(err=True)))


def show(finished: Finished, format_: str) -> None:
    """Print how a command ended, in the format that was asked for."""
    from rtcctl.reports import formats
    from rtcctl.reports.style import Style

    text = formats.render(format_, finished, Style(width(), paint()))
    if text:
        result(text, exactly=format_ == "github")  # whose lines are meant to be commands


def show_failed(failed: Failed, format_: str, *, is_streamed: bool = False, text: str = "") -> None:
    """Print an error on stderr; other than as text also on stdout, so that a pipeline always has a document to read.

    `is_streamed` tells that its plan stands there already, `text` is what stderr gets instead. Where
    stdout can't be written the error is told all the same.
    """
    from rtcctl.errors import OutputError
    from rtcctl.reports import formats

    if format_ != "text" and format_ in formats.names():
        try:
            if is_streamed:
                from rtcctl.reports.formats import jsonl

                result(jsonl.failed(failed))
            else:
                show(failed, format_)
        except OutputError as failure:
            show_error(failure)
    if text:
        progress(text, newline=False)
    else:
        show_error(failed.error)


def show_error(error: RtcctlError) -> None:
    """Print an error on stderr."""
    from rtcctl.errors import ManifestError
    from rtcctl.reports.as_text import error_text

    if isinstance(error, ManifestError):
        show_diagnostics(error.diagnostics)
    progress(error_text(error, width=width() if sys.stderr.isatty() else None, paint=paint(err=True)))


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Print findings."""
    for diagnostic in diagnostics:
        from rtcctl.reports.as_text import diagnostic_text  # mostly there are none

        progress(diagnostic_text(diagnostic, paint=paint(err=True)))
