"""Blocking work in threads: names are looked up and states are kept where an answer may take long, or never come."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 16
"""How many threads work at a time: a database has but so many connections."""

_T = TypeVar("_T")
_Result = TypeVar("_Result")


async def in_daemon(work: Callable[[], _T]) -> _T:
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


def pool() -> ThreadPoolExecutor:
    """Return threads for what several accounts do at once; asyncio's own are a handful on a small machine."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(AT_ONCE)


def side_by_side(work: Callable[[_T], _Result], things: Iterable[_T]) -> list[_Result]:
    """Do the same for several things in threads, all of them even if one fails; one alone needs no thread."""
    todo = list(things)
    if len(todo) < 2:
        return [work(each) for each in todo]
    with pool() as threads:
        futures = [threads.submit(work, each) for each in todo]
        try:
            return [each.result() for each in futures]
        except KeyboardInterrupt:
            for each in futures:
                each.cancel()
            raise
