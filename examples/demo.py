"""Example 2 of the API Reference from beginning to end, on this machine and without an account: `make demo`.

Starts the simulator with a virtual clock and a callback receiver, both on free ports, then only runs `rtcctl` as you
would. It ends by itself, takes its data away, and ends nothing but what it started.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

MANIFEST = str(Path(__file__).with_name("demo.yaml"))
RTCCTL = [sys.executable, "-m", "rtcctl"]
WAIT_SECONDS = 30
KEY = "demo-key-not-a-real-secret-00000"


class DemoError(Exception):
    """The demonstration can't go on."""


class Demo:
    """A place for data, the environment of every command, and what was started."""

    def __init__(self, folder: Path, started: contextlib.ExitStack) -> None:
        self.folder = folder
        self.started = started
        state = {"RTCCTL_STATE": str(folder / "state"), "RTC_CALLBACK_KEY": KEY, "PYTHONUNBUFFERED": "1"}
        self.environ = {**{name: value for name, value in os.environ.items() if name != "CI"}, **state}
        self.step = 0

    def heading(self, text: str) -> None:
        """Say what comes next."""
        self.step += 1
        print(f"\n━━━ {self.step}. {text}\n", flush=True)

    def run(self, *arguments: str) -> None:
        """Run a command to its end, and show it."""
        self._show(arguments)
        done = subprocess.run([*RTCCTL, *arguments], env=self.environ, timeout=WAIT_SECONDS, check=False)
        if done.returncode:
            raise DemoError(f"rtcctl {arguments[0]} ended with {done.returncode}")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that goes on until the end of the demonstration."""
        self._show((*arguments, "&"))
        process = subprocess.Popen(
            [*RTCCTL, *arguments], env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.started.callback(_end, process)
        return process

    def _show(self, arguments: tuple[str, ...]) -> None:
        words = [word.replace(f"{self.folder}{os.sep}", "") for word in arguments]
        words = [os.path.relpath(word) if word == MANIFEST else word for word in words]
        print("$ rtcctl", " ".join(word if word == "&" else shlex.quote(word) for word in words), flush=True)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _exports(simulator: subprocess.Popen[str]) -> dict[str, str]:
    """What `simulator serve` says to export, which ends with the project's id."""
    found: dict[str, str] = {}
    for line in simulator.stdout or ():
        print(line, end="")
        words = line.split()
        if words[:1] == ["export"]:
            found |= dict(word.split("=", 1) for word in words[1:])
        if "HUAWEICLOUD_SDK_PROJECT_ID" in found:
            return found
    raise DemoError(f"the simulator did not start: {simulator.stderr.read() if simulator.stderr else ''}")


def _listening(receiver: subprocess.Popen[str]) -> str:
    line = receiver.stderr.readline() if receiver.stderr else ""
    print(line, end="")
    if not line.startswith("Listening on "):
        raise DemoError("the receiver did not start")
    return line.split()[2]


def _received(receiver: subprocess.Popen[str]) -> None:
    """Show what the receiver has printed; it ends by itself after the third event."""
    try:
        printed, _ = receiver.communicate(timeout=WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        raise DemoError("the callbacks did not arrive") from None
    print(printed, end="")
    lines = printed.splitlines()
    if len(lines) != 3 or not all(line.endswith("[verified]") for line in lines):
        raise DemoError("the callbacks are not the three that are due, each with a right signature")


def show(demo: Demo) -> None:
    """Play Example 2."""
    apply = ("-f", MANIFEST)
    demo.heading("A simulator with a virtual clock, and a receiver of callbacks")
    simulator = demo.start(
        "simulator", "serve", "--port", "0", "--clock", "virtual", "--data", str(demo.folder / "sim.db")
    )
    demo.environ |= _exports(simulator)
    receiver = demo.start("callback", "listen", "--port", "0", "--auth-key-env", "RTC_CALLBACK_KEY", "--count", "3")
    demo.environ["RTC_CALLBACK_URL"] = _listening(receiver) + "/callback"

    demo.heading("The bucket's authorization, the app, its recording rule, callback and job")
    demo.run("apply", *apply, "--auto-approve")

    demo.heading("Two users join, and the job records")
    demo.run("simulator", "join", "room001", "alice", "bob")
    demo.run("simulator", "clock", "--advance", "1s")
    demo.run("simulator", "room")

    demo.heading("They talk for ten minutes, then leave")
    demo.run("simulator", "clock", "--advance", "10m")
    demo.run("simulator", "leave", "room001", "alice", "bob")

    demo.heading("After 30 seconds without anybody the job ends by itself")
    demo.run("simulator", "clock", "--advance", "30s")
    demo.run("simulator", "room")

    demo.heading("The callbacks have arrived, each with a right signature")
    _received(receiver)

    demo.heading("The recorded files")
    demo.run("recordings", *apply)

    demo.heading("Nothing is left to do: a job that ended by itself is no change")
    demo.run("plan", *apply)


def main() -> int:
    """Run the demonstration; 1 when something is not as it should be."""
    # The folder outlives what was started in it.
    with tempfile.TemporaryDirectory(prefix="rtcctl-demo-") as folder, contextlib.ExitStack() as started:
        try:
            show(Demo(Path(folder), started))
        except DemoError as failure:
            print(f"\nThe demonstration failed: {failure}", file=sys.stderr)
            return 1
    print("\nDone; everything that was started has ended.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
