"""What a plan counts and what still speaks against it; which exit code a result has."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.errors import ExitCode, FailedCall, NotPermittedError, Place, RtcctlError, ServerError
from rtcctl.model.address import Address
from rtcctl.model.call import Call
from rtcctl.model.plan import ALLOW_DESTROY, Action, Change, Plan, Refusal, Step
from rtcctl.model.resource import Resource
from rtcctl.model.result import ApplyResult, ChangeResult, Outcome

WHERE = Address("App", "a")
CALL = Call("POST", "/v2/apps", "apps")


def change(action: Action, *, calls: int = 1, records: bool = False) -> Change:
    steps = tuple(Step(f"{action} {index}", WHERE, "x", CALL, "none") for index in range(calls))
    return Change(WHERE, action, steps=steps, records=records)


def result(*outcomes: Outcome, error: RtcctlError | None = None, **more: Any) -> ApplyResult:
    broken = error or RtcctlError("x")
    changes = (
        ChangeResult(change("create"), outcome, broken if outcome in ("failed", "unknown") else None)
        for outcome in outcomes
    )
    return ApplyResult(tuple(changes), **{"calls": len(outcomes), **more})


def test_only_calls_are_changes_pending() -> None:
    assert not Plan().has_changes
    assert not Plan((change("import", calls=0, records=True),)).has_changes
    assert Plan((change("update"),)).has_changes


def test_what_touches_the_state_alone_is_counted_apart() -> None:
    found = Plan((change("import", calls=0, records=True), change("create", records=True), change("no-op", calls=0)))
    assert found.to_record == 1
    assert found.count("create", "import") == 1
    assert [step.id for step in found.steps()] == ["create 0"]


def test_allowing_destruction_lifts_what_it_may_lift_and_nothing_else() -> None:
    hard, soft, other = Refusal("a", ""), Refusal("b", "", lifted_by=ALLOW_DESTROY), Refusal("c", "", lifted_by="--x")
    found = Plan(refusals=(hard, soft, other))
    assert found.refused(allow_destroy=False) == (hard, soft, other)
    assert found.refused(allow_destroy=True) == (hard, other)


def test_a_member_without_a_place_has_that_of_what_is_around_it() -> None:
    found = Resource(WHERE, {}, {(): Place("x", 1), ("a",): Place("x", 2)})
    assert found.place(("a", "b", "c")) == Place("x", 2)
    assert found.place(("b",)) == Place("x", 1)
    assert Resource(WHERE, {}).place(("b",)) is None


DENIED = NotPermittedError(FailedCall("POST", "/v2/apps", 403), "no")
BROKEN = ServerError(FailedCall("POST", "/v2/apps", 500), "no")


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (result(), ExitCode.OK),
        (result("done", "done"), ExitCode.OK),
        (result("done", "done", interrupted=True), ExitCode.OK),
        (result("failed", error=DENIED), ExitCode.NOT_ALLOWED),
        (result("failed", error=BROKEN), ExitCode.FAILED),
        (result("failed", "not attempted", error=DENIED), ExitCode.NOT_ALLOWED),
        (result("done", "failed", error=DENIED), ExitCode.PARTIAL),
        (result("done", "unknown"), ExitCode.PARTIAL),
        (result("unknown"), ExitCode.PARTIAL),
        (result("done", "not attempted", interrupted=True), ExitCode.PARTIAL),
        (result("failed", "not attempted", interrupted=True), ExitCode.PARTIAL),
        (result("not attempted", "not attempted", interrupted=True, calls=0), ExitCode.INTERRUPTED),
        (result("not attempted", interrupted=True, calls=1), ExitCode.PARTIAL),
        (result("not attempted", calls=0), ExitCode.FAILED),
    ],
)
def test_the_exit_code_tells_the_outcome(found: ApplyResult, code: ExitCode) -> None:
    assert found.exit_code == code


def test_a_change_of_which_one_call_was_made_and_another_failed_is_partial() -> None:
    assert result("failed", error=DENIED, calls=2, steps_done=1).exit_code == ExitCode.PARTIAL
