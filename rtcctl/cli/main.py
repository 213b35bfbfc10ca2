"""The `rtcctl` command: its group, and how a run of it begins.

What is imported here is paid for by `rtcctl version` as well. What goes wrong is told by `failing`.
"""

from __future__ import annotations

import gc
import os
import signal
import sys

import click

from rtcctl import __version__
from rtcctl.cli import COMPLETES, output
from rtcctl.cli.ending import Ending
from rtcctl.cli.lazily import LazyGroup

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
    if COMPLETES in os.environ:
        from rtcctl.cli import completing

        sys.exit(completing.answer(rtcctl))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us is told what was done
    # httpx would load its own command line, and with it rich and pygments, whether or not anything is displayed.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    code = main(sys.argv[1:])
    gc.freeze()  # or Python looks through all that was loaded for garbage once more, a tenth of a short run's time
    sys.exit(code)


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code; no exception leaves it but a defect's."""
    ending = Ending(next((each for each in arguments if not each.startswith("-")), ""))
    try:
        result = rtcctl.main(args=arguments, prog_name="rtcctl", standalone_mode=False, obj=ending)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - what is not ours is raised again
        from rtcctl.cli import failing  # with the errors and the reports, which a run that goes well may do without

        return failing.told(error, arguments, ending)
    return int(result) if isinstance(result, int) else 0
