"""Files that are durable when a function returns."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_PRIVATE = 0o600


def write(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, readable by its owner alone, and flush it to disk.

    Raises:
        OSError: it can't be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def make_folder(path: Path) -> None:
    """Make a folder, where it is not there, with those that it lies in, and flush their names to disk.

    Raises:
        OSError: it can't be made.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in reversed(missing):
        flush_folder(folder.parent)


def copy(path: Path, to: Path) -> None:
    """Give a file a second name; where the file system knows no links, as FAT and some networks' do not, copy it.

    Raises:
        OSError: neither can be done.
    """
    try:
        os.link(path, to)
    except OSError:
        write(to, path.read_bytes())


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file that exists, with one flush to disk; where that fails, the file is as it was before.

    Raises:
        OSError: it can't be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        before = os.fstat(descriptor).st_size
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Flush a folder to disk, so that a name that was put into it stays after a crash.

    Raises:
        OSError: it can't be flushed.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
