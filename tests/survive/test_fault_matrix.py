"""Every route and fault, at the first, middle and last call and for good: an honest end, and the next run converges.

`RTCCTL_MATRIX=all` tries every combination; without it every seventeenth is tried, which in each run meets each fault.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from rtcctl.errors import ExitCode
from rtcctl.simulator.faults import NO_FAULTS, Fault, Scenario
from tests import virtual
from tests.properties.foreign import seen
from tests.survive.checks import THEIRS, duplicates
from tests.survive.honesty import check_honest, lost
from tests.survive.stages import ONCE, STAGES, Stage, flawless
from tests.survive.standing import standing

FAULTS = {
    "429": Fault("status", status=429),
    "429 with Retry-After": Fault("status", status=429, retry_after=7),
    "500": Fault("status", status=500),
    "503": Fault("status", status=503),
    "reset before": Fault("reset"),
    "reset after": Fault("reset", when="after"),
    "time-out": Fault("timeout", seconds=90, when="after"),
    "empty": Fault("empty-body"),
    "truncated": Fault("truncated-json"),
    "page": Fault("html", status=200, when="after"),
    "503 after": Fault("html", status=503, when="after"),
}
WHEN = ("first", "middle", "last", "for good")
STEP = 1 if os.environ.get("RTCCTL_MATRIX") == "all" else 17
STARTS = ("CreateMixJob", "CreateIndividualStreamJob")
ROUTES = [pytest.param(stage, route, id=f"{stage.name}-{route}") for stage in STAGES for route in stage.routes]


def combinations() -> Sequence[object]:
    found = [
        pytest.param(stage, route, fault, when, id=f"{stage.name}-{route}-{fault}-{when}")
        for stage in STAGES
        for route in stage.routes
        for fault in FAULTS
        for when in WHEN
        if route not in ONCE or when in ("first", "for good")
    ]
    return found[::STEP]


@pytest.mark.parametrize(("stage", "route"), ROUTES)
def test_first_middle_and_last_are_different_calls(stage: Stage, route: str) -> None:
    calls = flawless(stage).calls[route]
    assert calls == 1 if route in ONCE else calls >= 3


def at(fault: str, stage: Stage, route: str, when: str) -> Fault:
    """The fault, to strike the calls that are meant."""
    skip = {"middle": flawless(stage).calls[route] // 2, "last": flawless(stage).calls[route] - 1}.get(when, 0)
    return replace(FAULTS[fault], calls=(route,), skip=skip, count=None if when == "for good" else 1)


@pytest.mark.parametrize(("stage", "route", "fault", "when"), combinations())
def test_a_run_with_a_fault_ends_honestly_and_the_next_converges(
    stage: Stage, route: str, fault: str, when: str
) -> None:
    wanted = flawless(stage).wanted

    async def work() -> None:
        world = await stage.open()
        board = world.app.state.simulator.faults
        theirs, before = seen(world, THEIRS), standing(world.documents)
        board.set(Scenario((at(fault, stage, route, when),)))
        ended = await stage.run(world)
        [counts] = board.counts()
        assert counts["struck"] >= 1 if when == "for good" else counts["struck"] == 1
        board.set(NO_FAULTS)
        after = standing(world.documents)
        check_honest(ended.document, before, after, wanted)
        assert lost(ended.document) <= {str(each.address) for each in world.ledger.pending}
        assert not duplicates(world.documents)
        if ended.planned:
            world.check_state()

        again = await stage.run(world)
        assert again.planned
        now = standing(world.documents)
        check_honest(again.document, after, now, wanted)
        assert not duplicates(world.documents)
        world.check_state()
        # Nothing stays unknown but the start of a job, and only where it was that which suffered.
        still = lost(again.document)
        assert all("Job/" in address for address in still)
        assert bool(still) <= (route in STARTS and not fault.startswith("429"))
        assert again.document["exit_code"] == (ExitCode.PARTIAL if still else ExitCode.OK)
        assert {address for address, one in wanted.items() if now.get(address) != one} <= still
        last = await world.plan(stage.declared, destroy=stage.destroy, start_unknown_jobs=False)
        assert {str(change.address) for change in last.plan.changes if change.steps} == still
        assert seen(world, THEIRS) == theirs

    virtual.run(work())
