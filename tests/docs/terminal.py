"""A terminal in which a page's commands are run one after the other, as a reader would run them."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rtcctl.cli.main import main

SECONDS = 30
_SHELL = re.compile(r"[|<>&;$*`\n]")
_NORMAL = (
    (re.compile(r"\b[0-9a-f]{24,32}\b"), "ID"),
    (re.compile(r"\d{4}([-/])\d\d\1\d\d[T ]?(\d\d:\d\d:\d\d(\.\d+)?)?( GMT[+-]\d\d:\d\d|Z)?"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d"), "TIME"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"\(\d+\.\d s\)"), "(SECONDS)"),
    (re.compile(r"\s+"), " "),
)


def normal(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, instead in _NORMAL:
        line = pattern.sub(instead, line)
    return line.strip()


def missing(shown: tuple[str, ...], printed: str) -> str:
    """The first line that is shown and was not printed after those before it; empty where all were.

    `…` by itself stands for any lines, within a line for anything.
    """
    lines = iter([normal(line) for line in printed.splitlines()])
    for line in shown:
        wanted = normal(line)
        if wanted in ("", "…"):
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("…")))
        if not any(pattern.fullmatch(each) for each in lines):
            return line
    return ""


@dataclass
class Terminal:
    """Where its commands are run, in what environment, and what was started beside them.

    Other terminals begin in `checkout`, with the environment of the beginning; `aside` is a folder for our own notes.
    """

    checkout: Path
    aside: Path
    at_first: dict[str, str]
    beside: dict[str, tuple[subprocess.Popen[bytes], Path]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder, self.environ = self.checkout, dict(self.at_first)

    def run(self, command: str, typed: str | None = None) -> tuple[int, str]:
        """Run a command; its exit code, and all that it printed."""
        if command.startswith("rtcctl ") and not typed and not _SHELL.search(command):
            return self._here(shlex.split(command, comments=True)[1:])
        return self._bash(command, typed)

    def _here(self, arguments: list[str]) -> tuple[int, str]:
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
        with _as_if(self.folder, self.environ, printed):
            code = main(arguments)
        printed.flush()
        return code, printed.buffer.getvalue().decode()

    def _bash(self, command: str, typed: str | None) -> tuple[int, str]:
        after = self.aside / "after"
        script = f"{command}\ncode=$?; {{ pwd; env -0; }} >{shlex.quote(str(after))}; exit $code"
        ours, theirs = pty.openpty()
        try:
            os.write(ours, "".join(f"{word}\n" for word in (typed or "").split(", ")).encode())
            done = subprocess.run(
                ["bash", "-c", script], cwd=self.folder, env=self.environ, stdin=theirs,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=4 * SECONDS, check=False,
            )  # fmt: skip
        finally:
            os.close(ours)
            os.close(theirs)
        folder, _, variables = after.read_text().partition("\n")
        self.folder = Path(folder)
        self.environ = dict(each.split("=", 1) for each in variables.split("\0") if "=" in each)
        return done.returncode, done.stdout

    def start(self, name: str, commands: list[str]) -> None:
        """Run commands in another terminal; the last goes on."""
        log = self.aside / f"terminal-{name}"
        *first, last = [re.sub(r" +# .*", "", command) for command in commands]
        script = "\n".join([*first, f"{last} & trap 'kill $!' TERM; wait $!; wait $!"])
        with log.open("wb") as stream:
            process = subprocess.Popen(
                ["bash", "-c", script], cwd=self.checkout, stdin=subprocess.DEVNULL,
                env={**self.at_first, "PYTHONUNBUFFERED": "1"}, stdout=stream, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.beside[name] = process, log

    def shows(self, name: str, shown: tuple[str, ...]) -> str:
        """Wait until another terminal shows these lines; the first that it does not show in time."""
        process, log = self.beside[name]
        until = time.monotonic() + SECONDS
        while lacks := missing(shown, log.read_text()):
            if time.monotonic() > until or process.poll() is not None:
                return f"{lacks}\nof what the terminal shows:\n{log.read_text()}"
            time.sleep(0.05)
        return ""

    def close(self) -> None:
        """End what was started."""
        for process, _ in self.beside.values():
            process.terminate()
        for process, _ in self.beside.values():
            process.wait(SECONDS)


@contextlib.contextmanager
def _as_if(folder: Path, environ: dict[str, str], printed: io.TextIOWrapper) -> Iterator[None]:
    before, at = dict(os.environ), Path.cwd()
    stdin = sys.stdin
    try:
        os.environ.clear()
        os.environ.update(environ)
        os.chdir(folder)
        sys.stdin = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield
    finally:
        sys.stdin = stdin
        os.chdir(at)
        os.environ.clear()
        os.environ.update(before)
