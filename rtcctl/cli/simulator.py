"""`rtcctl simulator`: the SparkRTC API on loopback."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def simulator() -> None:
    """Run the SparkRTC API and the IAM token call on this machine."""


@simulator.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0 picks a free one.")
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep everything in this SQLite file; in memory without it.",
)
def serve(port: int, data: Path | None) -> None:
    """Serve on 127.0.0.1 until interrupted."""
    from rtcctl.operations.simulating import opening
    from rtcctl.simulator import ACCOUNT
    from rtcctl.simulator import serve as run

    def ready(url: str) -> None:
        click.echo(f"SparkRTC simulator: {url}")
        click.echo(f"  export RTCCTL_ENDPOINT={url} HUAWEICLOUD_SDK_IAM_ENDPOINT={url}")
        click.echo(f"  export HUAWEICLOUD_SDK_AK={ACCOUNT.access_key} HUAWEICLOUD_SDK_SK={ACCOUNT.secret_key}")
        click.echo(f"  export HUAWEICLOUD_SDK_PROJECT_ID={ACCOUNT.project_id}")

    with opening(data, port):
        run(data, port=port, ready=ready)
