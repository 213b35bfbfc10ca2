"""The `rtcctl` command: its group, and the one place where an error becomes an exit code."""

from __future__ import annotations

import errno
import signal
import sys

import click

from rtcctl import __version__
from rtcctl.cli import output, reporting
from rtcctl.cli.lazily import LazyGroup
from rtcctl.errors import ExitCode, RtcctlError, StoppedError, UsageError

_PLACES = {
    "apply": "rtcctl.cli.apply:apply",
    "callback": "rtcctl.cli.callback:callback",
    "destroy": "rtcctl.cli.apply:destroy",
    "diff": "rtcctl.cli.plan:plan",
    "drift": "rtcctl.cli.plan:drift",
    "export": "rtcctl.cli.export:export",
    "import": "rtcctl.cli.import_:import_",
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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us is told what was done
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code; no exception leaves it but a defect's."""
    wanted = output.wanted(arguments)
    reports = reporting.wanted(arguments)
    try:
        result = rtcctl.main(args=arguments, prog_name="rtcctl", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        output.progress("Ended; nothing was changed.")
        reporting.write_error(reports, StoppedError("ended; nothing was changed"))
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        usage = UsageError(error.format_message())
        if wanted == "json":
            output.show_document(usage)
        error.show()
        reporting.write_error(reports, usage)
        return ExitCode.INVALID
    except OSError as error:
        if error.errno not in _FULL:
            raise
        sys.stdout = output.nowhere(sys.stdout)  # click's own printing, such as --help
        output.show_error(output.OutputError(error), "text")
        return ExitCode.FAILED
    except RtcctlError as error:
        output.show_error(error, wanted)
        reporting.write_error(reports, error)
        return error.exit_code
    return int(result) if isinstance(result, int) else ExitCode.OK
