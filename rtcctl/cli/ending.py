"""What a command has found out so far, for its last word: an error that ends it is told with what was known by then."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rtcctl.errors import RtcctlError
    from rtcctl.model.finished import Failed
    from rtcctl.model.plan import Plan
    from rtcctl.model.resource import Desired
    from rtcctl.model.run import Run


class Ending:
    """One for each run of the command line. `is_streamed`: the plan was written to stdout as events."""

    def __init__(self, command: str = "") -> None:
        self.command = command
        self.run: Run | None = None
        self.plan: Plan | None = None
        self.is_streamed = False

    def failed(self, error: RtcctlError) -> Failed:
        """Return an error with what is known of the run that it ended."""
        from rtcctl.model.finished import Failed

        return Failed(error, self.plan, self.run or _run(self.command))


def current() -> Ending:
    """Return that of the command that runs."""
    return click.get_current_context().ensure_object(Ending)


def begun(desired: Desired) -> Run:
    """Note that a manifest was read, and return what is to be known of this run."""
    from pathlib import Path

    from rtcctl.cli.pipeline import folder
    from rtcctl.model.run import Run

    ending = current()
    ending.run = Run.of(ending.command, desired, *folder(os.environ, Path.cwd()))
    return ending.run


def begun_with(project: str) -> Run:
    """Note that a saved plan was read, and return what is to be known of this run."""
    ending = current()
    ending.run = _run(ending.command, project)
    return ending.run


def _run(command: str, project: str = "") -> Run:
    from pathlib import Path

    from rtcctl.cli.pipeline import folder
    from rtcctl.model.run import Run

    here, tops = folder(os.environ, Path.cwd())
    return Run(command, project, folder=here, tops=tops)
