"""One write goes wrong: the run says so, and the next one ends where the manifest wants it."""

from __future__ import annotations

from typing import get_args

from hypothesis import event, given, note
from hypothesis import strategies as st

from rtcctl.errors import ApiError, BadAnswerError, ExitCode, ServerError, ThrottledError, UnreachableError
from rtcctl.model.address import Address
from rtcctl.model.plan import Plan, Step
from rtcctl.model.result import ApplyResult
from rtcctl.reports.as_text import plan_text
from tests import virtual
from tests.properties.foreign import Foreign, accounts, make, seen
from tests.properties.profile import properties
from tests.properties.strategies import Manifest, manifests, successions
from tests.properties.test_converge import converge
from tests.properties.wire import REFUSED, Fault, Way
from tests.properties.world import World

_ERRORS: dict[Way, type[ApiError]] = {
    "429": ThrottledError,
    "500": ServerError,
    "503": ServerError,
    "unsent": UnreachableError,
    "cut off": UnreachableError,
    "time-out": UnreachableError,
    "truncated": BadAnswerError,
    "page": BadAnswerError,
    "empty": BadAnswerError,
}
_ALWAYS_ARRIVE = ("truncated", "empty")
_NEVER_ARRIVE = (*REFUSED, "unsent")


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    way: Way = draw(st.sampled_from(get_args(Way)))
    arrives = way in _ALWAYS_ARRIVE or (way not in _NEVER_ARRIVE and draw(st.booleans()))
    return Fault(draw(st.integers(0, 30)), way, arrives)


def recovers(fault: Fault) -> bool:
    """Tell whether the run gets over it: by repeating what is safe to repeat, or by finding what had arrived."""
    method, path = fault.hit or ("", "")
    repeatable = method != "POST" or path.endswith(("/enable", "/disable"))
    if repeatable or fault.way in ("429", "unsent"):
        return True
    return fault.arrives and not starts_job(fault)


def starts_job(fault: Fault) -> bool:
    """Tell whether the call that went wrong starts a job."""
    method, path = fault.hit or ("", "")
    return method == "POST" and path.endswith("-stream-jobs")


def check_report(result: ApplyResult, fault: Fault) -> None:
    """What the run could not get over is reported as what it is, and nothing else is wrong."""
    wrong = [one for one in result.changes if one.error is not None]
    if recovers(fault):
        assert result.exit_code == ExitCode.OK, [str(one.error) for one in wrong]
        return
    (one,) = wrong
    assert type(one.error) is _ERRORS[fault.way]
    # What a 5xx to the start of a job did can't be looked up, since jobs can't be listed.
    known = fault.way in REFUSED and not starts_job(fault)
    assert one.outcome == ("failed" if known else "unknown")
    assert result.exit_code in (ExitCode.FAILED, ExitCode.PARTIAL)
    others = {each.outcome for each in result.changes if each is not one}
    assert others <= {"done", "not attempted"}


async def check_not_started_twice(world: World, declared: Manifest) -> None:
    """A job that may run already is left alone and named, and everything else is done."""
    planned = await world.plan(declared, start_unknown_jobs=False)
    assert not planned.plan.refused(allow_destroy=True)
    (lost,) = planned.plan.lost
    starts = _starts(world)
    result = await world.apply(declared, planned)
    assert _starts(world) == starts + len(_other_starts(planned.plan, lost.address))
    assert result.exit_code == ExitCode.PARTIAL
    (unknown,) = result.of("unknown")
    assert unknown.change.address == lost.address
    assert str(unknown.error) == lost.message
    assert not result.of("failed")
    world.check_state()


def _starts(world: World) -> int:
    return sum(method == "POST" and path.endswith("-stream-jobs") for method, path in world.wire.writes)


def _other_starts(plan: Plan, lost: Address | None) -> list[Step]:
    return [step for step in plan.steps() if step.verb == "start" and step.address != lost]


async def broken(world: World, declared: Manifest, fault: Fault, *, destroy: bool = False) -> bool:
    """Apply with a fault; tell whether there was anything to break."""
    planned = await world.plan(declared, destroy=destroy)
    calls = sum(not step.only_if_refused for step in planned.plan.steps())
    if planned.plan.refused(allow_destroy=True) or not calls:
        event("nothing to break")
        return False
    note(plan_text(planned.plan))
    fault.at %= calls
    world.wire.break_next(fault)
    result = await world.apply(declared, planned)
    assert fault.hit is not None
    note(f"{fault}")
    event(f"{fault.way}{' after it took effect' if fault.arrives else ''}")
    world.check_state()
    check_report(result, fault)
    return True


@properties
@given(accounts(adoptable=False), successions(), faults(), st.booleans())
def test_after_a_fault_the_next_run_converges_without_duplicates(
    foreign: Foreign, pair: tuple[Manifest, Manifest], fault: Fault, from_nothing: bool
) -> None:
    """The exception: a job whose POST was answered by nothing usable.

    Jobs can't be listed, so the next run refuses to start it. With --start-unknown-jobs, as here, a second one may run.
    """

    async def run() -> None:
        world = World.new()
        await make(world, foreign)
        theirs = seen(world, foreign)
        first, declared = (Manifest(), pair[0]) if from_nothing else pair
        assert await converge(world, first)
        if not await broken(world, declared, fault):
            return
        if starts_job(fault) and fault.way not in ("429", "unsent"):
            await check_not_started_twice(world, declared)
        assert await converge(world, declared, lost_job=starts_job(fault) and fault.arrives)
        assert seen(world, foreign) == theirs

    virtual.run(run())


@properties
@given(accounts(adoptable=False), manifests(), faults())
def test_after_a_fault_the_next_destroy_leaves_the_objects_of_others(
    foreign: Foreign, declared: Manifest, fault: Fault
) -> None:
    async def run() -> None:
        world = World.new()
        await make(world, foreign)
        theirs = seen(world, foreign)
        assert await converge(world, declared)
        if not await broken(world, declared, fault, destroy=True):
            return
        result = await world.apply(declared, await world.plan(declared, destroy=True))
        assert result.exit_code == ExitCode.OK
        assert not world.ledger.entries
        assert {app["app_name"] for app in world.documents("app")} == {app.name for app in foreign.apps}
        assert seen(world, foreign) == theirs

    virtual.run(run())
