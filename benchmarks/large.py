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

VALIDATE_AIM, GROWTH_AIM, MEMORY_AIM = 3.0, 11.0, 4.0
"""× the least that has to be done, × for ten times the apps, and KB for each resource of a plan."""


def measure(short: bool) -> Report:
    """Measure with so many apps and with ten times as many."""
    few, rounds = (50, 1) if short else (2_000, 3)
    many = 10 * few
    with TemporaryDirectory() as name:
        folder = Path(name)
        for count in (few, many):
            (folder / f"{count}.yaml").write_text(_apps.manifest(range(count), jobs=True), encoding="utf-8")
        lines = len((folder / f"{few}.yaml").read_text(encoding="utf-8").splitlines())
        small = interleaved(rounds, _contenders(folder / f"{few}.yaml"))
        large = interleaved(1, _contenders(folder / f"{many}.yaml"))
    memory = {few: json.loads(small["memory"][0].out), many: json.loads(large["memory"][0].out)}
    about = (
        f"{few:,} apps in {lines:,} lines and ten times as many, each with a rule, a callback, automatic recording and "
        f"a job; {rounds} rounds of the small one, one of the large one. `validate` is a whole process; composing, "
        "checking and planning are timed within theirs. Memory is what Python allocates (tracemalloc) while it plans."
    )
    figures = (*_times(few, many, small, large), *_memories(memory[many]))
    return Report("large", about, figures, (_table(few, many, small, large, memory),))


def _contenders(path: Path) -> dict[str, partial[Run]]:
    variables = environment(RTC_CALLBACK_KEY=_apps.CALLBACK_KEY)
    commands = {
        "validate": (*RTCCTL, "validate", "-f", str(path)),
        "bound": module("_large", "bound", path),
        "plan": module("_large", "time", path),
        "memory": module("_large", "memory", path),
    }
    return {name: partial(_measure.run, command, variables, path.parent) for name, command in commands.items()}


def _inner(runs: list[Run], member: str = "seconds") -> float:
    return median(float(json.loads(each.out)[member]) for each in runs)


def _times(few: int, many: int, small: Mapping[str, list[Run]], large: Mapping[str, list[Run]]) -> tuple[Figure, ...]:
    validate, planning = _measure.seconds(small["validate"]), _inner(small["plan"])
    changes = _inner(large["plan"], "changes") + _inner(small["plan"], "changes")
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
            _inner(large["plan"]) / planning,
            "×",
            Aim("at most", GROWTH_AIM),
        ),
        Figure("changes in these plans", changes, "", Aim("exactly", 0)),
    )


def _memories(found: Mapping[str, float]) -> tuple[Figure, ...]:
    each = 1000 * found["resources"]
    return (
        Figure(
            "memory of the plan, each resource",
            (found["peak"] - found["held"]) / each,
            "KB",
            Aim("at most", MEMORY_AIM),
        ),
        Figure("with manifest, account and ledger, each resource", found["peak"] / each, "KB"),
    )


def _table(
    few: int,
    many: int,
    small: Mapping[str, list[Run]],
    large: Mapping[str, list[Run]],
    memory: Mapping[int, Mapping[str, float]],
) -> Table:
    both = (small, large)
    rows: list[Row] = [
        ("", f"{few:,} apps", f"{many:,} apps"),
        ("compose", *(f"{_inner(each['bound'], 'compose'):.2f} s" for each in both)),
        ("check against the schema", *(f"{_inner(each['bound'], 'check'):.2f} s" for each in both)),
        ("validate", *(f"{_measure.seconds(each['validate']):.2f} s" for each in both)),
        ("validate: memory of the process", *(f"{_measure.peak(each['validate']) / 1e6:,.0f} MB" for each in both)),
        ("plan", *(f"{_inner(each['plan']):.2f} s" for each in both)),
        ("plan: memory", *(f"{memory[count]['peak'] / 1e6:,.0f} MB" for count in (few, many))),
        ("resources", *(f"{memory[count]['resources']:,.0f}" for count in (few, many))),
    ]
    return Table(tuple(rows))
