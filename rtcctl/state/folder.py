"""State in a local folder: `PROJECT/ACCOUNT.state.json`, replaced atomically, with the version before as a backup.

While an apply is under way its journal stands beside it, as `PROJECT/ACCOUNT.state.journal`.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from rtcctl.errors import ForeignStateError, RtcctlError
from rtcctl.model.ledger import Binding, Delta, Ledger
from rtcctl.state import codec, files, journal, lock
from rtcctl.state.holder import Holder
from rtcctl.state.journal import Writer
from rtcctl.state.reading import Stored, put_together


class FolderState:
    """The state of one project and account; a `Store`.

    Every save is durable when it returns: the new file is written beside the old one, flushed to disk and put in its
    place, so that a crash leaves either the old version or the new one.
    """

    is_local = True

    def __init__(self, path: Path, binding: Binding) -> None:
        self.path = path
        self.binding = binding
        self.unfolded = False
        self._writer: Writer | None = None
        self._locked = False

    @property
    def place(self) -> str:
        """The snapshot's path."""
        return str(self.path)

    @property
    def backup(self) -> Path:
        """The version before the current one."""
        return self.path.with_name(self.path.name + ".backup")

    @property
    def journal(self) -> Path:
        """What was done since the snapshot, while an apply is under way or after one was cut off."""
        return self.path.with_suffix(".journal")

    def load(self) -> Ledger:
        """Read snapshot and journal; where there is neither, an empty ledger of a new lineage.

        Raises:
            ForeignStateError: it belongs to something else, or is damaged.
        """
        # The journal first: one that is folded in meanwhile is then older than the snapshot, which is no misfit.
        content = self._content(self.journal)
        self.unfolded = content is not None
        lines = journal.split(content or b"")
        snapshot = self._content(self.path)
        try:
            text = snapshot.decode() if snapshot is not None else None
        except UnicodeDecodeError as error:
            raise self._unreadable(self.path, error) from None
        stored = Stored(text, lines, str(self.path), str(self.journal), self._restore(), torn=True)
        return put_together(stored, self.binding)

    def begin(self, base: Ledger) -> None:
        """Start a journal upon a ledger as it was loaded.

        Raises:
            RtcctlError: it can't be written.
        """
        if self.journal.exists() or not self.path.exists():
            self.save(base)
        writer = Writer()
        with self._writing(self.journal) as temporary:
            files.write(temporary, writer.head(base))
            temporary.replace(self.journal)
            files.flush_folder(self.path.parent)
        writer.number = 1
        self._writer = writer

    def append(self, deltas: Sequence[Delta]) -> None:
        """Add one line to the journal.

        Raises:
            RtcctlError: it can't be written; the journal is as it was before.
        """
        if self._writer is None:
            raise RuntimeError("append comes after begin")
        try:
            files.append(self.journal, self._writer.line(deltas))
        except OSError as error:
            raise RtcctlError(
                f"can't write the journal {self.journal}: {error.strerror}",
                mend="nothing was called that is not in it; mend the disk, then run plan",
            ) from None
        self._writer.number += 1

    def save(self, ledger: Ledger) -> None:
        """Put a new version in place of the old one; the journal ends.

        Raises:
            RtcctlError: the file can't be written.
        """
        with self._writing(self.path) as temporary:
            files.make_folder(self.path.parent)
            files.write(temporary, codec.to_json(ledger).encode())
            self._keep_backup()
            temporary.replace(self.path)
            files.flush_folder(self.path.parent)
        self._writer, self.unfolded = None, False
        with contextlib.suppress(OSError):  # what is left of it says nothing that the snapshot does not
            self.journal.unlink()

    @contextlib.contextmanager
    def locked(self) -> Iterator[Holder | None]:
        """Hold the state's lock; the value is the last holder, if that one crashed.

        Raises:
            StateLockedError: another run holds it; the message names who and since when.
        """
        with lock.hold(self._lock) as before:
            self._locked = True
            try:
                yield before
            finally:
                self._locked = False

    def holder(self) -> Holder | None:
        """Return who holds the lock."""
        return lock.holder(self._lock)

    def is_held(self) -> bool:
        """Tell whether the lock is still ours; it is not where somebody has removed the lock file."""
        holder = self.holder() if self._locked else None
        return holder is not None and holder.is_this_process

    def running(self) -> None:
        """Return nobody: the lock can't be taken from a process that lives."""
        return

    def unlock(self, nonce: str) -> None:
        """Clear what a crashed run left in the lock file.

        Raises:
            StateLockedError: a process holds it; only its end frees the lock.
            UsageError: there is no such lock.
        """
        lock.unlock(self._lock, nonce)

    @property
    def _lock(self) -> Path:
        return self.path.with_name(self.path.name + ".lock")

    @contextlib.contextmanager
    def _writing(self, path: Path) -> Iterator[Path]:
        """Give a temporary name beside a path, and the words for what may go wrong."""
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            yield temporary
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise RtcctlError(
                f"can't write the state {path}: {error.strerror or error}",
                mend="the service may hold objects that the state does not know; mend the disk, then run plan",
            ) from None

    def _keep_backup(self) -> None:
        # A link or copy first and a rename after it: at no moment is there no current file.
        if self.path.exists():
            link = self.backup.with_name(f".{self.backup.name}.{secrets.token_hex(8)}")
            try:
                files.copy(self.path, link)
                link.replace(self.backup)
            except OSError:
                link.unlink(missing_ok=True)
                raise

    def _content(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(path, error) from None

    def _unreadable(self, path: Path, error: Exception) -> ForeignStateError:
        return ForeignStateError(f"can't read the state {path}: {error}", mend=self._restore())

    def _restore(self) -> str:
        if self.backup.exists():
            return f"the version before is {self.backup}; copy it over the state if it is good"
        return "restore it from a backup, or move it away to start anew (apps, rules and settings are adopted again)"
