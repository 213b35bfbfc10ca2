"""How long a command takes as a whole process, beside Python itself and a script for the same.

What makes calls works on one app that is as declared; a call takes 30 ms.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import _measure
from benchmarks._field import Field
from benchmarks._measure import ROOT, RTCCTL, Run, environment, interleaved
from benchmarks._report import Aim, Figure, Report, Row, Table
from benchmarks._service import LATENCY, served

EXAMPLE = str(ROOT / "examples" / "mixed-recording.yaml")
PYTHON = "python -c pass"
SCRIPT = "SDK, one by one"
CALLS = 2
"""The listing, and the rules of the one app."""
ALONE = {
    "version": ("version",),
    "--help": ("--help",),
    "explain": ("explain", "App.record_callback.url"),
    "validate": ("validate", "-f", EXAMPLE),
    "graph": ("graph", "-f", EXAMPLE),
    "preview": ("preview", "-f", EXAMPLE),
}
"""Commands that make no call."""
VERSION_AIM, VALIDATE_AIM, PLAN_AIM = 5.0, 20.0, 1.25


def measure(short: bool) -> Report:
    """Let every command run in turn."""
    rounds = 1 if short else 9
    with TemporaryDirectory() as name, served() as service:
        field = Field(service, Path(name), 1)
        python = partial(_measure.run, (sys.executable, "-c", "pass"), environment())
        contenders = {PYTHON: python}
        for command, words in ALONE.items():
            contenders[command] = partial(_measure.run, (*RTCCTL, *words), environment(), Path(name))
        for command in ("plan", "apply"):
            contenders[command] = partial(field.counted, "apps", partial(field.rtcctl, command, "apps"))
        contenders[SCRIPT] = partial(field.counted, "apps", partial(field.script, "sequential", "apps"))
        runs = interleaved(rounds, contenders)
    about = (
        f"Whole processes, {rounds} rounds. `plan`, `apply` and the script find one app as it shall be, in {CALLS} "
        f"calls of {LATENCY * 1000:.0f} ms; `validate`, `graph` and `preview` have Example 2, `explain` one member."
    )
    return Report("startup", about, _figures(runs), (_table(runs),))


def _table(runs: dict[str, list[Run]]) -> Table:
    python, script = _measure.seconds(runs[PYTHON]), _measure.seconds(runs[SCRIPT])
    rows: list[Row] = [("", "median", "to Python", "to the script", "CPU", "memory", "calls")]
    for name, each in runs.items():
        median = _measure.seconds(each)
        rows.append(
            (
                name,
                f"{median * 1000:.0f} ms",
                f"{median / python:.1f} ×",
                f"{median / script:.2f} ×" if each[0].calls else "",
                f"{_measure.cpu(each) * 1000:.0f} ms",
                f"{_measure.peak(each) / 1e6:.0f} MB",
                f"{each[0].calls or ''}",
            )
        )
    return Table(tuple(rows))


def _figures(runs: dict[str, list[Run]]) -> tuple[Figure, ...]:
    def ratio(name: str, to: str) -> float:
        return _measure.seconds(runs[name]) / _measure.seconds(runs[to])

    calls = next((each.calls for each in (*runs["plan"], *runs["apply"]) if each.calls != CALLS), CALLS)
    return (
        Figure("version, to Python", ratio("version", PYTHON), "×", Aim("at most", VERSION_AIM)),
        Figure("validate, to Python", ratio("validate", PYTHON), "×", Aim("at most", VALIDATE_AIM)),
        Figure("plan, to the script", ratio("plan", SCRIPT), "×", Aim("at most", PLAN_AIM)),
        Figure("plan, apply: calls", calls, "", Aim("exactly", CALLS)),
    )
