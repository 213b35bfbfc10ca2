"""The virtual clock: it stands still until the control API advances it, so that twelve hours pass in milliseconds."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rtcctl.simulator import times

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtcctl.simulator.store import Store

MAX_ADVANCE = timedelta(days=31)
STEP = timedelta(days=1)


class VirtualClock:
    """A clock that moves only by `advance`; it starts at a given time, else where the data left off, else now."""

    def __init__(self, start: datetime | None = None) -> None:
        self.starts_anywhere = start is None
        self._moment = (start or times.utc_now()).astimezone(UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """The time it shows."""
        return self._moment

    def advance(self, seconds: float) -> None:
        """Move forward; it never goes back."""
        self.move_to(self._moment + timedelta(seconds=seconds))

    def move_to(self, moment: datetime) -> None:
        """Move forward to a time, unless that is past."""
        with self._lock:
            self._moment = max(self._moment, moment)

    def return_to(self, moment: datetime) -> None:
        """Show this time, be it past: the whole state is that of then again."""
        with self._lock:
            self._moment = moment


def remember(store: Store, moment: datetime) -> None:
    """Keep the time that a virtual clock shows, within a transaction."""
    store.collection("clock", "").put("virtual", {"moment": moment.timestamp()})


def resume(store: Store, now: Callable[[], datetime]) -> None:
    """Let a virtual clock go on from the time that was kept with the data, unless it was given a later one."""
    if isinstance(now, VirtualClock):
        with store.transaction():
            kept = store.collection("clock", "").get("virtual")
            if kept is not None:
                moment = times.from_epoch(kept["moment"])
                now.return_to(moment if now.starts_anywhere else max(moment, now()))
            remember(store, now())


def restore(store: Store, now: Callable[[], datetime]) -> None:
    """Let a virtual clock return to the time that was kept with restored data."""
    if isinstance(now, VirtualClock):
        with store.transaction():
            kept = store.collection("clock", "").get("virtual")
        if kept is not None:
            now.return_to(times.from_epoch(kept["moment"]))
