"""Flags that several commands share; a flag means the same everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import click

from rtcctl.cli import completing, watching
from rtcctl.operations.settings import SIMULATOR_DATA, Settings
from rtcctl.reports import formats

_Command: TypeAlias = Callable[..., int]


class FilePath(click.Path):
    """A path, which an empty text is not: it would mean the current folder."""

    def __init__(self, *, dir_okay: bool = False) -> None:
        super().__init__(dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a path.

        Raises:
            click.BadParameter: it is empty, or of something else than a file.
        """
        if not str(value):
            self.fail("the name is empty", param, ctx)
        return super().convert(value, param, ctx)


files = click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    required=True,
    metavar="FILE",
    shell_complete=completing.files,
    help="Manifest: a file, a folder, or - for standard input. Repeatable.",
)
any_output = click.option(
    "--output",
    "format_",
    type=click.Choice(formats.names()),
    default="text",
    show_default=True,
    help="What goes to stdout.",
)
output = click.option(
    "--output",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What goes to stdout.",
)
allow_destroy = click.option(
    "--allow-destroy", is_flag=True, help="Allow deletes, replacements and stops that need consent."
)
auto_approve = click.option("--auto-approve", is_flag=True, help='Do not ask for a typed "yes".')
start_unknown_jobs = click.option(
    "--start-unknown-jobs",
    is_flag=True,
    help="Start the declared jobs of an app that is being adopted, although they may be running already.",
)
fail_fast = click.option(
    "--fail-fast", is_flag=True, help="End at the first account that can't be read, instead of going on without it."
)
_optional_files = click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    shell_complete=completing.files,
    help="Manifest: a file, a folder, or -. Repeatable.",
)
_scope = (
    click.option(
        "--target",
        "targets",
        multiple=True,
        metavar="ADDRESS",
        shell_complete=completing.declared,
        help="Only this (of an App: with all under it) and what it needs. Repeatable.",
    ),
    click.option(
        "--replace",
        multiple=True,
        metavar="ADDRESS",
        shell_complete=completing.jobs,
        help="Start this job anew, whatever it is now. Repeatable.",
    ),
    click.option(
        "--refresh",
        type=click.Choice(["all", "changed", "none"]),
        default="all",
        show_default=True,
        help="What to read: all, only apps declared otherwise than last applied, nothing.",
    ),
    start_unknown_jobs,
)
_target = (
    click.option(
        "--account",
        "accounts",
        multiple=True,
        metavar="NAME",
        shell_complete=completing.accounts,
        help="Only this one of the manifest's accounts. Repeatable.",
    ),
    click.option("--endpoint", metavar="URL", help="SparkRTC endpoint [env: RTCCTL_ENDPOINT]."),
    click.option("--iam-endpoint", metavar="URL", help="IAM endpoint [env: HUAWEICLOUD_SDK_IAM_ENDPOINT]."),
    click.option("--simulator", is_flag=True, help="Use the embedded simulator: no account, no credentials."),
    click.option(
        "--simulator-data",
        type=FilePath(),
        default=SIMULATOR_DATA,
        show_default=True,
        metavar="FILE",
        help="Data of the embedded simulator; its state lies beside it.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors, warnings and questions."),
    click.option("-v", "--verbose", is_flag=True, help="Tell of every read, repeat, and step of state and lock too."),
    click.option(
        "--debug-http", is_flag=True, help="Show every request and answer on stderr, with secrets and headers removed."
    ),
)


def settings(command: _Command) -> _Command:
    """Add the flags that say which manifest and which service are meant, and hand them on as `Settings`."""
    return _gathering(command, (files, *_target))


def files_or_plan(command: _Command) -> _Command:
    """Add the same flags where a saved plan may stand in for the manifest."""
    return _gathering(command, (_optional_files, *_target))


def scope(command: _Command) -> _Command:
    """Add the flags that limit a plan."""
    for option in reversed(_scope):
        command = option(command)
    return command


def target(command: _Command) -> _Command:
    """Add the flags that say which service is meant, and hand them on as `Settings` without files."""
    return _gathering(command, _target)


def _gathering(command: _Command, flags: Sequence[Callable[[_Command], _Command]]) -> _Command:
    @functools.wraps(command)
    def gathered(
        *,
        files: tuple[str, ...] = (),
        accounts: tuple[str, ...],
        endpoint: str | None,
        iam_endpoint: str | None,
        simulator: bool,
        simulator_data: Path,
        quiet: bool,
        verbose: bool,
        debug_http: bool,
        **others: Any,
    ) -> int:
        if simulator and (endpoint or iam_endpoint):
            raise click.UsageError("--simulator and --endpoint exclude each other")
        if quiet and verbose:
            raise click.UsageError("--quiet and --verbose exclude each other")
        watcher = watching.watch(watching.Levels(quiet, verbose, debug_http))
        click.get_current_context().call_on_close(watcher.close)
        known = Settings(files, endpoint, iam_endpoint, simulator, simulator_data, accounts=accounts, watcher=watcher)
        return command(known, **others)

    wrapped: _Command = gathered
    for option in reversed(flags):
        wrapped = option(wrapped)
    return wrapped
