"""A store that tells a watcher what it does, and what of it takes long."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from rtcctl.model.happening import SLOW, Note, Slow, Watcher
from rtcctl.model.ledger import Binding, Delta, Ledger
from rtcctl.state.holder import Holder
from rtcctl.state.store import Store


class Watched:
    """Does what another store does, and tells of it."""

    def __init__(self, store: Store, watcher: Watcher, slow: float = SLOW) -> None:
        """Stand in for `store`; what takes longer than `slow` seconds is told while it still does."""
        self._store = store
        self._watcher = watcher
        self._slow = slow

    @property
    def binding(self) -> Binding:
        """What the state belongs to."""
        return self._store.binding

    @property
    def unfolded(self) -> bool:
        """Tell whether a run that was cut off has left its journal."""
        return self._store.unfolded

    @property
    def place(self) -> str:
        """Where the state is."""
        return self._store.place

    @property
    def is_local(self) -> bool:
        """Tell whether the state is gone when this machine is."""
        return self._store.is_local

    def load(self) -> Ledger:
        """Read the state."""
        with self._doing("reading it"):
            return self._store.load()

    def begin(self, base: Ledger) -> None:
        """Start a journal."""
        with self._doing("starting its journal"):
            self._store.begin(base)

    def append(self, deltas: Sequence[Delta]) -> None:
        """Add to the journal."""
        with self._doing("writing its journal"):
            self._store.append(deltas)

    def save(self, ledger: Ledger) -> None:
        """Write the state."""
        with self._doing("writing it"):
            self._store.save(ledger)

    def locked(self) -> AbstractContextManager[Holder | None]:
        """Hold the state."""
        return self._locked()

    def is_held(self) -> bool:
        """Tell whether the lock is still ours."""
        return self._store.is_held()

    def holder(self) -> Holder | None:
        """Return who holds the lock."""
        return self._store.holder()

    def running(self) -> Holder | None:
        """Return who holds the lock and shows signs of life."""
        return self._store.running()

    def unlock(self, nonce: str) -> None:
        """Take the lock away."""
        with self._doing("taking its lock away"):
            self._store.unlock(nonce)

    @contextmanager
    def _locked(self) -> Iterator[Holder | None]:
        with contextlib.ExitStack() as stack:
            with self._doing("taking its lock"):
                holder = stack.enter_context(self._store.locked())
            yield holder

    @contextmanager
    def _doing(self, what: str) -> Iterator[None]:
        told = Slow(f"the state ({self.place}) is slow: {what} takes more than {self._slow:g} s")
        timer = threading.Timer(self._slow, self._watcher.see, (told,))
        timer.daemon = True
        timer.start()
        begun = time.monotonic()
        try:
            yield
        finally:
            timer.cancel()
        text = f"the state ({self.place}): {what} took {time.monotonic() - begun:.2f} s"
        self._watcher.see(Note(text, detail=True))
