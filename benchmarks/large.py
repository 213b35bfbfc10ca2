"""Whether time and memory grow in line with the manifest: 2,000 apps in about 60,000 lines, and ten times that.

`validate` is compared with the least that it has to do: compose the YAML with the C loader and check it against the
schema. A plan is made from an account and a ledger in memory, so that no call is in its time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import _apps, _measure
from benchmarks._measure import RTCCTL, Run, environment, interleaved, module
from benchmarks._report import Aim, Figure, Report, Row, Table

VALIDATE_AIM, GROWTH_AIM, DOUBLE_AIM, MEMORY_AIM = 3.0, 11.0, 2.2, 4.0
"""× the least that has to be done, × for ten times and for twice the apps, and KB for each resource of a plan."""
LONGEST = 900.0
"""Seconds after which one command is given up."""


def measure(short: bool) -> Report:
    """Measure with so many apps and with ten times as many."""
    few, rounds = (50, 1) if short else (2_000, 3)
    many = 10 * few
    half = many // 2
    with TemporaryDirectory() as name:
        folder = Path(name)
        for count in (few, half, many):
            _apps.write_set(folder / f"{count}", count, jobs=True)
        lines = sum(len(each.read_text(encoding="utf-8").splitlines()) for each in (folder / f"{few}").iterdir())
        small = interleaved(rounds, _contenders(folder / f"{few}"))
        large = interleaved(1, _contenders(folder / f"{many}"))
        middle = interleaved(rounds, {"time": _contenders(folder / f"{half}")["time"]})
        memory = _measure.run(*_command("memory", folder / f"{many}"), longest=LONGEST)
    about = (
        f"{few:,} apps in {lines:,} lines and ten times as many, each with a rule, a callback, automatic recording and "
        f"a job; {rounds} rounds of the small one, one of the large one. `validate` is a whole process; composing, "
        "checking and planning are timed within theirs. A plan's memory is what Python allocates for it (tracemalloc)."
    )
    doubled = _doubled(half, many, middle, large)
    figures = (*_times(few, many, small, large), doubled, *_memories(json.loads(memory.out), large["time"]))
    return Report("large", about, figures, (_table(few, many, small, large),))


def _contenders(path: Path) -> dict[str, partial[Run]]:
    each = ("validate", "bound", "time")
    return {name: partial(_measure.run, *_command(name, path), longest=LONGEST) for name in each}


def _command(name: str, path: Path) -> tuple[tuple[str, ...], dict[str, str], Path]:
    words = (*RTCCTL, "validate", "-f", str(path)) if name == "validate" else module("_large", name, path)
    return words, environment(RTC_CALLBACK_KEY=_apps.CALLBACK_KEY), path.parent


def _inner(runs: list[Run], member: str = "seconds") -> float:
    return median(float(json.loads(each.out)[member]) for each in runs)


def _times(few: int, many: int, small: Mapping[str, list[Run]], large: Mapping[str, list[Run]]) -> tuple[Figure, ...]:
    validate, planning = _measure.seconds(small["validate"]), _inner(small["time"])
    changes = _inner(large["time"], "changes") + _inner(small["time"], "changes")
    return (
        Figure(
            f"{few:,} apps: validate, to compose and check",
            validate / _inner(small["bound"]),
            "×",
            Aim("at most", VALIDATE_AIM),
        ),
        Figure(
            f"{many:,} apps: validate, to that of {few:,}",
            _measure.seconds(large["validate"]) / validate,
            "×",
            Aim("at most", GROWTH_AIM),
        ),
        Figure(
            f"{many:,} apps: plan, to that of {few:,}",
            _inner(large["time"]) / planning,
            "×",
        ),
        Figure("changes in these plans", changes, "", Aim("exactly", 0)),
    )


def _doubled(half: int, many: int, middle: Mapping[str, list[Run]], large: Mapping[str, list[Run]]) -> Figure:
    """Compare plans of which neither fits into a processor's cache, as much of one of 2,000 apps does."""
    ratio = _inner(large["time"]) / _inner(middle["time"])
    return Figure(f"{many:,} apps: plan, to that of {half:,}", ratio, "×", Aim("at most", DOUBLE_AIM))


def _memories(plan: Mapping[str, float], whole: list[Run]) -> tuple[Figure, ...]:
    resources = plan["resources"]
    return (
        Figure("a plan's memory, each resource", plan["peak"] / resources / 1000, "KB", Aim("at most", MEMORY_AIM)),
        Figure("the process that plans, each resource", _measure.peak(whole) / resources / 1000, "KB"),
    )


def _table(
    few: int,
    many: int,
    small: Mapping[str, list[Run]],
    large: Mapping[str, list[Run]],
) -> Table:
    both = (small, large)
    rows: list[Row] = [
        ("", f"{few:,} apps", f"{many:,} apps"),
        ("compose", *(f"{_inner(each['bound'], 'compose'):.2f} s" for each in both)),
        ("check against the schema", *(f"{_inner(each['bound'], 'check'):.2f} s" for each in both)),
        ("validate", *(f"{_measure.seconds(each['validate']):.2f} s" for each in both)),
        ("validate: memory of the process", *(f"{_measure.peak(each['validate']) / 1e6:,.0f} MB" for each in both)),
        ("plan", *(f"{_inner(each['time']):.2f} s" for each in both)),
        ("plan: memory of the process", *(f"{_measure.peak(each['time']) / 1e6:,.0f} MB" for each in both)),
        ("resources", *(f"{_inner(each['time'], 'resources'):,.0f}" for each in both)),
    ]
    return Table(tuple(rows))
