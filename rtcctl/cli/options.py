"""Flags that several commands share; a flag means the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from rtcctl.operations.settings import SIMULATOR_DATA, Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])

files = click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    required=True,
    metavar="FILE",
    help="Manifest: a file, a folder, or - for standard input. Repeatable.",
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


def target(command: _Command) -> _Command:
    """Add the flags that say which service is meant."""
    for option in (
        click.option(
            "--simulator-data",
            type=click.Path(dir_okay=False, path_type=Path),
            default=SIMULATOR_DATA,
            show_default=True,
            metavar="FILE",
            help="Data of the embedded simulator; its state lies beside it.",
        ),
        click.option("--simulator", is_flag=True, help="Use the embedded simulator: no account, no credentials."),
        click.option("--iam-endpoint", metavar="URL", help="IAM endpoint [env: HUAWEICLOUD_SDK_IAM_ENDPOINT]."),
        click.option("--endpoint", metavar="URL", help="SparkRTC endpoint [env: RTCCTL_ENDPOINT]."),
    ):
        command = option(command)
    return command


def settings(
    files: tuple[str, ...], endpoint: str | None, iam_endpoint: str | None, simulator: bool, simulator_data: Path
) -> Settings:
    """Gather the shared flags.

    Raises:
        UsageError: flags contradict each other.
    """
    if simulator and (endpoint or iam_endpoint):
        raise click.UsageError("--simulator and --endpoint exclude each other")
    return Settings(files, endpoint, iam_endpoint, simulator, simulator_data)
