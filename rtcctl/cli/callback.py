"""`rtcctl callback`: receiving what the service tells about recordings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rtcctl.cli import options, output

if TYPE_CHECKING:
    from rtcctl.operations.receiver import Notification


@click.group()
def callback() -> None:
    """Receive recording callbacks on this machine."""


@callback.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8788, show_default=True, help="0 picks a free one.")
@click.option("--auth-key-env", metavar="NAME", help="The auth_key is in this environment variable.")
@click.option(
    "--auth-key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The auth_key is in this file.",
)
@click.option("--count", type=click.IntRange(1), metavar="N", help="End after N events that were accepted.")
@options.output
def listen(port: int, auth_key_env: str | None, auth_key_file: Path | None, count: int | None, format_: str) -> int:
    """Print each notification that arrives on 127.0.0.1, until interrupted.

    With a key each signature is checked, and a notification without the right one is answered with 401. Without a key
    everything is accepted. JSON output is a line per notification.
    """
    from rtcctl.operations.keys import auth_key
    from rtcctl.operations.listening import Server
    from rtcctl.operations.receiver import create_app
    from rtcctl.reports import notifications

    key = auth_key(auth_key_env, auth_key_file)
    accepted = 0

    def show(notification: Notification) -> None:
        nonlocal accepted
        told = (notification.time, notification.verdict, notification.event)
        if format_ == "json":
            output.result(notifications.json_line(*told))
        else:
            width = output.width() if sys.stdout.isatty() else None  # a log keeps one line each
            output.result(notifications.line(*told, paint=output.paint(), width=width))
        accepted += notification.accepted
        if accepted == count:
            server.stop()

    def ready(url: str) -> None:
        how = "checking signatures" if key else "without a key: signatures are not checked"
        output.progress(f"Listening on {url} ({how})")

    server = Server(create_app(key, show), port, ready)
    server.run()
    return 0
