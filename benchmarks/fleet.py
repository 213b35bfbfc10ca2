"""A plan of many accounts at once, with nothing to change: 50 accounts of 20 apps each.

Every account has its own credentials, limits and state. A call takes 30 ms, and all accounts are served by one process,
whose own time is in everybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import _apps, _measure
from benchmarks._measure import RTCCTL, Run, environment, interleaved, module
from benchmarks._report import Aim, Figure, Report, Row, Table
from benchmarks._service import LATENCY, Service, accounts, keys, served
from benchmarks._stores import Places
from benchmarks._stores import served as stores

TIME_AIM, MEMORY_AIM = 1.25, 150.0
BARE = "bare httpx"
_ROUNDS_ELSEWHERE = 3


class Fleet:
    """The accounts, their apps, and the files of every contender."""

    def __init__(self, service: Service, folder: Path, count: int, apps: int) -> None:
        self.service = service
        self.folder = folder
        self.accounts = accounts(count)
        self.numbers = {each: range(index * apps, (index + 1) * apps) for index, each in enumerate(self.accounts)}
        self.calls = count * (1 + apps)
        variables = environment(RTC_CALLBACK_KEY=_apps.CALLBACK_KEY, RTCCTL_STATE=str(folder / "state"))
        for each in self.accounts:
            variables |= keys(service, each, prefix(each.name))
        self.variables = variables
        documents = [_apps.manifest(numbers, account=each.name, header="") for each, numbers in self.numbers.items()]
        whole = _apps.project(each.name for each in self.accounts) + "".join(documents)
        (folder / "fleet.yaml").write_text(whole, encoding="utf-8")
        _apps.write_json(folder / "fleet.json", [self._list(each, prefix=prefix(each.name)) for each in self.accounts])

    def _list(self, account: Any, **more: str) -> dict[str, Any]:
        return {**more, "apps": _apps.listed(self.numbers[account])}

    def bare(self) -> Run:
        """Run the bare client."""
        lists = [self._list(each, token=self.service.token(each)) for each in self.accounts]
        return self._run(module("peers.bare", _apps.write_json(self.folder / "bare.json", lists)))

    def script(self) -> Run:
        """Run the SDK's script."""
        return self._run(module("peers.fleet", self.folder / "fleet.json"))

    def rtcctl(self, *command: str, variables: Mapping[str, str] | None = None) -> Run:
        """Run a command of rtcctl on the whole manifest."""
        return self._run((*RTCCTL, *command, "-f", str(self.folder / "fleet.yaml")), variables)

    def _run(self, command: tuple[str, ...], variables: Mapping[str, str] | None = None) -> Run:
        self.service.clear()
        found = _measure.run(command, variables or self.variables, self.folder)
        return replace(found, calls=len(self.service.calls()))


def prefix(name: str) -> str:
    """Return what stands before an account's variables."""
    return f"{name.upper()}_"


def measure(short: bool) -> Report:
    """Let everyone find nothing to do."""
    count, apps, rounds = (4, 5, 1) if short else (50, 20, 5)
    with TemporaryDirectory() as name, served(count=count) as service:
        fleet = Fleet(service, Path(name), count, apps)
        fleet.bare()  # makes the apps
        fleet.rtcctl("apply", "--auto-approve")  # and these become ours
        contenders: Mapping[str, Callable[[], Run]] = {
            "rtcctl": partial(fleet.rtcctl, "plan"),
            BARE: fleet.bare,
            "SDK, account by account": fleet.script,
        }
        runs = interleaved(rounds, contenders)
        tables = [_table(fleet, runs)]
        if not short:
            tables.append(_elsewhere(fleet))
    about = (
        f"{count} accounts of {apps} apps, each with a rule, a callback and automatic recording, all as they shall be; "
        f"{LATENCY * 1000:.0f} ms a call; whole processes, {rounds} rounds. The script takes one account after the "
        "other with ten threads, the others take all at once with ten calls under way for each."
    )
    return Report("fleet", about, _figures(fleet, runs), tuple(tables))


def _elsewhere(fleet: Fleet) -> Table:
    """Let rtcctl find nothing to do with its states in a folder, and elsewhere, as far away as the service."""
    rows: list[Row] = [("states in", "plan", "apply", "plan, to a folder", "apply, to a folder")]
    with ExitStack() as stack:
        wheres: Places = {"a folder": ("", {}), **stores(stack, LATENCY)}
        places = {place: _twice(fleet, *where) for place, where in wheres.items()}
    for place, there in places.items():
        times = [f"{each:.2f} s" for each in there]
        ratios = [f"{each / here:.2f} ×" for each, here in zip(there, places["a folder"], strict=True)]
        rows.append((place, *times, *ratios))
    return Table(tuple(rows))


def _twice(fleet: Fleet, backend: str, variables: Mapping[str, str]) -> list[float]:
    """Return the seconds of a plan and of an apply."""
    own = {**fleet.variables, **variables}
    if backend:
        own["RTCCTL_STATE"] = backend.format(size="")
    apply = partial(fleet.rtcctl, "apply", "--auto-approve", variables=own)
    apply()  # the apps become ours there too
    runs = interleaved(_ROUNDS_ELSEWHERE, {"plan": partial(fleet.rtcctl, "plan", variables=own), "apply": apply})
    return [_measure.seconds(each) for each in runs.values()]


def _table(fleet: Fleet, runs: Mapping[str, list[Run]]) -> Table:
    bare = _measure.seconds(runs[BARE])
    bound = LATENCY * (1 + -(-len(fleet.numbers[fleet.accounts[0]]) // 10))
    rows: list[Row] = [("", "median", "to the bare client", "calls", "CPU a call", "memory")]
    rows.append(("bound, with a server of no cost", f"{bound:.2f} s", "", f"{fleet.calls:,}", "", ""))
    for name, each in runs.items():
        median = _measure.seconds(each)
        rows.append(
            (
                name,
                f"{median:.2f} s",
                f"{median / bare:.2f} ×",
                f"{each[0].calls:,}",
                f"{_measure.cpu(each) / each[0].calls * 1000:.2f} ms",
                f"{_measure.peak(each) / 1e6:.0f} MB",
            )
        )
    return Table(tuple(rows))


def _figures(fleet: Fleet, runs: Mapping[str, list[Run]]) -> tuple[Figure, ...]:
    ours = runs["rtcctl"]
    calls = next((each.calls for each in ours if each.calls != fleet.calls), fleet.calls)
    ratio = _measure.seconds(ours) / _measure.seconds(runs[BARE])
    return (
        Figure("calls", calls, "", Aim("exactly", fleet.calls)),
        Figure("time, to the bare client's", ratio, "×", Aim("at most", TIME_AIM)),
        Figure("memory", _measure.peak(ours) / 1e6, "MB", Aim("at most", MEMORY_AIM)),
    )
