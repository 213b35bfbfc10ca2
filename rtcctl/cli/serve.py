"""`rtcctl simulator serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rtcctl.cli import output

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0 picks a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on.")
@click.option("--data", type=_FILE, metavar="FILE", help="Keep everything in this SQLite file; in memory without it.")
@click.option(
    "--clock",
    type=click.Choice(["real", "virtual"]),
    default="real",
    show_default=True,
    help="A virtual clock stands still until `simulator clock --advance` moves it.",
)
@click.option(
    "--rooms",
    type=click.Choice(["occupied", "empty"]),
    default="occupied",
    show_default=True,
    help="What a room is that nobody was made to join or leave yet.",
)
@click.option(
    "--accounts", type=_FILE, metavar="FILE", help="YAML file of accounts, instead of the one called simulator."
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    help="Settle an unconfirmed point the other way; `simulator variants` lists them. Repeatable.",
)
@click.option("--faults", type=_FILE, metavar="FILE", help="Scenario of faults, as in examples/faults.")
@click.option(
    "--fault",
    "single_faults",
    multiple=True,
    metavar="FAULT",
    help="One more fault, for example reset:when=after,calls=CreateApp,count=1. Repeatable.",
)
@click.option("--latency", type=click.FloatRange(0, 60), metavar="SECONDS", help="Let every call take so long.")
@click.option(
    "--throttle",
    type=click.Choice(["off", "category", "api", "shared"]),
    help="Hold the documented limits, counted in one of the three ways in which they can be read.  [default: off]",
)
@click.option(
    "--deliver-callbacks",
    type=click.Choice(["loopback", "any", "none"]),
    default="loopback",
    show_default=True,
    help="Whereto recording callbacks are really sent.",
)
def serve(port: int, host: str, data: Path | None, **behaviour: Any) -> None:
    """Serve until interrupted, on loopback unless told otherwise; the page there shows what is going on."""
    import ipaddress

    from rtcctl.operations.simulating import Behaviour, opening
    from rtcctl.simulator import serve as run

    chosen = Behaviour(**behaviour).options()
    if chosen.deliver_callbacks == "any":
        output.progress("warning: callbacks are sent to any host that a request names")

    try:
        if not ipaddress.ip_address(host).is_loopback:
            output.progress(
                f"warning: whoever reaches {host} can call the simulator; its control routes ask for no key"
            )
    except ValueError:
        raise click.UsageError(f"--host takes an IP address, not {host!r}") from None

    def ready(url: str) -> None:
        output.result(f"SparkRTC simulator: {url}")
        output.result(f"  export RTCCTL_ENDPOINT={url} HUAWEICLOUD_SDK_IAM_ENDPOINT={url}")
        for account in chosen.accounts:
            if len(chosen.accounts) > 1:
                output.result(f"  account {account.name}:")
            output.result(f"  export HUAWEICLOUD_SDK_AK={account.access_key} HUAWEICLOUD_SDK_SK={account.secret_key}")
            output.result(f"  export HUAWEICLOUD_SDK_PROJECT_ID={account.project_id}")
        if data is None:
            output.result("All of it is kept in memory, and gone when this ends; --data FILE keeps it.")

    with opening(data, port):
        run(data, port=port, ready=ready, options=chosen, host=host)
