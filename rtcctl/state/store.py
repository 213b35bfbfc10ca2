"""What every place for a state can do, whether it is a folder, object storage or a database.

A state is a snapshot and, while an apply is under way or after one was cut off, a journal beside it. The journal is
what makes an apply survive: each entry is durable before the call that it announces leaves, and its cost does not
depend on the size of the snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from rtcctl.model.ledger import Binding, Delta, Ledger
from rtcctl.state.holder import Holder


class Store(Protocol):
    """The state of one project and account.

    All methods block until what they promise is durable; whoever runs an event loop calls them in a thread, one at a
    time. `load` comes first: what is written then replaces what was loaded, and nothing that came there since.
    With `begin`, `append` and `save` a StateLockedError says that the lock was lost, or that another run wrote.
    After an `append` that failed the journal is over: only `save` may follow.
    """

    @property
    def binding(self) -> Binding:
        """What the state belongs to."""

    @property
    def unfolded(self) -> bool:
        """Tell whether `load` found a journal of a run that was cut off; until `begin` or `save` folds it."""

    @property
    def place(self) -> str:
        """Where the state is, in words fit to be shown: never a password."""

    @property
    def is_local(self) -> bool:
        """Tell whether the state is gone when this machine is, as on most CI runners."""

    def load(self) -> Ledger:
        """Read snapshot and journal put together; where there is neither, an empty ledger of a new lineage.

        Raises:
            ForeignStateError: it belongs to something else, or is damaged.
            RtcctlError: the place can't be reached.
        """

    def begin(self, base: Ledger) -> None:
        """Start a journal upon a ledger as it was loaded.

        A snapshot is written first only where there is none yet, or where a run that was cut off left its journal;
        otherwise the cost does not depend on the size of the ledger.

        Raises:
            RtcctlError: it can't be written.
        """

    def append(self, deltas: Sequence[Delta]) -> None:
        """Add to the journal, durably, all or nothing, at a cost that does not depend on the snapshot.

        Raises:
            RtcctlError: it can't be written; nothing may be called on the strength of these deltas.
        """

    def save(self, ledger: Ledger) -> None:
        """Put a new snapshot in place of the old one, atomically, with the old one as a backup; the journal ends.

        Raises:
            RtcctlError: it can't be written; the old snapshot and the journal still stand.
        """

    def locked(self) -> AbstractContextManager[Holder | None]:
        """Hold the state against every other run, from this machine or another.

        The value is the run from which the lock was taken over because it had crashed, so that somebody is told; None
        as a rule.

        Raises:
            StateLockedError: another run holds it; the message names the holder and since when.
            UsageError: the place can't lock reliably; it is not used without.
        """

    def is_held(self) -> bool:
        """Tell whether the lock that was taken with `locked` is still ours, as far as that can be known."""

    def holder(self) -> Holder | None:
        """Return who holds the lock; None where nobody does.

        Raises:
            RtcctlError: the place can't be reached.
        """

    def running(self) -> Holder | None:
        """Return who holds the lock, if that run shows signs of life and the lock can be taken from it all the same.

        Raises:
            RtcctlError: the place can't be reached.
        """

    def unlock(self, nonce: str) -> None:
        """Take the lock away from the run that holds it under this nonce, which then writes nothing more.

        It notices at its next write, in object storage by its next renewal. A folder's lock is the kernel's and ends
        with its process alone.

        Raises:
            UsageError: there is no lock of that nonce.
            StateLockedError: a live process holds it and the lock can't be taken from it.
            RtcctlError: the place can't be reached.
        """
