"""Running a coroutine to its end, as every command does.

A result is not returned through the loop's own task: asyncio writes that task out when it puts back what SIGINT did
before, with its result, and for a plan this takes as long as making it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_Result = TypeVar("_Result")


def run(work: Awaitable[_Result]) -> _Result:
    """Run in an event loop of its own, and return what comes of it."""
    with asyncio.Runner() as runner:
        return run_in(runner, work)


def run_in(runner: asyncio.Runner, work: Awaitable[_Result]) -> _Result:
    """Run in a runner's event loop, and return what comes of it."""
    found: list[_Result] = []

    async def running() -> None:
        found.append(await work)

    runner.run(running())
    return found[0]
