"""How long an apply takes at the documented limits, over real connections: 100 apps with a job each.

The limits of the service can be read in two ways: for each category of calls, or for apps, rules, automatic recording
and callbacks in common. The first takes a minute; the second is a benchmark of its own, `throttle-shared`, of six.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import _apps, _measure
from benchmarks._measure import RTCCTL, Run, environment, module
from benchmarks._report import Aim, Figure, Report
from benchmarks._service import keys, served

TIME_AIM = 1.05
CONFIGURATION_LIMIT, JOB_LIMIT = 60, 10
"""Calls a minute, and calls a second."""
LONGEST = 600.0


def measure(short: bool) -> Report:
    """Measure with a limit for each category; in the full form beside the ten-thread script."""
    return _measured(short, "category")


def measure_shared(short: bool) -> Report:
    """Measure with a limit in common."""
    return _measured(short, "shared")


def least(scope: str, apps: int) -> float:
    """Seconds in windows that have to be waited for, and then those for the jobs of the apps that came last."""
    calls, per_app = (4 * apps + 1, 4) if scope == "shared" else (apps + 1, 1)
    windows = -(-calls // CONFIGURATION_LIMIT) - 1
    in_last = min(apps, (calls - windows * CONFIGURATION_LIMIT) // per_app)
    return windows * 60 + max(0, -(-in_last // JOB_LIMIT) - 1)


def _measured(short: bool, scope: str) -> Report:
    apps = 10 if short else 100
    with TemporaryDirectory() as name, served(latency=0) as service:
        folder = Path(name)
        manifest = folder / "apps.yaml"
        manifest.write_text(_apps.manifest(range(apps), jobs=True), encoding="utf-8")
        script = _apps.write_json(folder / "apps.json", _apps.listed(range(apps)))
        variables = environment(
            **keys(service), RTC_CALLBACK_KEY=_apps.CALLBACK_KEY, RTCCTL_STATE=str(folder / "state")
        )

        def run(command: tuple[str, ...]) -> tuple[Run, int, int]:
            service.clear()
            service.hold_limits(scope)
            found = _measure.run(command, variables, folder, longest=LONGEST)
            return found, len(service.calls()), service.refused()

        empty = service.snapshot()
        start = min(_measure.run((*RTCCTL, "validate", "-f", str(manifest)), variables).seconds for _ in range(3))
        apply = (*RTCCTL, "apply", "-f", str(manifest), "--auto-approve", "--throttle", scope)
        ours, calls, refused = run(apply)
        theirs: list[Figure] = []
        if not short:
            service.restore(empty)
            found, _, refusals = run(module("peers.threads", script))
            theirs = [
                Figure("the ten-thread script, without jobs: time", found.seconds, "s"),
                Figure("the ten-thread script, without jobs: calls refused", refusals, ""),
            ]
    bound = least(scope, apps)
    about = (
        f"An apply of {apps} apps, each with a rule, a callback, automatic recording and a job, at the documented "
        f"limits, counted by {scope}. The bound is what the limits ask for; start-up is a `validate` of the manifest."
    )
    figures = (
        Figure("bound", bound, "s"),
        Figure("start-up", start, "s"),
        Figure("time", ours.seconds, "s", Aim("at most", TIME_AIM * (bound + start))),
        Figure("calls", calls, "", Aim("exactly", 5 * apps + 1)),
        Figure("calls refused", refused, "", Aim("exactly", 0)),
        *theirs,
    )
    return Report("throttle" if scope == "category" else "throttle-shared", about, figures)
