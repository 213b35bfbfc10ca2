"""rtcctl as a process of its own, with and without a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

COMMAND = [sys.executable, "-m", "rtcctl"]
PATIENCE = 20.0


def environment(**more: str) -> dict[str, str]:
    """This process's variables, as the fixture left them: readline sets others behind Python's back."""
    return {**os.environ, **more}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=PATIENCE, check=False)


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A command that runs meanwhile; it is ended by its handle if it has not ended itself."""
    command = [*COMMAND, *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment()) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@contextmanager
def served_simulator(data: Path) -> Iterator[str]:
    """`rtcctl simulator serve` on a free port; its URL."""
    with started("simulator", "serve", "--port", "0", "--data", data) as process:
        yield first_line(process.stdout).partition(": ")[2].strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def first_line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


def until(stream: IO[str] | None, words: str) -> str:
    """Read lines until one holds the words; all of them."""
    shown = ""
    while words not in shown:
        found = first_line(stream)
        assert found, f"it ended without {words!r}:\n{shown}"
        shown += found
    return shown


class Terminal:
    """A command at a terminal of 80 columns. Use it in a `with` block."""

    def __init__(self, *arguments: str | Path, columns: int = 80, env: Mapping[str, str] | None = None) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        command = [*COMMAND, *map(str, arguments)]
        with os.fdopen(slave, "r+b", buffering=0) as end:
            self.process = subprocess.Popen(command, stdin=end, stdout=end, stderr=end, env=env or environment())
        self._seen = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """What the screen has shown so far."""
        return self._seen.decode().replace("\r\n", "\n")

    def until(self, words: str) -> str:
        """Wait for words on the screen."""
        while words not in self.text:
            assert self._more(), f"it ended without {words!r}:\n{self.text}"
        return self.text

    def type(self, words: str) -> None:
        os.write(self._master, words.encode())

    def end(self) -> int:
        """Wait for the end; the exit code."""
        while self._more():
            pass
        return self.process.wait(PATIENCE)

    def _more(self) -> bool:
        deadline = time.monotonic() + PATIENCE
        ready, _, _ = select.select([self._master], [], [], deadline - time.monotonic())
        assert ready, f"nothing more came:\n{self.text}"
        try:
            found = os.read(self._master, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self._seen += found
        return bool(found)
