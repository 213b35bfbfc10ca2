"""A loop that runs for days keeps nothing of the rounds that are over."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from tests.operations.looping import KEY, OTHER_HOOK, Between, Loop, manifest, nothing

ROUNDS = 1_000
WARM_UP = 100
MOST = 1_000
"""Blocks of memory (of some 100 bytes): a single one kept of each round is too many."""


def test_memory_is_flat_over_a_thousand_rounds_of_every_kind(tmp_path: Path):
    loop = Loop(tmp_path)
    loop.write(manifest(restart="OnFailure"))
    loop.lines = deque(maxlen=10)  # type: ignore[assignment]
    loop.clock.pauses = deque(maxlen=10)  # type: ignore[assignment]
    taken: list[int] = []

    def measure() -> None:
        gc.collect()
        taken.append(sys.getallocatedblocks())  # tracemalloc would take ten times as long

    def broken() -> None:
        loop.write("kind: Ap\n")

    def unsafe() -> None:
        loop.write(manifest(restart="OnFailure").replace("spec:", "spec:\n  app_name: another"))

    def mend() -> None:
        loop.mend()
        loop.write(manifest(restart="OnFailure"))

    async def drift() -> None:
        await loop.by_hand("PUT", "/v2/apps/{app}/record-callback", {"url": OTHER_HOOK, "auth_key": KEY})

    happenings = [drift, nothing, broken, mend, unsafe, mend, loop.break_down, mend, loop.end_jobs, nothing]

    def between() -> Iterator[Between]:
        for number in range(1, ROUNDS + 1):
            if number in (WARM_UP, ROUNDS):
                measure()
            yield happenings[number % 10] if number % 100 < 20 else nothing

    loop.clock.between = between()
    asyncio.run(loop.reconciler(health="0").run())
    early, late = taken
    assert late - early < MOST
    assert loop.clock.passed > ROUNDS * 10
