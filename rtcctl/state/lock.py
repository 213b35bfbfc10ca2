"""One run at a time: an advisory lock on a file that names its holder and is free again when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import json
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rtcctl.errors import RtcctlError, StateLockedError


@contextlib.contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock at a path for the time of a `with` block.

    Raises:
        StateLockedError: another process holds it.
        RtcctlError: the lock file can't be opened, locked or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise RtcctlError(f"can't open the lock {path}: {error.strerror}", mend="check the folder's owner") from None
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _sign(file.fileno())
        except BlockingIOError:
            raise StateLockedError(
                f"the state is locked by {_holder(file.read())} ({path})",
                mend="wait for that run to end; the lock goes with its process",
            ) from None
        except OSError as error:
            mend = "check that the file system knows locks and is not full"
            raise RtcctlError(f"can't take the lock {path}: {error.strerror}", mend=mend) from None
        try:
            yield
        finally:
            os.ftruncate(file.fileno(), 0)


def _sign(descriptor: int) -> None:
    holder = {
        "user": _user(),
        "host": platform.node(),
        "pid": os.getpid(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(holder).encode(), 0)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a user id without a name
        return str(os.getuid())


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        return f"{holder['user']}@{holder['host']}, process {holder['pid']}, since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "another run"
