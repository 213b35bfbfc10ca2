"""The one place where an error becomes an exit code, told everywhere where the outcome was asked for."""

from __future__ import annotations

import errno
import io
import sys

import click

from rtcctl.cli import output, reporting
from rtcctl.cli.ending import Ending
from rtcctl.errors import ExitCode, OutputError, RtcctlError, StoppedError, UsageError

_FULL = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)


def told(error: BaseException, arguments: list[str], ending: Ending) -> ExitCode:
    """Tell what ended a command, and return its exit code; a defect is raised as it is."""
    match error:
        case click.exceptions.Abort() | KeyboardInterrupt():
            text = "ended; nothing was changed"
            return _failed(arguments, ending, StoppedError(text), f"{text.capitalize()}.\n")
        case click.ClickException():
            shown = io.StringIO()
            error.show(shown)
            return _failed(arguments, ending, UsageError(error.format_message()), shown.getvalue())
        case OSError() if error.errno in _FULL:
            sys.stdout = output.nowhere(sys.stdout)  # click's own printing, such as --help
            output.show_error(OutputError(error))
            return ExitCode.FAILED
        case RtcctlError():
            return _failed(arguments, ending, error)
        case _:
            raise error


def _failed(arguments: list[str], ending: Ending, error: RtcctlError, text: str = "") -> ExitCode:
    """Tell an error; `text` stands for it on stderr."""
    wanted, failed = output.wanted(arguments), ending.failed(error)
    output.show_failed(failed, wanted, is_streamed=ending.is_streamed, text=text)
    reporting.write_failed(reporting.wanted(arguments), failed, shown=wanted)
    return error.exit_code
