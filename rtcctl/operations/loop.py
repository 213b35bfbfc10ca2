"""Running a coroutine to its end, as every command does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_Result = TypeVar("_Result")


def run(work: Awaitable[_Result]) -> _Result:
    """Run in an event loop of its own, and return what comes of it.

    It is not returned through the loop's own task: `asyncio.run` writes that task out when it puts back what SIGINT did
    before, with its result, and for a plan this takes as long as making it.
    """
    found: list[_Result] = []

    async def running() -> None:
        found.append(await work)

    asyncio.run(running())
    return found[0]
