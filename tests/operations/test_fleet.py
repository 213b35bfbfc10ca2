"""All accounts at once: who is broken, who goes on, and what the Python API tells of both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from rtcctl.applying.stop import Stop
from rtcctl.errors import (
    CredentialsError,
    ExitCode,
    RefusedError,
    RtcctlError,
    StalePlanError,
    StateLockedError,
    StoppedError,
    UsageError,
)
from rtcctl.model.address import Address
from rtcctl.model.call import Call
from rtcctl.model.drift import Drift, Drifted
from rtcctl.model.happening import UNWATCHED
from rtcctl.model.jobs import Followed
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.model.plan import Change, Plan, Refusal, Step
from rtcctl.model.result import ApplyResult, ChangeResult
from rtcctl.operations.fleet import Common, Fleet, Way, options_of
from rtcctl.operations.workflow import Planned, Session
from rtcctl.planner.options import Options

A = Address("App", "a")
LEDGER = Ledger(Binding("p", "a", "http://127.0.0.1", {}), lineage="0" * 32)
SEVERAL = Common(several=True)
EMPTY, ALL = Plan(), Options()


class Silent:
    def started(self, step: Step) -> None:
        pass

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        pass


@dataclass
class Scripted:
    """Stands in for a session: what it ends with, once `go` says so. It notes that it was cancelled."""

    ends: Any = None
    go: asyncio.Event | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0
    takes_it: bool = False
    closed: bool = False
    lock_error: RtcctlError | None = None

    @property
    def connection(self) -> Any:
        class Connection:
            target = "http://127.0.0.1"
            state = self

        return Connection()

    def locked(self) -> Any:
        if self.lock_error:
            raise self.lock_error
        return contextlib.nullcontext(None)

    async def _end(self) -> Any:
        self.begun.set()
        try:
            if self.go is not None:
                await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            if not self.takes_it:
                raise
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
        if isinstance(self.ends, BaseException):
            raise self.ends
        return self.ends

    async def plan(self, options: Options) -> Any:
        return await self._end()

    async def drift(self) -> Any:
        return await self._end()

    async def close(self) -> None:
        self.closed = True


def fleet(common: Common = SEVERAL, /, **sessions: Any) -> Fleet:
    def way(name: str, session: Any) -> Way:
        def opened() -> Any:
            if isinstance(session, RtcctlError):
                raise session
            return session

        return Way(name, opened)

    return Fleet([way(*each) for each in sessions.items()], UNWATCHED, common)


def planned(plan: Plan = EMPTY) -> Planned:
    return Planned(plan, LEDGER, LEDGER)


def run(work: Any) -> Any:
    return asyncio.run(work)


def planning(options: Options = ALL) -> Callable[[Fleet], Any]:
    return lambda found: found.plan(found.planning(options))


# Opening


def test_one_account_that_can_not_be_opened_leaves_the_others() -> None:
    found = fleet(a=Scripted(planned()), b=CredentialsError("none"))
    made = run(planning()(found))
    assert list(made.parts) == ["a"]
    assert [(each.account, each.error.message) for each in made.plan.broken] == [("b", "none")]
    assert found.target == "http://127.0.0.1 in 1 account (a)"


def test_when_none_can_be_opened_one_error_names_each() -> None:
    with pytest.raises(CredentialsError) as error:
        fleet(a=CredentialsError("none", mend="set them"), b=UsageError("odd"))
    assert error.value.message == "account a: none"
    assert error.value.details == ("account b: odd",)


def test_the_only_account_of_a_manifest_is_told_of_without_its_name() -> None:
    with pytest.raises(CredentialsError, match=r"^none$"):
        fleet(Common(), a=CredentialsError("none"))


@pytest.mark.parametrize("error", [CredentialsError("none"), StalePlanError("stale")])
def test_what_ends_it_all_ends_it_while_opening(error: RtcctlError) -> None:
    common = replace(SEVERAL, fail_fast=not isinstance(error, StalePlanError))
    with pytest.raises(type(error), match="account b: "):
        fleet(common, a=Scripted(), b=error)


def test_many_accounts_are_not_all_named() -> None:
    names: dict[str, Any] = {f"n{index}": Scripted() for index in range(7)}
    assert fleet(SEVERAL, **names).target == "http://127.0.0.1 in 7 accounts (n0, n1, n2, n3, n4, …)"
    assert fleet(Common(), a=Scripted()).target == "http://127.0.0.1"


def test_every_session_is_closed_even_of_an_account_that_broke() -> None:
    one, other = Scripted(RtcctlError("no")), Scripted(planned())

    async def work() -> None:
        found = fleet(a=one, b=other)
        await planning()(found)
        await found.close()

    run(work())
    assert one.closed
    assert other.closed


# Locks


def test_a_locked_account_is_broken_and_the_others_are_held() -> None:
    found = fleet(a=Scripted(), b=Scripted(lock_error=StateLockedError("held")))
    with found.locked() as crashed:
        assert crashed == {}
        assert found.target.endswith("in 1 account (a)")


def test_when_all_are_locked_it_ends() -> None:
    found = fleet(a=Scripted(lock_error=StateLockedError("held")), b=Scripted(lock_error=StateLockedError("too")))
    with pytest.raises(StateLockedError, match="account a: held"), found.locked():
        pass


# Reading


def test_with_fail_fast_reading_ends_with_the_first_error() -> None:
    async def work() -> tuple[Scripted, RtcctlError]:
        slow = Scripted(planned(), go=asyncio.Event())
        found = fleet(replace(SEVERAL, fail_fast=True), a=slow, b=Scripted(CredentialsError("none")))
        with pytest.raises(CredentialsError) as error:
            await planning()(found)
        return slow, error.value

    slow, error = run(work())
    assert slow.cancelled == 1
    assert error.message == "account b: none"


@pytest.mark.parametrize("stage", [planning(), lambda found: found.drift()], ids=["plan", "drift"])
def test_a_cancellation_while_reading_ends_it_all_also_where_some_are_read(stage: Callable[[Fleet], Any]) -> None:
    async def work() -> Scripted:
        read, slow = Scripted(planned()), Scripted(planned(), go=asyncio.Event())
        task = asyncio.create_task(stage(fleet(a=read, b=slow)))
        await slow.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return slow

    assert run(work()).cancelled == 1


def test_nothing_to_read_anywhere_is_an_empty_plan() -> None:
    found = fleet(a=Scripted(), b=Scripted())
    made = run(found.plan(lambda *_: None))
    assert (made.plan, made.parts) == (Plan(), {})
    assert run(found.apply(made, Silent(), allow_destroy=False)) == ApplyResult()


def test_drift_is_joined_and_says_whose_it_is() -> None:
    one = Drift((Drifted(A, "deleted"),), checked=2)
    found = fleet(a=Scripted(one), b=Scripted(Drift(checked=3)), c=Scripted(RtcctlError("no")))
    joined = run(found.drift())
    assert [str(each.address) for each in joined.objects] == ["a:App/a"]
    assert joined.checked == 5
    assert [each.account for each in joined.broken] == ["c"]
    assert run(fleet(Common(), a=Scripted(one)).drift()) == one


# Writing


STEP = Step(f"{A} create", A, "create", Call("POST", "/v2/apps", "apps"), "created")
CHANGE = Change(A, "create", steps=(STEP,))
DONE = ApplyResult((ChangeResult(CHANGE, "done"),), calls=1, steps_done=1)


class Applying(Scripted):
    """Plans at once, and ends an apply as it is told."""

    stop: Stop | None = None

    async def plan(self, options: Options) -> Any:
        return planned(Plan((CHANGE,)))


async def apply_(
    self: Applying, part: Planned, observer: Any, *, allow_destroy: bool, stop: Stop, fail_fast: bool
) -> ApplyResult:
    self.stop = stop
    found = await self._end()
    assert isinstance(found, ApplyResult)
    return found


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Session.apply

    def apply(self: Any, *arguments: Any, **more: Any) -> Any:
        return (apply_ if isinstance(self, Applying) else real)(self, *arguments, **more)

    monkeypatch.setattr(Session, "apply", apply)


async def applied(found: Fleet, **more: Any) -> ApplyResult:
    return await found.apply(await planning()(found), Silent(), allow_destroy=False, **more)


@pytest.mark.parametrize("fail_fast", [False, True])
@pytest.mark.parametrize("error", [StalePlanError("stale"), RtcctlError("no")])
def test_what_was_done_is_told_whatever_happens_to_another_account(error: RtcctlError, fail_fast: bool) -> None:
    one = Applying(DONE)
    found = fleet(replace(SEVERAL, fail_fast=fail_fast), a=one, b=Applying(error))
    result = run(applied(found, fail_fast=fail_fast))
    assert [(str(each.change.address), each.outcome) for each in result.changes] == [("a:App/a", "done")]
    assert [(each.account, each.error) for each in result.broken] == [("b", error)]
    assert result.exit_code == ExitCode.PARTIAL
    assert one.stop is not None
    assert one.stop.asked == fail_fast


def test_when_nothing_could_be_done_anywhere_it_is_an_error() -> None:
    with pytest.raises(StalePlanError, match="account a: stale") as error:
        run(applied(fleet(a=Applying(StalePlanError("stale")), b=Applying(RtcctlError("no")))))
    assert error.value.details == ("account b: no",)


def test_a_cancellation_while_writing_is_handed_on_and_each_tells_what_it_knows() -> None:
    async def work() -> tuple[ApplyResult, list[Applying]]:
        sessions = [Applying(DONE, go=asyncio.Event(), takes_it=True), Applying(DONE, go=asyncio.Event())]
        task = asyncio.create_task(applied(fleet(a=sessions[0], b=sessions[1], c=Applying(DONE))))
        for each in sessions:
            await each.begun.wait()
        task.cancel()
        return await task, sessions

    result, sessions = run(work())
    assert [each.cancelled for each in sessions] == [1, 1]
    assert [str(each.change.address) for each in result.changes] == ["a:App/a", "c:App/a"]
    assert [(each.account, type(each.error)) for each in result.broken] == [("b", StoppedError)]


def test_a_cancellation_before_anything_was_done_ends_it() -> None:
    async def work() -> None:
        sessions = [Applying(DONE, go=asyncio.Event()) for _ in range(2)]
        task = asyncio.create_task(applied(fleet(a=sessions[0], b=sessions[1])))
        for each in sessions:
            await each.begun.wait()
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        run(work())


def test_what_is_refused_in_one_is_refused_before_anything_is_called() -> None:
    found = fleet(a=Applying(DONE), b=Applying(DONE))

    async def work() -> None:
        made = await planning()(found)
        refused = replace(made.plan, refusals=(Refusal("prevent_destroy", "b:App/a is protected", A),))
        await found.apply(replace(made, plan=refused), Silent(), allow_destroy=True)

    with pytest.raises(RefusedError, match="b:App/a is protected"):
        run(work())


def test_jobs_are_followed_in_each_account_that_is_left_and_told_under_its_name() -> None:
    job = Followed(Address("MixStreamJob", "a", "x"), {}, "running", "reached", None)
    told: list[str] = []
    asked: list[list[str]] = []

    async def following(session: Any, part: Planned, result: ApplyResult, tell: Any) -> ApplyResult:
        asked.append([str(each.change.address) for each in result.changes])
        tell(job)
        return replace(result, followed=(job,))

    async def work(found: Fleet) -> ApplyResult:
        made = await planning()(found)
        result = await found.apply(made, Silent(), allow_destroy=False)
        return await found.follow(made, result, following, lambda each: told.append(str(each.address)))

    result = run(work(fleet(a=Applying(DONE), b=Applying(DONE), c=Applying(RtcctlError("no")))))
    assert asked == [["App/a"], ["App/a"]]
    assert told == [str(each.address) for each in result.followed] == ["a:MixStreamJob/a/x", "b:MixStreamJob/a/x"]
    assert [each.account for each in result.broken] == ["c"]
    told.clear()
    assert [str(each.address) for each in run(work(fleet(Common(), a=Applying(DONE)))).followed] == told
    assert told == ["MixStreamJob/a/x"]


# Options


def test_options_are_told_to_the_accounts_they_are_about() -> None:
    of = Options(targets=frozenset({A.within("edu")}), replace=frozenset({A.within("events")}), refresh="none")
    assert options_of(of, "edu") == Options(targets=frozenset({A}), refresh="none")
    assert options_of(of, "events") is None
    assert options_of(replace(of, targets=frozenset()), "events") == Options(replace=frozenset({A}), refresh="none")
