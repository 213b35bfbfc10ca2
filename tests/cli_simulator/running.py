"""Starts commands as processes of their own, and waits for what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rtcctl.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "mixed-recording.yaml"


def rtcctl(*arguments: str) -> int:
    """Run a command in this process; its exit code."""
    return main([str(argument) for argument in arguments])


@contextmanager
def started(*arguments: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until the block ends; it is asked to end before it is made to."""
    command = [sys.executable, "-m", "rtcctl", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environ}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def line_with(stream: IO[str] | None, word: str) -> str:
    """The next line that holds a word; fails at the end of the stream."""
    assert stream is not None
    for line in stream:
        if word in line:
            return line.rstrip("\n")
    raise AssertionError(f"the stream ended without {word!r}")
