"""The `rtcctl` command: its group, and the one place where an error becomes an exit code."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys

import click

from rtcctl import __version__
from rtcctl.cli import completing, output, reporting
from rtcctl.cli.ending import Ending
from rtcctl.cli.lazily import LazyGroup
from rtcctl.errors import ExitCode, RtcctlError, StoppedError, UsageError

_PLACES = {
    "apply": "rtcctl.cli.apply:apply",
    "callback": "rtcctl.cli.callback:callback",
    "completion": "rtcctl.cli.completion:completion",
    "destroy": "rtcctl.cli.apply:destroy",
    "diff": "rtcctl.cli.plan:plan",
    "doctor": "rtcctl.cli.doctor:doctor",
    "drift": "rtcctl.cli.plan:drift",
    "explain": "rtcctl.cli.explain:explain",
    "export": "rtcctl.cli.export:export",
    "fmt": "rtcctl.cli.fmt:fmt",
    "graph": "rtcctl.cli.graph:graph",
    "import": "rtcctl.cli.import_:import_",
    "init": "rtcctl.cli.init:init",
    "jobs": "rtcctl.cli.jobs:jobs",
    "plan": "rtcctl.cli.plan:plan",
    "preview": "rtcctl.cli.preview:preview",
    "reconcile": "rtcctl.cli.reconcile:reconcile",
    "recordings": "rtcctl.cli.recordings:recordings",
    "rehearse": "rtcctl.cli.rehearse:rehearse",
    "schema": "rtcctl.cli.schema:schema",
    "show": "rtcctl.cli.plan:show",
    "simulator": "rtcctl.cli.simulator:simulator",
    "state": "rtcctl.cli.state:state",
    "validate": "rtcctl.cli.plan:validate",
}


_FULL = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)


@click.group(
    cls=LazyGroup,
    lazily=_PLACES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def rtcctl() -> None:
    """Keep SparkRTC configuration in Git: plan what differs from the live account, apply exactly that.

    Try it without an account: rtcctl plan -f examples/mixed-recording.yaml --simulator
    """


@rtcctl.command()
def version() -> None:
    """Print the version."""
    output.result(f"rtcctl {__version__}")


def run() -> None:
    """Run the command line and exit; entry point of the console script."""
    if completing.VARIABLE in os.environ:
        sys.exit(completing.answer(rtcctl))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us is told what was done
    # httpx would load its own command line, and with it rich and pygments, whether or not anything is displayed.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code; no exception leaves it but a defect's."""
    ending = Ending(next((each for each in arguments if not each.startswith("-")), ""))
    try:
        result = rtcctl.main(args=arguments, prog_name="rtcctl", standalone_mode=False, obj=ending)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _failed(arguments, ending, StoppedError("ended; nothing was changed"), "Ended; nothing was changed.\n")
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        return _failed(arguments, ending, UsageError(error.format_message()), shown.getvalue())
    except OSError as error:
        if error.errno not in _FULL:
            raise
        sys.stdout = output.nowhere(sys.stdout)  # click's own printing, such as --help
        output.show_error(output.OutputError(error))
        return ExitCode.FAILED
    except RtcctlError as error:
        return _failed(arguments, ending, error)
    return int(result) if isinstance(result, int) else ExitCode.OK


def _failed(arguments: list[str], ending: Ending, error: RtcctlError, text: str = "") -> int:
    """Tell an error everywhere where the outcome was asked for; `text` stands for it on stderr."""
    wanted, failed = output.wanted(arguments), ending.failed(error)
    output.show_failed(failed, wanted, is_streamed=ending.is_streamed, text=text)
    reporting.write_failed(reporting.wanted(arguments), failed, shown=wanted)
    return error.exit_code
