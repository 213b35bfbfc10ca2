"""`rtcctl reconcile`: plan and apply in a loop; events on stdout, as JSON."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from rtcctl.cli import options, output
from rtcctl.cli.durations import Duration
from rtcctl.cli.running import Running, pace
from rtcctl.errors import ExitCode

if TYPE_CHECKING:
    import asyncio
    import signal

    from rtcctl.operations.reconciling import Reconciler
    from rtcctl.operations.settings import Settings


@click.command(short_help="Plan and apply in a loop.")
@options.settings
@click.option(
    "--interval",
    type=Duration(),
    default="5m",
    show_default=True,
    metavar="DURATION",
    help="From the end of a round to the next; at least 10s.",
)
@click.option("--dry-run", is_flag=True, help="Only plan, and tell what is due.")
@click.option("--once", is_flag=True, help="Do one round, and exit as it ended.")
@click.option(
    "--health",
    default="",
    metavar="[ADDRESS:]PORT",
    help="Answer /healthz, /livez and /metrics there; without an address on loopback.",
)
@pace
def reconcile(settings: Settings, interval: float, dry_run: bool, once: bool, health: str, running: Running) -> int:
    """Keep the live account as the manifest says: plan and apply in a loop.

    A plan that needs consent is reported and not applied. Of several replicas on one state one works. stdout tells what
    happens, a JSON document a line. SIGTERM and SIGINT end the loop after the call under way.
    """
    import asyncio

    from rtcctl.cli.watching import in_lines
    from rtcctl.operations.reconciling import Reconciler, Wish
    from rtcctl.operations.workflow import open_session

    in_lines(settings.watcher)
    opening = functools.partial(open_session, pace=running.pace)
    reconciler = Reconciler(settings, Wish(interval, dry_run, once, health), output.Lines(), opening=opening)
    try:
        return asyncio.run(_watched(reconciler))
    except asyncio.CancelledError:  # the second signal, while no call of an apply was under way
        reconciler.events.tell("ended", "warning", exit_code=int(ExitCode.INTERRUPTED))
        return ExitCode.INTERRUPTED


async def _watched(reconciler: Reconciler) -> int:
    """Run with both signals taken: the first one asks for the end, the second one ends at once."""
    import asyncio
    import signal

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        loop.add_signal_handler(number, _ask, reconciler, number, task)
    try:
        return await reconciler.run()
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _ask(reconciler: Reconciler, number: signal.Signals, task: asyncio.Task[object] | None) -> None:
    if not reconciler.is_stopping:
        reconciler.events.tell("stopping", signal=number.name)
        reconciler.stop()
    elif task is not None:
        reconciler.events.tell("stopping", "warning", signal=number.name, at_once=True)
        reconciler.abort()
        task.cancel()
