"""How long it takes to bring 100 apps to what a manifest says, beside the scripts that people write for it.

Each app has a rule, a callback and automatic recording. A call takes 30 ms, nobody limits them, and ten are under way
at once; the times are of whole processes, with state and journal. In the full form once more at the documented limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import _measure
from benchmarks._field import NO_LIMITS, Field
from benchmarks._measure import Run, interleaved
from benchmarks._report import Aim, Figure, Report, Row, Table
from benchmarks._service import LATENCY, served

UNDER_WAY = 10
CREATE_AIM, UNCHANGED_AIM, CPU_AIM = 1.15, 1.0, 1.0
LIMITED_AIM = 10.0
"""Seconds: a minute's allowance is not used up, so that nothing has to be waited for."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What has to be done, and by which command of rtcctl.

    `stages` are calls that wait for those before them, after the one that lists the apps.
    """

    name: str
    stages: tuple[int, ...]
    begin: str
    end: str
    flags: tuple[str, ...] = ()
    command: str = "apply"

    @property
    def calls(self) -> int:
        """The least number of calls."""
        return 1 + sum(self.stages)

    @property
    def bound(self) -> float:
        """The least time, in seconds."""
        return LATENCY * (1 + sum(-(-stage // UNDER_WAY) for stage in self.stages))


def scenarios(count: int) -> tuple[Scenario, ...]:
    """Return what is done with so many apps; a tenth of them is changed."""
    tenth = count // 10
    return (
        Scenario("create", (4 * count,), "nothing", "apps"),
        Scenario("no change", (count,), "apps", "apps", command="plan"),
        Scenario("change a tenth", (count, tenth), "apps", "changed"),
        Scenario("change a tenth, --refresh=changed", (tenth, tenth), "apps", "changed", ("--refresh=changed",)),
    )


def contenders(field: Field, scenario: Scenario) -> Mapping[str, Callable[[], Run]]:
    """Return who takes part; the script has nothing like `--refresh=changed`, and so reads everything."""
    each = {
        "rtcctl": partial(field.rtcctl, scenario.command, scenario.end, *NO_LIMITS, *scenario.flags),
        "SDK, ten threads": partial(field.script, "threads", scenario.end),
    }
    if not scenario.flags:
        each["SDK, one by one"] = partial(field.script, "sequential", scenario.end)
        each["bare httpx"] = partial(field.bare, scenario.end)
    return {name: partial(field.counted, scenario.begin, work) for name, work in each.items()}


def measure(short: bool) -> Report:
    """Let everyone do everything."""
    count, rounds = (10, 1) if short else (100, 5)
    rows: list[Row] = [("", "median", "to the bound", "to ten threads", "calls", "CPU a call", "memory")]
    figures: list[Figure] = []
    with TemporaryDirectory() as name, served() as service:
        field = Field(service, Path(name), count)
        for scenario in scenarios(count):
            runs = interleaved(rounds, contenders(field, scenario))
            rows += _rows(scenario, runs)
            figures += _figures(scenario, runs)
        if not short:
            figures += _limited(field, scenarios(count)[-1])
    about = (
        f"{count} apps, each with a rule, a callback and automatic recording; {LATENCY * 1000:.0f} ms a call, no "
        f"limits, {UNDER_WAY} calls under way; whole processes, {rounds} rounds. The bound is the latency of "
        "calls in tens."
    )
    return Report("converge", about, tuple(figures), (Table(tuple(rows)),))


def _rows(scenario: Scenario, runs: Mapping[str, list[Run]]) -> list[Row]:
    threads = _measure.seconds(runs["SDK, ten threads"])
    rows: list[Row] = [(f"**{scenario.name}**: bound", f"{scenario.bound:.2f} s", "", "", f"{scenario.calls}", "", "")]
    for name, each in runs.items():
        median = _measure.seconds(each)
        rows.append(
            (
                name,
                f"{median:.2f} s",
                f"{median / scenario.bound:.2f} ×",
                f"{median / threads:.2f} ×",
                f"{each[0].calls}",
                f"{_cpu_per_call(each):.2f} ms",
                f"{_measure.peak(each) / 1e6:.0f} MB",
            )
        )
    return rows


def _cpu_per_call(runs: list[Run]) -> float:
    return _measure.cpu(runs) / max(runs[0].calls, 1) * 1000


def _figures(scenario: Scenario, runs: Mapping[str, list[Run]]) -> list[Figure]:
    ours, script = runs["rtcctl"], runs["SDK, ten threads"]
    wrong = next((each.calls for each in ours if each.calls != scenario.calls), scenario.calls)
    aim = CREATE_AIM if scenario.name == "create" else UNCHANGED_AIM
    ratio = _measure.seconds(ours) / _measure.seconds(script)
    found = [
        Figure(f"{scenario.name}: calls", wrong, "", Aim("exactly", scenario.calls)),
        Figure(f"{scenario.name}: time, to the ten-thread script's", ratio, "×", Aim("at most", aim)),
    ]
    if not scenario.flags:
        per_call = _cpu_per_call(ours) / _cpu_per_call(script)
        found.append(Figure(f"{scenario.name}: CPU a call, to the script's", per_call, "×", Aim("at most", CPU_AIM)))
    return found


def _limited(field: Field, scenario: Scenario) -> list[Figure]:
    """Change a tenth under the documented limits: what is not read needs no allowance."""
    taken: list[tuple[Run, int]] = []
    works = (
        partial(field.rtcctl, "apply", scenario.end, *scenario.flags),
        partial(field.script, "threads", scenario.end),
    )
    for work in works:
        field.prepare(scenario.begin)
        field.service.hold_limits()
        taken.append((work(), field.service.refused()))
        field.service.lift_limits()
    (ours, refused), (script, refused_script) = taken
    return [
        Figure(f"{scenario.name}, at the limits: time", ours.seconds, "s", Aim("at most", LIMITED_AIM)),
        Figure(f"{scenario.name}, at the limits: calls refused", refused, "", Aim("exactly", 0)),
        Figure("the same, the ten-thread script: time", script.seconds, "s"),
        Figure("the same, the ten-thread script: calls refused", refused_script, ""),
    ]
