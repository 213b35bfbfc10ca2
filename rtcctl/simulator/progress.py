"""What happens by itself as time goes on. It is computed, in order, when somebody looks at the clock.

Every request looks, and while serving a task does so about once a second; so an idle limit of twelve hours needs no
more than a clock that says twelve hours later.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import TYPE_CHECKING

from rtcctl.simulator import alarms, deliveries, jobs, presence, recording, times
from rtcctl.simulator.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rtcctl.simulator.call import Simulator

TICK_SECONDS = 0.5


def _wake_recording(scene: Scene, recording_id: str) -> None:
    failure = recording.wake(scene, recording_id)
    if failure is not None:
        jobs.fail_recording(scene, recording_id, failure)


WAKE: Mapping[str, Callable[[Scene, str], None]] = {
    "mix_job": lambda scene, job_id: jobs.wake(scene, "mix_job", job_id),
    "individual_job": lambda scene, job_id: jobs.wake(scene, "individual_job", job_id),
    "recording": _wake_recording,
    "removal": presence.wake_removal,
}


def settle(simulator: Simulator, now: datetime) -> bool:
    """Do, within a transaction, everything that is due by now, each thing at its own time; whether there was any."""
    something = False
    while (alarm := alarms.take(simulator.store, now.timestamp())) is not None:
        moment = times.from_epoch(alarm["due"])
        scene = Scene(simulator.store, simulator.options, alarm["account"], alarm["app_id"], moment, now)
        WAKE[alarm["kind"]](scene, alarm["id"])
        something = True
    return something


def observe(simulator: Simulator) -> None:
    """Look at the clock without a request."""
    with simulator.store.transaction():
        something = settle(simulator, simulator.options.now())
    if something:
        simulator.changed.bump()


async def tick(simulator: Simulator) -> None:
    """Look at the clock and send notifications, again and again, until cancelled.

    A receiver that keeps its sender waiting holds up neither time nor the notifications of other jobs.
    """
    async with asyncio.TaskGroup() as senders:
        while True:
            with contextlib.suppress(sqlite3.OperationalError):  # another process keeps the file locked
                observe(simulator)
            senders.create_task(_send(simulator))
            await asyncio.sleep(TICK_SECONDS)


async def _send(simulator: Simulator) -> None:
    with contextlib.suppress(sqlite3.OperationalError):
        await deliveries.deliver_due(simulator)
