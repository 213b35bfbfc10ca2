"""Checks within time limits; an error of ours is what a check found, and never the end of the others."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rtcctl.errors import RtcctlError
from rtcctl.model.checkup import Check

SECONDS = 20.0
"""How long one check may take."""

_T = TypeVar("_T")


def failed(name: str, error: RtcctlError) -> Check:
    """Return an error as what a check found."""
    return Check(name, "failed", error.message, error.mend, error.exit_code)


async def limited(name: str, check: Awaitable[Check], seconds: float = SECONDS) -> Check:
    """Return what a check found; that it did not end in time, and an error of ours, are findings too."""
    try:
        async with asyncio.timeout(seconds):
            return await check
    except TimeoutError:
        return Check(name, "failed", f"no end after {seconds:g} s", "check the network, and try again")
    except RtcctlError as error:
        return failed(name, error)


async def in_thread(work: Callable[[], _T]) -> _T:
    """Do what blocks in a thread that nobody waits for at the end: a name server or a store may never answer."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def settle(value: _T | None, error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except Exception as raised:  # noqa: BLE001 - handed on to whoever waits
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=run, daemon=True).start()
    return await done
