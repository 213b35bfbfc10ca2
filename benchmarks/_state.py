"""What `state` measures within one process: `python -m benchmarks._state BACKEND OLD NEW MANIFEST`, figures as JSON.

An apply of NEW apps on top of OLD ones that the ledger knows. The service answers at once: what is left is our own time
and the state's.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from unittest import mock

from msgspec.structs import replace

from benchmarks._apps import name
from benchmarks._recorded import BINDING, recorded
from rtcctl.api.answers import Answer
from rtcctl.api.client import AT_ONCE, Client, Leaving
from rtcctl.api.throttle import Throttle
from rtcctl.applying.executor import apply
from rtcctl.manifest.load import load
from rtcctl.model.call import Call
from rtcctl.model.ledger import Delta, Ledger
from rtcctl.operations.api import Silent
from rtcctl.planner.plan import plan
from rtcctl.state import places
from rtcctl.state.store import Store

UNDER_WAY = 10


class AtOnce:
    """A client whose calls succeed at once, ten at a time."""

    def __init__(self) -> None:
        self.throttle = Throttle()
        self._turns = asyncio.Semaphore(UNDER_WAY)
        self._ids = itertools.count()

    async def send(self, call: Call, leaving: Leaving = AT_ONCE) -> Answer:
        """Answer with the ids that the call is to return."""
        async with self._turns:
            await leaving.ready()
            leaving.left()
            await asyncio.sleep(0)
            return Answer(call.expect[0], {each: f"new{next(self._ids)}" for each in call.returns})

    def drain(self) -> None:
        """Go on: nobody ends this run early."""

    def resume(self) -> None:
        """Go on."""


@dataclass
class Timed:
    """A store of which is known how long each kind of work took, and how often the disk was waited for."""

    store: Store
    journal: float = 0.0
    fold: float = 0.0
    appends: int = 0
    flushes: int = 0

    def begin(self, base: Ledger) -> None:
        """Start a journal."""
        begun = time.perf_counter()
        self.store.begin(base)
        self.journal += time.perf_counter() - begun

    def append(self, deltas: Sequence[Delta]) -> None:
        """Add to the journal."""
        begun = time.perf_counter()
        self.store.append(deltas)
        self.journal += time.perf_counter() - begun
        self.appends += 1

    def save(self, ledger: Ledger) -> None:
        """Fold the journal."""
        begun = time.perf_counter()
        self.store.save(ledger)
        self.fold += time.perf_counter() - begun

    def counting(self, flush: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return the same flush, counted."""

        def counted(descriptor: Any) -> None:
            self.flushes += 1
            flush(descriptor)

        return counted


def main(backend: str, old: int, new: int, manifest: Path) -> dict[str, Any]:
    """Apply, and tell what the state took."""
    environ = os.environ
    store = places.find(backend, manifest.parent, BINDING, environ, endpoint=environ.get("RTCCTL_S3_ENDPOINT", ""))
    desired = load([str(manifest)], stdin=bytes, environ=environ, cwd=manifest.parent)
    known = {name(number) for number in range(old)}
    there = {address: each for address, each in desired.resources.items() if address.name in known}
    live, ledger = recorded(replace(desired, resources=there))
    store.load()
    store.save(ledger)
    begun = time.perf_counter()
    stored = store.load()
    loaded = time.perf_counter() - begun
    made = plan(desired, live, stored)
    timed = Timed(store)
    with store.locked(), mock.patch.object(os, "fsync", timed.counting(os.fsync)):
        result = asyncio.run(_apply(made, stored, timed))
    if result.calls != 4 * new or result.exit_code:
        raise SystemExit(f"{result.calls} calls were made, not {4 * new}")
    return {
        "operations": result.calls,
        "entries": len(stored.entries),
        "journal": timed.journal,
        "fold": timed.fold,
        "load": loaded,
        "appends": timed.appends,
        "flushes": timed.flushes,
    }


async def _apply(made: Any, stored: Ledger, timed: Timed) -> Any:
    return await apply(made, cast("Client", AtOnce()), stored, cast("Store", timed), Silent())


if __name__ == "__main__":
    found = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    sys.stdout.write(json.dumps(found))
