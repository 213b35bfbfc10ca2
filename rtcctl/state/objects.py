"""State in S3-compatible object storage: `PREFIX/PROJECT/ACCOUNT.state.json`, its backup, its lock and its journal.

The journal has one object for each append. A snapshot is only written over the version that was loaded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from rtcctl.errors import ForeignStateError, RtcctlError, StateLockedError
from rtcctl.model.ledger import Binding, Delta, Ledger
from rtcctl.state import codec, lease
from rtcctl.state.bucket import Bucket, ConflictError
from rtcctl.state.holder import Holder
from rtcctl.state.journal import Writer
from rtcctl.state.lease import Lease
from rtcctl.state.reading import Stored, put_together

_ATTEMPTS = 5
_PATIENCE = 120.0  # seconds for one request; a large snapshot over a slow line takes its time


class ObjectState:
    """The state of one project and account; a `Store`.

    `options` are obstore's for an S3Store, `seconds` is the time that a lock stands without being renewed.

    Raises:
        UsageError: the library for it is not installed.
    """

    is_local = False

    def __init__(
        self, bucket: str, prefix: str, options: Mapping[str, str], binding: Binding, seconds: float = lease.SECONDS
    ) -> None:
        self.binding = binding
        stem = "/".join(part for part in (prefix, binding.project, binding.account) if part)
        self.place = f"s3://{bucket}/{stem}.state.json"
        self._state, self._backup = f"{stem}.state.json", f"{stem}.state.json.backup"
        self._journal = f"{stem}.journal"
        self._bucket = Bucket(bucket, options, self.place, patience=_PATIENCE)
        # A renewal has to be answered, or tried again, before the lock is over.
        self._lease = Lease(
            Bucket(bucket, options, self.place, patience=max(2.0, seconds / 6)), f"{stem}.lock", seconds
        )
        self.unfolded = False
        self._locked = False
        self._tag: str | None = None
        self._writer: Writer | None = None

    def load(self) -> Ledger:
        """Read snapshot and journal; where there is neither, an empty ledger of a new lineage.

        Raises:
            ForeignStateError: it belongs to something else, or is damaged.
            RtcctlError: the store can't be reached.
        """
        for _ in range(_ATTEMPTS):
            # The journal first: one that is folded in meanwhile is then older than the snapshot, which is no misfit.
            lines = self._lines()
            if lines is not None:
                return self._put_together(lines)
        raise RtcctlError(f"the state {self.place} changed whenever it was read", mend="try again")

    def begin(self, base: Ledger) -> None:
        """Start a journal upon a ledger as it was loaded.

        Raises:
            StateLockedError: the lock was lost, or another run wrote.
            RtcctlError: it can't be written.
        """
        self._check()
        if self._tag is None or self._bucket.list(self._journal):
            self.save(base)
        self._writer = Writer()
        self._put_line(self._writer, self._writer.head(base))

    def append(self, deltas: Sequence[Delta]) -> None:
        """Add one object to the journal.

        Raises:
            StateLockedError: the lock was lost, or another run wrote.
            RtcctlError: it can't be written.
        """
        if self._writer is None:
            raise RuntimeError("append comes after begin")
        self._put_line(self._writer, self._writer.line(deltas))

    def save(self, ledger: Ledger) -> None:
        """Put a new snapshot in place of the one that was loaded; the journal ends.

        Raises:
            StateLockedError: the lock was lost, or another run wrote; nothing was overwritten.
            RtcctlError: it can't be written.
        """
        self._check()
        content = codec.to_json(ledger).encode()
        try:
            if self._tag is None:
                self._tag = self._bucket.create(self._state, content)
            else:
                self._bucket.copy(self._state, self._backup)
                self._tag = self._bucket.replace(self._state, content, self._tag)
        except ConflictError:
            raise self._overtaken() from None
        self._writer, self.unfolded = None, False
        with contextlib.suppress(RtcctlError):  # what is left of it says nothing that the snapshot does not
            self._end_journal()

    @contextlib.contextmanager
    def locked(self) -> Iterator[Holder | None]:
        """Hold the state's lock; the value is the run that it was taken over from, if that one had crashed.

        Raises:
            StateLockedError: another run holds it; the message names who and since when.
            UsageError: the store ignores conditional writes, so that no lock would hold.
        """
        before = self._lease.take()
        self._locked = True
        try:
            yield before
        finally:
            self._locked = False
            self._lease.release()

    def holder(self) -> Holder | None:
        """Return who holds the lock, or crashed with it."""
        return self._lease.holder()

    def is_held(self) -> bool:
        """Tell whether the lock is still ours: renewed in time, and not taken away when it was renewed last."""
        return self._locked and self._lease.is_held()

    def running(self) -> Holder | None:
        """Return who holds the lock and still renews it."""
        return self._lease.running()

    def unlock(self, nonce: str) -> None:
        """Take the lock away; the run that held it notices at its next write.

        Raises:
            UsageError: there is no lock of that nonce.
        """
        self._lease.unlock(nonce)

    def _lines(self) -> list[bytes] | None:
        """Return the journal's lines; None where it was removed while it was read."""
        paths = self._bucket.list(self._journal)
        self.unfolded = bool(paths)
        if self._line_path(0) not in paths:  # without its head a journal is over
            return []
        found = self._bucket.get_all(paths)
        lines = [each.content for each in found if each is not None]
        return lines if len(lines) == len(paths) else None

    def _put_together(self, lines: Sequence[bytes]) -> Ledger:
        found = self._bucket.get(self._state)
        self._tag = found.tag if found is not None else None
        restore = f"the version before is {self._backup} in the same bucket; copy it over the state if it is good"
        try:
            text = found.content.decode() if found is not None else None
        except UnicodeDecodeError as error:
            raise ForeignStateError(f"can't read the state {self.place}: {error}", mend=restore) from None
        journal = f"s3://{self.place.split('/')[2]}/{self._journal}/"
        return put_together(Stored(text, lines, self.place, journal, restore), self.binding)

    def _line_path(self, number: int) -> str:
        return f"{self._journal}/{number:08d}.json"

    def _put_line(self, writer: Writer, line: bytes) -> None:
        self._check()
        try:
            self._bucket.create(self._line_path(writer.number), line)
        except ConflictError:
            raise self._overtaken() from None
        if self._locked:  # what was taken away until the line was written protects nothing
            self._lease.confirm()
        writer.number += 1

    def _end_journal(self) -> None:
        paths = self._bucket.list(self._journal)
        self._bucket.delete(path for path in paths if path == self._line_path(0))  # without it the rest means nothing
        self._bucket.delete(path for path in paths if path != self._line_path(0))

    def _check(self) -> None:
        if self._locked:
            self._lease.check()

    def _overtaken(self) -> StateLockedError:
        return StateLockedError(
            f"the state {self.place} was changed by another run since it was read",
            mend="nothing was overwritten; run plan to see where things stand",
        )
