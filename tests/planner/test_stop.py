"""Stopping jobs: one change each, under every safety rule, recorded so that nothing starts them again."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rtcctl.model.ledger import Ledger, Pending
from rtcctl.model.plan import ALLOW_DESTROY, Plan
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Desired
from rtcctl.planner.stop import STAYS_STOPPED, stop

from .support import (
    APP,
    JOB,
    actions,
    app,
    assert_order_is_possible,
    at,
    change_of,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_job,
    live_rule,
    owned_app,
    owned_job,
    owned_rule,
    planned,
    rule,
    rules_broken,
)

WHERE = "MixStreamJob/a/room1"
OWNED = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), WHERE: owned_job()}, sources=7)
SET = desired(app(), rule(), job())
LEFT = {"app_id": APP, "job_id": "before"}


def stopping(
    *found: RemoteObject, wanted: Desired = SET, owned: Ledger = OWNED, where: tuple[str, ...] = (WHERE,)
) -> Plan:
    plan = stop(wanted, owned, live(*found), tuple(map(at, where)))
    assert_order_is_possible(plan)
    return plan


def owning(**more: Any) -> Ledger:
    return replace(OWNED, entries={**OWNED.entries, at(WHERE): owned_job(**more)})


def test_a_running_job_is_one_delete_that_leaves_it_owned_and_stopped() -> None:
    plan = stopping(live_job())
    [change] = plan.changes
    [step] = change.steps
    assert (change.action, change.reason, change.records) == ("delete", STAYS_STOPPED, True)
    assert change.entry == owned_job(stopped="TENANT_STOP")
    assert change.consequences == ("stops a live recording of room1",)
    assert (step.effect, step.verb, step.call.method, step.call.ids) == (
        "updated",
        "stop",
        "DELETE",
        {"app_id": APP, "job_id": JOB},
    )
    assert plan.blast == ("stop 1 running recording",)
    assert (plan.budget.calls, plan.sources) == (1, 7)


def test_it_needs_consent_like_any_plan_that_stops_a_recording() -> None:
    plan = stopping(live_job())
    assert [(each.rule, each.lifted_by) for each in plan.refusals] == [("destroy", ALLOW_DESTROY)]
    assert not plan.refused(allow_destroy=True)


@pytest.mark.parametrize(
    ("wanted", "owned"),
    [
        (desired(app(), rule(), job(prevent_destroy=True)), OWNED),
        (desired(app(prevent_destroy=True)), OWNED),
        (desired(), owning(prevent_destroy=True)),
    ],
    ids=["declared on it", "declared on its app", "in the state"],
)
def test_a_protected_job_is_not_stopped_whatever_is_allowed(wanted: Desired, owned: Ledger) -> None:
    plan = stopping(live_job(), wanted=wanted, owned=owned)
    assert ("prevent_destroy", WHERE) in rules_broken(plan)
    assert plan.refused(allow_destroy=True)


def test_more_jobs_than_the_project_allows_need_consent() -> None:
    plan = stopping(live_job(), wanted=desired(app(), rule(), job(), max_deletes=0))
    assert ("max_deletes", "") in rules_broken(plan)
    assert not plan.refused(allow_destroy=True)


def test_what_the_manifest_no_longer_declares_can_be_stopped_and_nothing_is_pruned() -> None:
    plan = stopping(live_job(), wanted=desired(sources=0))
    assert actions(plan) == {WHERE: "delete"}
    assert change_of(plan, WHERE).reason == "no longer declared"
    assert rules_broken(plan) == [("destroy", WHERE)]


@pytest.mark.parametrize(
    ("found", "owned", "why", "records"),
    [
        ([live_job(state="STOPPED", stop_reason="INTERNAL_ERROR")], OWNED, "INTERNAL_ERROR", True),
        ([], OWNED, "no longer readable", True),
        ([], owning(stopped="TENANT_STOP"), "TENANT_STOP", False),
    ],
    ids=["over", "unknown to the service", "known to be over"],
)
def test_a_job_that_is_over_needs_no_call(found: list[RemoteObject], owned: Ledger, why: str, records: bool) -> None:
    plan = stopping(*found, owned=owned)
    change = change_of(plan, WHERE)
    assert not plan.has_changes
    assert not plan.refusals
    assert (change.action, change.reason, change.records) == ("no-op", f"the job ended ({why})", records)
    assert change.entry == owned_job(stopped=why)


@pytest.mark.parametrize(("restart", "warned"), [("Never", False), ("OnFailure", True), ("Always", True)])
def test_a_job_that_ended_by_itself_and_will_be_started_again_is_warned_of(restart: str, warned: bool) -> None:
    found = live_job(state="STOPPED", stop_reason="INTERNAL_ERROR")
    plan = stopping(found, wanted=desired(app(), rule(), job(restart=restart)))
    assert [each.message for each in plan.warnings] == (
        [
            f"{WHERE} ended by itself (INTERNAL_ERROR) and restart is {restart}: the next apply starts it again",
        ]
        if warned
        else []
    )


@pytest.mark.parametrize("restart", ["Never", "OnFailure", "Always"])
def test_a_stopped_job_is_left_alone_by_the_next_plan_and_started_by_replace(restart: str) -> None:
    wanted = desired(app(), rule(), job(restart=restart))
    entry = change_of(stopping(live_job(), wanted=wanted), WHERE).entry
    assert entry is not None
    after = replace(OWNED, entries={**OWNED.entries, at(WHERE): entry}, sources=1)
    account = live(live_app(), live_rule())
    assert actions(planned(wanted, account, after))[WHERE] == "no-op"
    assert actions(planned(wanted, account, after, replace=frozenset({at(WHERE)})))[WHERE] == "create"


def test_a_predecessor_that_still_runs_is_stopped_as_well() -> None:
    owned = owning(deposed=(LEFT, {"app_id": APP, "job_id": "gone"}))
    plan = stopping(live_job(), live_job("before"), owned=owned)
    change = change_of(plan, WHERE)
    assert [(step.effect, step.call.ids["job_id"]) for step in change.steps] == [
        ("deposed-deleted", "before"),
        ("updated", JOB),
    ]
    assert change.entry == owned_job(stopped="TENANT_STOP", deposed=(LEFT,))


def test_of_a_job_that_is_over_only_the_predecessor_is_stopped() -> None:
    plan = stopping(live_job("before"), owned=owning(deposed=(LEFT,), stopped="TENANT_STOP"))
    change = change_of(plan, WHERE)
    assert [step.effect for step in change.steps] == ["deposed-deleted"]
    assert change.action == "delete"
    assert rules_broken(plan) == [("destroy", WHERE)]


def test_a_start_that_was_never_heard_of_again_is_warned_of_where_it_concerns() -> None:
    here, there = (Pending(at(where), "start", "2024-01-15T08:30:00Z") for where in (WHERE, "MixStreamJob/a/x"))
    [warning] = stopping(live_job(), owned=replace(OWNED, pending=(here, there))).warnings
    assert warning.message.startswith(f"an apply began to start {WHERE} at ")
