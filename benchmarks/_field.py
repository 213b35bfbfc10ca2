"""An account that can be put back, and what everyone needs who works on it: shared by the benchmarks of calls."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import _apps, _measure
from benchmarks._measure import RTCCTL, Run, environment, module
from benchmarks._service import Service, keys

NO_LIMITS = ("--rate", "100")
"""For an account whose limits are higher than the documented ones."""


class Field:
    """An account that can be put back, the files of every contender, and the state that goes with the account."""

    def __init__(self, service: Service, folder: Path, count: int) -> None:
        self.service = service
        self.folder = folder
        self.variables = environment(
            **keys(service), RTC_CALLBACK_KEY=_apps.CALLBACK_KEY, RTCCTL_STATE=str(folder / "state")
        )
        changed = range(0, count, 10)
        for name, members in (("apps", ()), ("changed", changed)):
            (folder / f"{name}.yaml").write_text(_apps.manifest(range(count), changed=members), encoding="utf-8")
            _apps.write_json(folder / f"{name}.json", _apps.listed(range(count), changed=members))
        self._accounts = {"nothing": service.snapshot()}
        self.rtcctl("apply", "apps", *NO_LIMITS)
        self._accounts["apps"] = service.snapshot()
        shutil.copytree(folder / "state", folder / "state of apps")

    def prepare(self, begin: str) -> None:
        """Put account and state to where a scenario begins."""
        self.service.restore(self._accounts[begin])
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        if begin != "nothing":
            shutil.copytree(self.folder / f"state of {begin}", self.folder / "state")

    def rtcctl(self, command: str, end: str, *flags: str) -> Run:
        """Run a command of rtcctl on the manifest of what shall be in the end."""
        approved = ("--auto-approve",) if command == "apply" else ()
        words = (*RTCCTL, command, "-f", str(self.folder / f"{end}.yaml"), *approved, *flags)
        return _measure.run(words, self.variables, self.folder)

    def script(self, name: str, end: str) -> Run:
        """Run a script on the SDK."""
        return _measure.run(module(f"peers.{name}", self.folder / f"{end}.json"), self.variables, self.folder)

    def bare(self, end: str) -> Run:
        """Run the bare client."""
        numbers = _apps.read_json(self.folder / f"{end}.json")
        path = _apps.write_json(self.folder / "bare.json", [{"token": self.service.token(), "apps": numbers}])
        self.service.clear()
        return _measure.run(module("peers.bare", path), self.variables, self.folder)

    def counted(self, begin: str, work: Callable[[], Run]) -> Run:
        """Let a contender work on the account as it is at the beginning, and count its calls."""
        self.prepare(begin)
        return replace(work(), calls=len(self.service.calls()))
