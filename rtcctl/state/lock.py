"""One run at a time in a folder: an advisory lock on a file, free again when its holder's process ends in any way."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from rtcctl.errors import RtcctlError, StateLockedError, UsageError
from rtcctl.state import files
from rtcctl.state.holder import Holder, named

_LOOKS, _MOMENT = 10, 0.02
_WAIT = "wait for that run to end; the lock goes with its process"


@contextlib.contextmanager
def hold(path: Path) -> Iterator[Holder | None]:
    """Hold the lock at a path for the time of a `with` block; the value is the last holder, if that one crashed.

    Raises:
        StateLockedError: another process holds it.
        RtcctlError: the lock file can't be opened, locked or written.
    """
    try:
        files.make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise RtcctlError(f"can't open the lock {path}: {error.strerror}", mend="check the folder's owner") from None
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            before = Holder.from_text(file.read())
            _sign(file.fileno())
        except BlockingIOError:
            raise _locked(path, _signature(file)) from None
        except OSError as error:
            mend = "check that the file system knows locks and is not full"
            raise RtcctlError(f"can't take the lock {path}: {error.strerror}", mend=mend) from None
        try:
            yield before
        finally:
            os.ftruncate(file.fileno(), 0)


def holder(path: Path) -> Holder | None:
    """Return who holds the lock at a path; None where no process does, or where it left no word."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return Holder.from_text(file.read())
    except OSError:
        return None
    return None


def unlock(path: Path, nonce: str) -> None:
    """Clear what a crashed holder left. A lock that a process holds is the kernel's: it ends with that process alone.

    Raises:
        StateLockedError: a process holds it.
        UsageError: there is no lock of that nonce.
    """
    try:
        file = path.open("r+", encoding="utf-8", errors="replace")
    except OSError:
        raise _no_lock(path, nonce) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _locked(path, Holder.from_text(file.read())) from None
        left = Holder.from_text(file.read())
        if left is None or left.nonce != nonce:
            raise _no_lock(path, nonce)
        os.ftruncate(file.fileno(), 0)


def _signature(file: TextIO) -> Holder | None:
    """Return who signed the lock; a holder needs a moment for that."""
    for _ in range(_LOOKS):
        file.seek(0)
        text = file.read()
        if text:
            return Holder.from_text(text)
        time.sleep(_MOMENT)
    return None


def _sign(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, Holder.me().text().encode(), 0)


def _locked(path: Path, holder_: Holder | None) -> StateLockedError:
    return StateLockedError(f"the state is locked by {named(holder_)} ({path})", mend=_WAIT)


def _no_lock(path: Path, nonce: str) -> UsageError:
    return UsageError(f"{path} holds no lock {nonce}", mend="nothing has to be unlocked: no process holds it")
