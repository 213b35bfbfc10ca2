"""Running a command as a whole process and measuring it: time, CPU, memory.

This process stays small and imports little: a child's peak of memory is at least what its parent had when it began.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

ROOT = Path(__file__).parents[1]
RTCCTL = (sys.executable, "-m", "rtcctl")
LONGEST = 300.0
"""Seconds after which a command is killed."""

_Key = TypeVar("_Key")


class FailedError(Exception):
    """A command did not end as it should have."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took: seconds of wall time, seconds of CPU (user and system), bytes at its peak, and calls."""

    seconds: float
    cpu: float
    peak: int
    out: str
    calls: int = 0


def module(name: str, *arguments: str | Path) -> tuple[str, ...]:
    """Return the command that runs a module of this package."""
    return (sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments))


def environment(**more: str) -> dict[str, str]:
    """Return this process's variables with those given, and without any that steers rtcctl or Python.

    PYTHONDONTWRITEBYTECODE would have a checkout compiled at every start, which what pip has installed is not.
    """
    steering = ("RTCCTL_", "HUAWEICLOUD_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def run(
    command: Sequence[str],
    variables: Mapping[str, str],
    folder: Path = ROOT,
    *,
    longest: float = LONGEST,
    code: int = 0,
) -> Run:
    """Run a command to its end.

    Raises:
        FailedError: it ended with another code than `code`, or not within `longest` seconds.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own
            command, env=dict(variables), cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        timer = threading.Timer(longest, process.kill)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - begun
        except BaseException:  # interrupted, or told to end: nothing is left running
            process.kill()
            process.wait()
            raise
        finally:
            timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)  # it was waited for behind its back
        out.seek(0)
        err.seek(0)
        if process.returncode != code:
            told = err.read()[-2000:] or out.read()[-2000:]
            raise FailedError(f"{' '.join(command[1:5])} ended with {process.returncode}, not {code}:\n{told}")
        unit = 1 if sys.platform == "darwin" else 1024
        return Run(took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, out.read())


def interleaved(rounds: int, contenders: Mapping[_Key, Callable[[], Run]]) -> dict[_Key, list[Run]]:
    """Let every contender run once in each round, so that what else the machine does meets them all."""
    runs: dict[_Key, list[Run]] = {key: [] for key in contenders}
    for _ in range(rounds):
        for key, contender in contenders.items():
            runs[key].append(contender())
    return runs


def seconds(runs: Sequence[Run]) -> float:
    """Return the median of the wall times."""
    return median(each.seconds for each in runs)


def cpu(runs: Sequence[Run]) -> float:
    """Return the median of the CPU times, in seconds."""
    return median(each.cpu for each in runs)


def peak(runs: Sequence[Run]) -> int:
    """Return the most memory that any run had, in bytes."""
    return max(each.peak for each in runs)
