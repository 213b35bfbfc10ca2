"""Writing deltas durably: all who write while one write is under way share the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from rtcctl.errors import RtcctlError
from rtcctl.model.ledger import Delta
from rtcctl.state.store import Store


class Journal:
    """A store's journal, written in a thread so that the calls under way go on meanwhile.

    After a failure nothing is written any more: what comes after it would stand there without what came before.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Delta, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.error: RtcctlError | None = None

    async def write(self, delta: Delta) -> None:
        """Add a delta; it is durable when this returns. Whoever is cancelled meanwhile leaves it to be written.

        Raises:
            RtcctlError: the journal can't be written; nothing may be called on the strength of this delta.
        """
        if self.error is not None:
            raise self.error
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((delta, durable))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await durable

    async def close(self) -> None:
        """Wait until everything is written."""
        while self._writing is not None:
            await asyncio.wait({self._writing})

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._append([delta for delta, _ in batch])
                for _, durable in batch:
                    _settle(durable, self.error)
        finally:
            self._writing = None

    async def _append(self, deltas: list[Delta]) -> None:
        if self.error is None:
            try:
                await in_thread(self._store.append, deltas)
            except RtcctlError as error:
                self.error = error


def _settle(durable: asyncio.Future[None], error: RtcctlError | None) -> None:
    if durable.done():  # its writer was cancelled
        return
    if error is None:
        durable.set_result(None)
    else:
        durable.set_exception(error)


async def in_thread(work: Callable[..., Any], *arguments: Any) -> None:
    """Do blocking work in a thread and wait for its end, even where the waiting is cancelled meanwhile.

    A cancellation is raised again afterwards, so that a write is never left behind half done.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except RtcctlError:
            break
    if cancelled is not None:
        task.exception()  # it is told by whoever is not cancelled
        raise cancelled
    task.result()
