"""Drift by itself: every owned object against what was last applied."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.model.drift import Drift
from rtcctl.model.values import Mark, Secret
from rtcctl.planner.drift import drift

from .support import (
    APP,
    JOB,
    KEY,
    RULE,
    ledger,
    live,
    live_app,
    live_bucket,
    live_callback,
    live_job,
    live_mode,
    live_rule,
    owned_app,
    owned_callback,
    owned_job,
    owned_rule,
    whole_account,
    whole_ledger,
)

MIX_WITH_PANES: dict[str, Any] = {
    "room_id": "room1",
    "layout_panes": [{"id": 1, "x": 0.1}, {"id": 2, "x": 0.5}],
}


def told(found: Drift) -> list[tuple[str, str, str]]:
    return [(str(each.address), each.happened, each.note) for each in found.objects]


def members(found: Drift) -> dict[str, tuple[object, object]]:
    return {".".join(member.path): (member.old, member.new) for each in found.objects for member in each.members}


def test_what_is_as_it_was_applied_has_no_drift() -> None:
    found = drift(whole_ledger(), whole_account())
    assert (found.objects, found.checked, found.has_drift) == ((), 6, False)


def test_an_empty_state_has_nothing_to_drift() -> None:
    assert drift(ledger(), whole_account()) == Drift()


def test_every_kind_may_be_deleted_outside() -> None:
    found = drift(whole_ledger(), live(live_bucket(authorized=False)))
    assert told(found) == [
        ("BucketAuthorization/rec", "deleted", ""),
        ("App/a", "deleted", ""),
        ("RecordRule/a/default", "deleted", ""),
        ("RecordCallback/a", "deleted", ""),
        ("AutoRecordMode/a", "deleted", ""),
        ("MixStreamJob/a/room1", "ended", "no longer readable"),
    ]
    assert found.has_drift
    assert found.count("deleted") == 5
    assert found.count("changed", "stopped") == 0


@pytest.mark.parametrize(
    ("status", "expected", "drifted"),
    [
        ({"state": "STOPPED", "stop_reason": "TENANT_STOP"}, ("stopped", "TENANT_STOP"), True),
        ({"state": "STOPPED", "stop_reason": "EXCEED_MAX_IDLE_TIME"}, ("ended", "EXCEED_MAX_IDLE_TIME"), False),
        ({"state": "STOPPED", "stop_reason": "INTERNAL_ERROR"}, ("ended", "INTERNAL_ERROR"), False),
        ({"state": "STOPPED"}, ("ended", "no longer readable"), False),
    ],
)
def test_a_job_that_a_person_stopped_is_drift_and_one_that_ended_is_not(
    status: dict[str, str], expected: tuple[str, str], drifted: bool
) -> None:
    found = drift(ledger({"MixStreamJob/a/room1": owned_job()}), live(live_job(**status)))
    assert told(found) == [("MixStreamJob/a/room1", *expected)]
    assert found.has_drift is drifted


def test_a_job_known_to_be_over_is_not_looked_at_again() -> None:
    assert told(drift(ledger({"MixStreamJob/a/room1": owned_job(stopped="TENANT_STOP")}), live())) == []


def test_a_running_job_may_have_been_changed() -> None:
    found = drift(ledger({"MixStreamJob/a/room1": owned_job()}), live(live_job(mix_param={"max_idle_time": 90})))
    assert members(found)["mix_param.max_idle_time"] == (60, 90)


def test_each_member_that_moved_is_named_with_what_was_applied_and_what_is_live() -> None:
    found = drift(whole_ledger(), live(*whole_account().objects[:2], live_rule(mp4_config={"record_cycle": 60})))
    assert members(found) == {"mp4_config.record_cycle": (7200, 60)}
    assert all(member.drift for each in found.objects for member in each.members)


def test_a_list_is_taken_apart() -> None:
    entry = owned_job()
    panes = {"mix_param": MIX_WITH_PANES}
    owned = ledger({"MixStreamJob/a/room1": type(entry)({"app_id": APP, "job_id": JOB}, panes)})
    moved = {**MIX_WITH_PANES, "layout_panes": [{"id": 2, "x": 0.5}, {"id": 1, "x": 0.3}]}
    assert members(drift(owned, live(live_job(mix_param=moved)))) == {"mix_param.layout_panes[1].x": (0.1, 0.3)}


@pytest.mark.parametrize(
    ("read", "shown"),
    [("another-fake-key-0123456789abcde", Mark("(another secret)")), (None, Mark("(not set)"))],
)
def test_a_secret_that_moved_is_told_of_without_a_word_of_it(read: str | None, shown: Mark) -> None:
    found = drift(ledger({"RecordCallback/a": owned_callback()}), live(live_callback(read)))
    assert members(found) == {"auth_key": (Mark("(secret)"), shown)}


def test_a_mask_that_is_the_last_writes_is_no_drift_and_another_one_is() -> None:
    owned = ledger({"RecordCallback/a": owned_callback(read=Secret("ab****ef", "live"))})
    assert not drift(owned, live(live_callback("ab****ef"))).objects
    assert drift(owned, live(live_callback("zz****zz"))).has_drift


def test_a_key_that_was_never_applied_is_not_judged() -> None:
    owned = ledger({"RecordCallback/a": owned_callback(sent=None)})
    assert not drift(owned, live(live_callback(KEY.reveal()))).objects


def test_a_setting_that_was_switched_off_outside_is_a_change() -> None:
    found = drift(whole_ledger(), live(*whole_account().objects[:4], live_mode("AUTO_RECORD_OFF")))
    assert members(found)["mode"] == ("AUTO_INDIVIDUAL_RECORD", "AUTO_RECORD_OFF")


def test_what_rtcctl_itself_has_still_to_make_again_is_no_drift() -> None:
    owned = ledger(
        {
            "App/a": owned_app("new", deposed=({"app_id": APP},)),
            "RecordRule/a/default": type(owned_rule())({}, {}, deposed=({"app_id": APP, "rule_id": RULE},)),
        }
    )
    assert not drift(owned, live(live_app("a", "new"), live_app("b"), live_rule())).objects


def test_an_app_that_is_in_arrears_was_not_changed_by_anyone() -> None:
    entry = type(owned_app())({"app_id": APP}, {"app_name": "a", "state": "ACTIVATION"})
    assert not drift(ledger({"App/a": entry}), live(live_app(state="ARREARS"))).objects
    assert drift(ledger({"App/a": entry}), live(live_app(state="DEACTIVATION"))).has_drift
