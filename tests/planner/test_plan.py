"""From desired, live and ledger to actions, members, ids and refusals."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rtcctl.model.ledger import Entry
from rtcctl.model.values import Mark, Ref, Secret

from .support import (
    APP,
    BUCKET,
    JOB,
    KEY,
    RULE,
    URL,
    actions,
    app,
    at,
    bucket,
    callback,
    change_of,
    declared,
    desired,
    ledger,
    live,
    live_app,
    live_bucket,
    live_callback,
    live_job,
    live_mode,
    live_rule,
    mode,
    owned_app,
    owned_bucket,
    owned_callback,
    planned,
    rule,
    rule_ref,
    rules_broken,
    whole_account,
    whole_ledger,
    whole_set,
)

OTHER_KEY = Secret("another-fake-key-0123456789abcde", "env:OTHER")


def test_an_account_as_it_was_left_needs_nothing_and_records_nothing() -> None:
    found = planned(whole_set(), whole_account(), whole_ledger())
    assert set(actions(found).values()) == {"no-op"}
    assert (found.has_changes, found.to_record, found.refusals, dict(found.unmanaged)) == (False, 0, (), {})


def test_ids_that_exist_only_after_a_create_are_references() -> None:
    found = planned(whole_set(), live(), ledger())
    start = change_of(found, "MixStreamJob/a/room1").steps[0].call
    assert start.ids["app_id"] == Ref(at("App/a"), "app_id")
    assert start.body is not None
    assert start.body["record_param"] == {"record_rule_id": rule_ref()}
    shown = {member.path: member.new for member in change_of(found, "MixStreamJob/a/room1").members}
    assert shown["record_param", "record_rule_id"] == Mark("(id of RecordRule/a/default, known after apply)")


def test_ids_that_are_known_are_sent_as_they_are() -> None:
    found = planned(whole_set(), live(live_bucket(), live_app(), live_rule()), ledger(), start_unknown_jobs=True)
    start = change_of(found, "MixStreamJob/a/room1").steps[0].call
    assert start.ids["app_id"] == APP
    assert start.body is not None
    assert start.body["record_param"] == {"record_rule_id": RULE}


def test_an_app_that_exists_under_its_name_is_adopted_with_what_hangs_on_it() -> None:
    wanted = desired(bucket(), app(), rule(), callback(), mode())
    found = planned(wanted, whole_account(), ledger())
    assert set(actions(found).values()) == {"import"}
    assert all(change.adopt for change in found.changes)
    assert not found.has_changes
    assert found.to_record == 5
    entry = change_of(found, "App/a").entry
    assert entry is not None
    assert entry.adopted
    assert entry.ids == {"app_id": APP}


def test_an_app_of_another_name_is_left_alone_and_counted() -> None:
    found = planned(desired(app()), live(live_app("stranger", "id-9")), ledger())
    assert actions(found) == {"App/a": "create"}
    assert found.unmanaged == {"App": 1}


def test_an_app_that_was_deleted_and_made_again_by_somebody_else_is_adopted_and_not_doubled() -> None:
    found = planned(desired(app()), live(live_app("a", "new-id")), ledger({"App/a": owned_app()}))
    change = change_of(found, "App/a")
    assert (change.action, change.adopt) == ("import", True)
    assert change.entry is not None
    assert change.entry.ids == {"app_id": "new-id"}


def test_what_was_deleted_outside_is_created_again_and_says_so() -> None:
    account = live(live_bucket(), live_app(), live_callback(), live_mode(rule_id="gone"), live_job())
    found = planned(whole_set(), account, whole_ledger())
    change = change_of(found, "RecordRule/a/default")
    assert (change.action, change.reason) == ("create", "deleted outside rtcctl")
    assert actions(found)["AutoRecordMode/a"] == "update"


def test_a_changed_secret_shows_as_two_numbers_and_an_equal_one_as_one() -> None:
    wanted = desired(app("a"), callback(key=OTHER_KEY), app("b"), callback("RecordCallback/b", key=KEY))
    account = live(live_app(), live_callback(KEY.reveal()))
    found = planned(wanted, account, ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()}))
    (member,) = change_of(found, "RecordCallback/a").members
    shown = {str(each.new) for each in change_of(found, "RecordCallback/b").members}
    assert str(member.old) in shown  # the old secret of a is the new one of b
    assert str(member.new) not in shown
    assert KEY.reveal() not in repr(found)
    assert OTHER_KEY.reveal() not in repr(found)


@pytest.mark.parametrize(
    ("told", "word"), [("", "(not set)"), (None, "(not set)"), ("****", "(secret, masked by the service)")]
)
def test_a_secret_that_is_not_set_or_masked_is_said_to_be(told: str | None, word: str) -> None:
    account = live(live_app(), live_callback(told))
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback(read=OTHER_KEY)})
    (member,) = change_of(planned(desired(app(), callback()), account, owned), "RecordCallback/a").members
    assert str(member.old) == word


def test_a_secret_that_is_no_longer_declared_becomes_not_set() -> None:
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()})
    found = planned(desired(app(), callback(key=None)), live(live_app(), live_callback()), owned)
    (member,) = change_of(found, "RecordCallback/a").members
    assert (str(member.old), str(member.new)) == ("(secret #1)", "(not set)")
    assert [step.call.body for step in found.steps()] == [{"url": URL}]


def test_an_update_that_would_send_a_masked_key_again_is_refused() -> None:
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback(sent=None)})
    wanted = desired(app(), callback(key=None, url="https://new.example.com"))
    found = planned(wanted, live(live_app(), live_callback("****")), owned)
    assert rules_broken(found) == [("masked-secret", "RecordCallback/a")]
    assert found.refused(allow_destroy=True)


def test_two_live_apps_of_one_name_are_refused_and_both_are_named() -> None:
    found = planned(desired(app()), live(live_app("a", "id-1"), live_app("a", "id-2")), ledger())
    assert rules_broken(found) == [("ambiguous", "App/a")]
    assert all(each in found.refusals[0].message for each in ("id-1", "id-2"))


def test_an_owned_app_is_told_from_another_of_its_name_by_its_id() -> None:
    found = planned(desired(app()), live(live_app("a", "id-1"), live_app()), ledger({"App/a": owned_app()}))
    assert actions(found) == {"App/a": "no-op"}
    assert not found.refusals


def test_a_new_name_that_a_live_app_has_already_is_refused() -> None:
    found = planned(desired(app(app_name="b")), live(live_app(), live_app("b", "id-2")), ledger({"App/a": owned_app()}))
    assert ("name-taken", "App/a") in rules_broken(found)
    assert found.refused(allow_destroy=True)


def test_an_app_that_another_declared_address_owns_is_not_adopted_but_refused() -> None:
    wanted = desired(app("a", app_name="new"), app("b", app_name="a"))
    found = planned(wanted, live(live_app("a")), ledger({"App/a": owned_app()}))
    assert not change_of(found, "App/b").adopt
    assert ("name-taken", "App/b") in rules_broken(found)
    assert found.refused(allow_destroy=True)


def test_two_owned_buckets_that_change_places_both_stay_authorized() -> None:
    one = declared("BucketAuthorization/x", {**BUCKET, "bucket": "b2"})
    two = declared("BucketAuthorization/y", {**BUCKET, "bucket": "b1"})
    entries = {
        f"BucketAuthorization/{name}": Entry({"bucket": owns, "location": "cn-north-4"}, {**BUCKET, "bucket": owns})
        for name, owns in (("x", "b1"), ("y", "b2"))
    }
    found = planned(desired(one, two), live(live_bucket("b1"), live_bucket("b2")), ledger(entries))
    assert {(step.call.body or {})["operation"] for step in found.steps()} == {1}


def test_a_callback_can_only_be_forgotten_and_the_plan_says_what_goes_on() -> None:
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()})
    found = planned(desired(app()), live(live_app(), live_callback()), owned)
    change = change_of(found, "RecordCallback/a")
    assert (change.action, change.steps) == ("forget", ())
    assert "goes on sending events" in change.consequences[0]


def test_an_adopted_bucket_is_forgotten_and_never_withdrawn() -> None:
    for wanted in (desired(), desired(bucket(bucket="new"))):
        found = planned(wanted, live(live_bucket()), ledger({"BucketAuthorization/rec": owned_bucket(adopted=True)}))
        operations = [(step.call.body or {}).get("operation") for step in found.steps()]
        assert 0 not in operations


@pytest.mark.parametrize("wanted", [desired(), desired(bucket(bucket="new"))])
def test_withdrawing_a_bucket_needs_consent_also_when_another_takes_its_place(wanted: Any) -> None:
    found = planned(wanted, live(live_bucket()), ledger({"BucketAuthorization/rec": owned_bucket()}))
    assert [(step.call.body or {})["operation"] for step in found.steps()][-1] == 0
    assert rules_broken(found) == [("destroy", "BucketAuthorization/rec")]


def test_a_replacement_bucket_that_was_authorized_before_is_adopted() -> None:
    found = planned(
        desired(bucket(bucket="new")),
        live(live_bucket(), live_bucket("new")),
        ledger({"BucketAuthorization/rec": owned_bucket()}),
    )
    entry = change_of(found, "BucketAuthorization/rec").entry
    assert entry is not None
    assert entry.adopted


def test_a_bucket_that_is_listed_but_not_authorized_is_authorized() -> None:
    found = planned(desired(bucket()), live(live_bucket(authorized=False)), ledger())
    assert actions(found) == {"BucketAuthorization/rec": "create"}


def test_an_app_in_arrears_is_reported_and_not_changed() -> None:
    found = planned(
        desired(app(members={"state": "ACTIVATION"})), live(live_app(state="ARREARS")), ledger({"App/a": owned_app()})
    )
    assert not found.has_changes
    assert ["arrears" in warning.message for warning in found.warnings] == [True]


def test_an_app_that_is_listed_as_deleted_is_not_there() -> None:
    found = planned(desired(app()), live(live_app(state="DELETED")), ledger({"App/a": owned_app()}))
    assert actions(found) == {"App/a": "create"}


def test_a_plan_shows_where_each_changed_member_was_written() -> None:
    found = planned(
        desired(app(), callback(url="https://new.example.com")),
        live(live_app(), live_callback()),
        ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()}),
    )
    (member,) = change_of(found, "RecordCallback/a").members
    assert (member.old, member.new, str(member.place)) == (URL, "https://new.example.com", "rtc.yaml:2:3")


def test_members_that_are_not_sent_are_not_recorded_either() -> None:
    off = declared("AutoRecordMode/a", {"mode": "AUTO_RECORD_OFF", "record_rule_id": rule_ref()})
    unused = rule(members={**rule().members, "hls_config": {"record_cycle": 60}})
    found = planned(desired(app(), unused, off), live(live_app(), live_mode("AUTO_RECORD_OFF")), ledger())
    mode_entry, rule_entry = (change_of(found, where).entry for where in ("AutoRecordMode/a", "RecordRule/a/default"))
    assert mode_entry is not None
    assert mode_entry.members == {"mode": "AUTO_RECORD_OFF"}
    assert rule_entry is not None
    assert "hls_config" not in rule_entry.members


def test_a_fingerprint_of_a_secret_that_is_not_declared_any_more_is_to_be_dropped() -> None:
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()})
    found = planned(desired(app(), callback(key=None)), live(live_app(), live_callback("")), owned)
    assert (found.has_changes, found.to_record) == (False, 1)


def test_a_single_stream_job_follows_its_rule_in_place_and_anything_else_by_replacement() -> None:
    members: dict[str, Any] = {"room_id": "room1", "user_id": "u1", "record_param": {"record_rule_id": "r2"}}
    told = replace(
        live_job(), kind="IndividualStreamJob", members={**members, "record_param": {"record_rule_id": RULE}}
    )
    entry = Entry({"app_id": APP, "job_id": JOB}, {**members, "record_param": {"record_rule_id": RULE}})
    owned = ledger({"App/a": owned_app(), "IndividualStreamJob/a/u1": entry})
    update = planned(desired(app(), declared("IndividualStreamJob/a/u1", members)), live(live_app(), told), owned)
    assert [(step.call.method, step.call.body) for step in update.steps()] == [
        ("PUT", {"record_param": {"record_rule_id": "r2"}})
    ]
    other = declared("IndividualStreamJob/a/u1", {**members, "user_id": "u2"})
    assert (
        actions(planned(desired(app(), other), live(live_app(), told), owned))["IndividualStreamJob/a/u1"] == "replace"
    )


def test_the_state_of_an_app_that_is_no_longer_declared_goes_back_to_enabled() -> None:
    owned = ledger({"App/a": Entry({"app_id": APP}, {"app_name": "a", "state": "DEACTIVATION"})})
    found = planned(desired(app()), live(live_app(state="DEACTIVATION")), owned)
    (member,) = change_of(found, "App/a").members
    assert (member.old, str(member.new)) == ("DEACTIVATION", "(server default)")
    assert [step.call.path for step in found.steps()] == ["/v2/apps/{app_id}/enable"]
