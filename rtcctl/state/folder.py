"""State in a local folder: `PROJECT/ACCOUNT.state.json`, replaced atomically, with the version before as a backup."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from rtcctl.errors import ForeignStateError, RtcctlError
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.state import binding as bindings
from rtcctl.state import codec, lock

_PRIVATE = 0o600


class FolderState:
    """The state of one project and account.

    Every save is durable when it returns: the new file is written beside the old one, flushed to disk and put in its
    place, so that a crash leaves either the old version or the new one.
    """

    def __init__(self, path: Path, binding: Binding) -> None:
        self.path = path
        self.binding = binding

    def load(self) -> Ledger:
        """Read the ledger; an absent file is an empty ledger of a new lineage.

        Raises:
            ForeignStateError: it belongs to something else, or is damaged.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Ledger(self.binding, lineage=secrets.token_hex(16))
        except (OSError, UnicodeDecodeError) as error:
            raise ForeignStateError(f"can't read the state {self.path}: {error}", mend=self._restore()) from None
        try:
            ledger = codec.from_json(text)
        except codec.LaterVersionError as error:
            message = f"the state {self.path} was written by a later rtcctl: {error}"
            raise ForeignStateError(message, mend="nothing was called; use that later rtcctl") from None
        except ValueError as error:
            raise ForeignStateError(f"the state {self.path} is damaged: {error}", mend=self._restore()) from None
        bindings.check(ledger.binding, self.binding, str(self.path))
        return ledger

    def save(self, ledger: Ledger) -> None:
        """Put a new version in place of the old one.

        Raises:
            RtcctlError: the file can't be written.
        """
        temporary = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write_durably(temporary, codec.to_json(ledger).encode())
            self._keep_backup()
            temporary.replace(self.path)
            _flush_folder(self.path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise RtcctlError(
                f"can't write the state {self.path}: {error.strerror or error}",
                mend="the service may hold objects that the state does not know; mend the disk, then run plan",
            ) from None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the state's lock.

        Raises:
            StateLockedError: another run holds it; the message names who and since when.
        """
        with lock.hold(self.path.with_name(self.path.name + ".lock")):
            yield

    @property
    def backup(self) -> Path:
        """The version before the current one."""
        return self.path.with_name(self.path.name + ".backup")

    def _keep_backup(self) -> None:
        # A link first and a rename after it: at no moment is there no current file.
        if self.path.exists():
            link = self.backup.with_name(f".{self.backup.name}.{secrets.token_hex(8)}")
            os.link(self.path, link)
            try:
                link.replace(self.backup)
            except OSError:
                link.unlink()
                raise

    def _restore(self) -> str:
        if self.backup.exists():
            return f"the version before is {self.backup}; copy it over the state if it is good"
        return "restore it from a backup, or move it away to start anew (apps, rules and settings are adopted again)"


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
