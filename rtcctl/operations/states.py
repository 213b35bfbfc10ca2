"""The states of several accounts, loaded and locked side by side: those that are elsewhere take round trips.

Two runs that take the same locks in another order don't wait for each other, for no lock is waited for.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager

from rtcctl.errors import RtcctlError
from rtcctl.model.ledger import Ledger
from rtcctl.operations.threads import AT_ONCE, in_daemon, side_by_side
from rtcctl.state.holder import Holder
from rtcctl.state.store import Store

_LOADING = threading.BoundedSemaphore(AT_ONCE)


async def loaded(store: Store) -> Ledger:
    """Load a state; one that is not on this machine in a thread, so that others, and a time limit, go on meanwhile.

    Raises:
        ForeignStateError: it belongs to something else, or is damaged.
        RtcctlError: the place can't be reached.
    """
    if store.is_local:
        return store.load()

    def load() -> Ledger:
        with _LOADING:
            return store.load()

    return await in_daemon(load)


@contextlib.contextmanager
def all_locked(stores: Mapping[str, Store]) -> Iterator[Mapping[str, Holder | RtcctlError | None]]:
    """Hold several states; by name the run that its lock was taken over from, or why it can't be had."""
    taken: list[AbstractContextManager[Holder | None]] = []

    def take(store: Store) -> Holder | RtcctlError | None:
        try:
            lock = store.locked()
            before = lock.__enter__()
        except RtcctlError as error:
            return error
        taken.append(lock)
        return before

    try:
        yield dict(zip(stores, side_by_side(take, stores.values()), strict=True))
    finally:
        side_by_side(lambda lock: lock.__exit__(None, None, None), taken)
