"""Files that a command writes beside stdout: looked at before its first call, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from pathlib import Path

from rtcctl.errors import UsageError

READER_SECONDS = 2.0
"""For how long somebody may come to read a named pipe."""
_MEND = "name a file that can be written"


def check(path: Path) -> None:
    """Refuse a file that can't be written, or that is most likely a manifest or a state; nothing is touched.

    Raises:
        UsageError: it would not do; the message says why.
    """
    try:
        why = _why_not(path)
    except OSError as error:  # such as a name that is too long
        why = error.strerror or str(error)
    except ValueError:
        why = "this is no file name"
    if why:
        raise UsageError(f"can't write {path}: {why}", mend=_MEND)
    if path.exists() and (path.suffix in (".yaml", ".yml") or ".state." in path.name):
        raise UsageError(f"{path} would be overwritten, and looks like a manifest or a state", mend="name another file")


def _why_not(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            return f"there is no folder {folder}" if not folder.exists() else f"{folder} is no folder"
        return "" if os.access(folder, os.W_OK | os.X_OK) else f"the folder {folder} may not be written to"
    if stat.S_ISDIR(mode):
        return "it is a folder"
    return "" if os.access(path, os.W_OK) else "it may not be written"


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or as it was before; a device or a pipe gets the content as it is.

    Raises:
        OSError: it can't be written.
    """
    real = Path(os.path.realpath(path))  # a link stays one
    if path.is_fifo():
        _into_pipe(path, content)
        return
    if _is_special(path) or not os.access(real.parent, os.W_OK):
        with path.open("wb" if path.is_file() and not _is_special(path) else "ab") as file:
            file.write(content)
        return
    temporary = real.with_name(f".{real.name[:200]}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            if real.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(real.stat().st_mode))
            file.write(content)
        temporary.replace(real)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _into_pipe(path: Path, content: bytes) -> None:
    """Write into a named pipe; where nobody comes to read it, fail: to wait could take for ever."""
    until = time.monotonic() + READER_SECONDS
    while (pipe := _open_to_reader(path)) is None:
        if time.monotonic() >= until:
            raise OSError(errno.ENXIO, "nobody reads this pipe")
        time.sleep(0.02)
    os.set_blocking(pipe, True)
    with os.fdopen(pipe, "wb") as file:
        file.write(content)


def _open_to_reader(path: Path) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return None
        raise


def _is_special(path: Path) -> bool:
    """Tell whether it is no plain file, or a way to a stream of this process, such as /dev/stdout."""
    return path.absolute().parts[1:2] in (("dev",), ("proc",)) or (path.exists() and not path.is_file())
