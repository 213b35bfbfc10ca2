"""Every route and fault, at the first, middle and last call and for good: an honest end, and the next run converges.

`RTCCTL_MATRIX=all` tries every combination; without it every seventh is tried, which in each run meets each fault.
"""

from __future__ import annotations

import os

import pytest

from rtcctl.errors import ApiError, ExitCode
from rtcctl.model.result import ApplyResult
from rtcctl.simulator.faults import NO_FAULTS, Fault, Scenario
from tests import virtual
from tests.properties.foreign import make, seen
from tests.properties.world import World
from tests.survive.checks import THEIRS, duplicates
from tests.survive.manifests import BUILD, CHANGED, GONE, Declared

ROUTES = {
    "build": (
        "ListObsBuckets",
        "ListApps",
        "UpdateObsBucketAuthority",
        "CreateApp",
        "CreateRecordRule",
        "UpdateRecordCallback",
        "UpdateAutoRecord",
        "CreateMixJob",
        "CreateIndividualStreamJob",
    ),
    "change": (
        "ListRecordRules",
        "ShowMixJob",
        "ShowIndividualStreamJob",
        "UpdateRecordRule",
        "UpdateRecordCallback",
        "UpdateMixJob",
    ),
    "destroy": (
        "StopMixJob",
        "StopIndividualStreamJob",
        "UpdateAutoRecord",
        "DeleteRecordRule",
        "StopApp",
        "DeleteApp",
        "UpdateObsBucketAuthority",
    ),
}
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
}
WHEN = {"first": (0, 1), "middle": (1, 1), "last": (2, 1), "for good": (0, None)}
STEP = 1 if os.environ.get("RTCCTL_MATRIX") == "all" else 7


def combinations() -> list[tuple[str, str, str, str]]:
    found = [
        (stage, route, fault, when)
        for stage, routes in ROUTES.items()
        for route in routes
        for fault in FAULTS
        for when in WHEN
    ]
    return found[::STEP]


async def run_once(world: World, declared: Declared, *, destroy: bool) -> ApplyResult | ApiError:
    """Plan without starting what may be running, and apply."""
    try:
        planned = await world.plan(declared, destroy=destroy, start_unknown_jobs=False)
    except ApiError as error:
        return error
    return await world.apply(declared, planned)


def check_honest(ended: ApplyResult | ApiError, world: World) -> None:
    """The report has an outcome for every change, a reason for each that failed, and the exit code that follows."""
    if isinstance(ended, ApiError):
        assert ended.exit_code in (ExitCode.FAILED, ExitCode.NOT_ALLOWED)
        return
    for each in ended.changes:
        assert (each.error is None) == (each.outcome in ("done", "not attempted")), each
    expected = {ExitCode.OK} if len(ended.of("done")) == len(ended.changes) else {ExitCode.PARTIAL, ExitCode.FAILED}
    assert ended.exit_code in expected
    unknown = {str(each.change.address) for each in ended.of("unknown")}
    assert unknown <= {str(each.address) for each in world.ledger.pending}
    world.check_state()


@pytest.mark.parametrize(("stage", "route", "fault", "when"), combinations())
def test_a_run_with_a_fault_ends_honestly_and_the_next_converges(stage: str, route: str, fault: str, when: str) -> None:
    async def work() -> None:
        world = World.new(variants={"delete-app-needs-disable"})
        board = world.app.state.simulator.faults
        await make(world, THEIRS)
        theirs = seen(world, THEIRS)
        if stage != "build":
            assert await run_once(world, BUILD, destroy=False)
        declared = {"build": BUILD, "change": CHANGED, "destroy": GONE}[stage]
        skip, count = WHEN[when]
        kind = FAULTS[fault]
        struck = Fault(kind.kind, (route,), kind.when, kind.status, kind.retry_after, kind.seconds, 0.0, skip, count)
        board.set(Scenario((struck,)))
        ended = await run_once(world, declared, destroy=stage == "destroy")
        assert when != "first" or board.counts()[0]["struck"] == 1
        board.set(NO_FAULTS)
        check_honest(ended, world)
        assert not duplicates(world.documents)
        again = await run_once(world, declared, destroy=stage == "destroy")
        assert isinstance(again, ApplyResult)
        check_honest(again, world)
        assert not duplicates(world.documents)
        lost = {each.change.address for each in again.of("unknown")}
        assert all(address.kind.endswith("Job") for address in lost)
        assert again.exit_code == (ExitCode.PARTIAL if lost else ExitCode.OK)
        assert bool(lost) <= (route in ("CreateMixJob", "CreateIndividualStreamJob") and not fault.startswith("429"))
        last = await world.plan(declared, destroy=stage == "destroy", start_unknown_jobs=False)
        assert {change.address for change in last.plan.changes if change.steps} == lost
        assert seen(world, THEIRS) == theirs

    virtual.run(work())
