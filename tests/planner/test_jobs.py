"""Jobs end by themselves: which are started, left, forgotten or stopped, predecessors included."""

from __future__ import annotations

from typing import Any

import pytest

from .support import (
    APP,
    JOB,
    MIX,
    actions,
    app,
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


def test_a_job_of_an_adopted_app_is_not_started_by_guess() -> None:
    wanted = desired(app(), rule(), job())
    account = live(live_app(), live_rule())
    refused = planned(wanted, account, ledger())
    assert [(each.rule, each.lifted_by) for each in refused.refusals] == [("unknown-job", "--start-unknown-jobs")]
    assert refused.refused(allow_destroy=True)
    asked = planned(wanted, account, ledger(), start_unknown_jobs=True)
    assert not asked.refusals
    assert actions(asked)["MixStreamJob/a/room1"] == "create"


ENDED = live_job(state="STOPPED", stop_reason="TENANT_STOP")


def jobs_set(restart: str, **more: Any) -> Any:
    return desired(app(), rule(), job(restart=restart, **more))


def jobs_owned(**more: Any) -> Any:
    return ledger(
        {"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job(**more)}
    )


@pytest.mark.parametrize(
    ("reason", "restarted"),
    [
        ("TENANT_STOP", {"Never": False, "OnFailure": False, "Always": False}),
        ("INTERNAL_ERROR", {"Never": False, "OnFailure": True, "Always": True}),
        ("EXCEED_MAX_IDLE_TIME", {"Never": False, "OnFailure": False, "Always": True}),
        (None, {"Never": False, "OnFailure": False, "Always": True}),
    ],
)
@pytest.mark.parametrize("restart", ["Never", "OnFailure", "Always"])
@pytest.mark.parametrize("recorded", [False, True])
def test_which_ended_jobs_are_started_again(
    reason: str | None, restarted: dict[str, bool], restart: str, recorded: bool
) -> None:
    gone = [] if reason is None else [live_job(state="STOPPED", stop_reason=reason)]
    account = live(live_app(), live_rule(), *([] if recorded else gone))
    owned = jobs_owned(stopped=(reason or "no longer readable") if recorded else "")
    found = planned(jobs_set(restart), account, owned)
    change = change_of(found, "MixStreamJob/a/room1")
    assert change.action == ("create" if restarted[restart] else "no-op")
    assert [step.call.method for step in change.steps] == (["POST"] if restarted[restart] else [])
    assert (reason or "no longer readable") in change.reason
    if not restarted[restart]:
        assert change.entry is not None
        assert change.entry.stopped == (reason or "no longer readable")
        assert change.records is not recorded


def test_a_changed_declaration_of_an_ended_job_changes_nothing() -> None:
    found = planned(jobs_set("Never", mix={"room_id": "room2"}), live(live_app(), live_rule(), ENDED), jobs_owned())
    assert not found.has_changes


def test_an_ended_job_that_is_no_longer_declared_is_forgotten_without_a_call_or_a_consequence() -> None:
    found = planned(desired(app(), rule()), live(live_app(), live_rule(), ENDED), jobs_owned())
    change = change_of(found, "MixStreamJob/a/room1")
    assert (change.action, change.steps, change.consequences) == ("forget", (), ())
    assert not found.refusals


@pytest.mark.parametrize("state", ["RUNNING", "INIT", "odd", ""])
def test_a_job_that_is_not_known_to_be_over_needs_consent_to_be_stopped(state: str) -> None:
    found = planned(desired(app(), rule()), live(live_app(), live_rule(), live_job(state=state)), jobs_owned())
    assert actions(found)["MixStreamJob/a/room1"] == "delete"
    assert rules_broken(found) == [("destroy", "MixStreamJob/a/room1")]
    assert not found.refused(allow_destroy=True)


def test_a_predecessor_that_is_gone_or_over_is_dropped_without_a_call() -> None:
    deposed = ({"app_id": APP, "job_id": "gone"}, {"app_id": APP, "job_id": "over"})
    account = live(live_app(), live_rule(), live_job(), live_job("over", "STOPPED"))
    found = planned(jobs_set("Never"), account, jobs_owned(deposed=deposed))
    change = change_of(found, "MixStreamJob/a/room1")
    assert (change.action, change.steps, change.records) == ("no-op", (), True)
    assert change.entry is not None
    assert change.entry.deposed == ()


def test_a_predecessor_that_is_still_there_is_taken_down_beside_an_update() -> None:
    account = live(live_app(), live_rule(), live_job(), live_job("j1"))
    found = planned(
        jobs_set("Never", mix={"max_idle_time": 90}), account, jobs_owned(deposed=({"app_id": APP, "job_id": "j1"},))
    )
    change = change_of(found, "MixStreamJob/a/room1")
    assert change.action == "update"
    assert [(step.verb, step.effect, step.call.ids["job_id"]) for step in change.steps] == [
        ("update", "updated", JOB),
        ("stop", "deposed-deleted", "j1"),
    ]
    assert rules_broken(found) == [("destroy", "MixStreamJob/a/room1")]


def test_a_predecessor_of_an_object_that_is_gone_itself_is_taken_down() -> None:
    account = live(live_app(), live_rule(), live_job("j1"))
    found = planned(desired(app(), rule()), account, jobs_owned(deposed=({"app_id": APP, "job_id": "j1"},)))
    change = change_of(found, "MixStreamJob/a/room1")
    assert (change.action, change.entry) == ("delete", None)
    assert [step.call.ids["job_id"] for step in change.steps] == ["j1"]


def test_only_custom_panes_change_in_place() -> None:
    panes = [{"id": 1, "x": 0.1}]
    custom = {**MIX, "layout_template": "custom", "layout_panes": panes}
    account = live(live_app(), live_rule(), live_job(mix_param=custom))
    wanted = jobs_set("Never", mix={"layout_template": "custom", "layout_panes": [{"id": 1, "x": 0.2}]})
    found = planned(wanted, account, jobs_owned())
    change = change_of(found, "MixStreamJob/a/room1")
    assert change.action == "update"
    assert [".".join(member.path) for member in change.members] == ["mix_param.layout_panes[1].x"]
    replaced = planned(wanted, live(live_app(), live_rule(), live_job()), jobs_owned())
    assert change_of(replaced, "MixStreamJob/a/room1").action == "replace"
