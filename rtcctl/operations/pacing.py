"""Time as operations spend it, so that tests need not, and reads of jobs within the documented limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from rtcctl.model.limits import LIMITS

JOBS = LIMITS["mix-stream-jobs"]
"""That of single-stream jobs is the same; whether the two are counted together is unconfirmed: here they are."""

_T = TypeVar("_T")


class Timer(Struct, frozen=True):
    """A clock that only goes forward, in seconds, and waiting by it."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


REAL = Timer()


async def paced(reads: Sequence[Callable[[], Coroutine[Any, Any, _T]]], timer: Timer) -> list[_T]:
    """Make reads of jobs, as many at once as the limit allows, then the next; where one fails, all end."""
    found: list[_T] = []
    for start in range(0, len(reads), JOBS.calls):
        if start:
            await timer.sleep(JOBS.seconds)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(read()) for read in reads[start : start + JOBS.calls]]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        found += [task.result() for task in tasks]
    return found
