"""Addresses that changed while their objects stay."""

from __future__ import annotations

from rtcctl.model.ledger import Entry
from rtcctl.planner.moves import follow

from .support import (
    APP,
    actions,
    app,
    at,
    bucket,
    callback,
    change_of,
    declared,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_bucket,
    live_job,
    live_rule,
    mode,
    owned_app,
    owned_bucket,
    owned_callback,
    owned_job,
    owned_rule,
    planned,
    rule,
    rule_ref,
    whole_account,
    whole_ledger,
)


def test_a_rule_of_the_same_location_under_another_name_is_a_move_without_a_call() -> None:
    found = planned(
        desired(app(), rule("RecordRule/a/new")),
        live(live_app(), live_rule()),
        ledger({"App/a": owned_app(), "RecordRule/a/old": owned_rule()}),
    )
    assert actions(found) == {"App/a": "no-op", "RecordRule/a/new": "no-op"}
    assert change_of(found, "RecordRule/a/new").moved_from == at("RecordRule/a/old")
    assert not found.has_changes
    assert found.to_record == 1


def test_a_moved_rule_that_also_changes_is_an_update_of_the_same_object() -> None:
    members = {**rule().members, "mp4_config": {"record_cycle": 60}}
    found = planned(
        desired(app(), rule("RecordRule/a/new", members)),
        live(live_app(), live_rule()),
        ledger({"App/a": owned_app(), "RecordRule/a/old": owned_rule()}),
    )
    change = change_of(found, "RecordRule/a/new")
    assert (change.action, change.moved_from) == ("update", at("RecordRule/a/old"))
    assert [step.call.method for step in found.steps()] == ["PUT"]


def test_an_app_under_another_name_takes_everything_that_hangs_on_it_along() -> None:
    renamed = desired(
        bucket(),
        app("b", app_name="a"),
        rule("RecordRule/b/default"),
        callback("RecordCallback/b"),
        mode("AutoRecordMode/b"),
        job("MixStreamJob/b/room1"),
    )
    found = planned(renamed, whole_account(), whole_ledger())
    assert not found.has_changes
    assert set(actions(found).values()) == {"no-op"}
    assert found.to_record == 5
    assert change_of(found, "MixStreamJob/b/room1").moved_from == at("MixStreamJob/a/room1")
    assert change_of(found, "BucketAuthorization/rec").moved_from is None


def test_a_rule_that_is_renamed_together_with_its_app_is_followed_to_its_last_name() -> None:
    found = planned(
        desired(app("b", app_name="a"), rule("RecordRule/b/new")),
        live(live_app(), live_rule()),
        ledger({"App/a": owned_app(), "RecordRule/a/old": owned_rule()}),
    )
    assert change_of(found, "RecordRule/b/new").moved_from == at("RecordRule/a/old")
    assert not found.has_changes


def test_a_job_is_followed_only_where_moved_from_says_so() -> None:
    owned = ledger({"App/a": owned_app(), "MixStreamJob/a/old": owned_job(), "RecordRule/a/default": owned_rule()})
    account = live(live_app(), live_rule(), live_job())
    followed = planned(
        desired(app(), rule(), job("MixStreamJob/a/new", moved_from=at("MixStreamJob/a/old"))), account, owned
    )
    assert actions(followed)["MixStreamJob/a/new"] == "no-op"
    assert not followed.has_changes
    unfollowed = planned(desired(app(), rule(), job("MixStreamJob/a/new")), account, owned)
    assert actions(unfollowed)["MixStreamJob/a/new"] == "create"
    assert actions(unfollowed)["MixStreamJob/a/old"] == "delete"


def test_an_app_that_moves_by_moved_from_keeps_its_id_though_its_name_changes_to_nothing_known() -> None:
    found = planned(
        desired(app("b", app_name="a", moved_from=at("App/old"))),
        live(live_app()),
        ledger({"App/old": owned_app(name="something-else")}),
    )
    assert change_of(found, "App/b").moved_from == at("App/old")
    assert not found.has_changes


def test_a_move_from_nowhere_is_a_create() -> None:
    found = planned(desired(app(moved_from=at("App/never"))), live(), ledger())
    assert actions(found) == {"App/a": "create"}
    assert change_of(found, "App/a").moved_from is None


def test_a_move_that_happened_already_is_nothing() -> None:
    found = planned(desired(app(moved_from=at("App/old"))), live(live_app()), ledger({"App/a": owned_app()}))
    assert change_of(found, "App/a").moved_from is None
    assert found.to_record == 0


def test_an_address_that_is_taken_is_not_overwritten_by_a_move() -> None:
    entries = {"App/a": owned_app(), "App/b": owned_app("other-id", "b")}
    today, former = follow(desired(app("b", moved_from=at("App/a"))), ledger(entries))
    assert today.entries == ledger(entries).entries
    assert not former


def test_a_child_that_exists_under_the_new_name_already_stays_what_it_is() -> None:
    entries = {"App/a": owned_app(), "RecordRule/a/x": owned_rule(), "RecordRule/b/x": owned_rule("other", "r9")}
    today, former = follow(desired(app("b", app_name="a")), ledger(entries))
    assert today.entries[at("RecordRule/b/x")].ids["rule_id"] == "r9"
    assert former == {at("App/b"): at("App/a")}


def test_a_declared_object_is_never_the_source_of_a_move() -> None:
    members = {"app_name": "same"}
    wanted = desired(app("a", members=members), app("b", members=members))
    _, former = follow(wanted, ledger({"App/a": Entry({"app_id": APP}, members)}))
    assert not former


def test_a_bucket_authorization_under_another_name_is_a_move() -> None:
    found = planned(
        desired(bucket("BucketAuthorization/new")),
        live(live_bucket()),
        ledger({"BucketAuthorization/old": owned_bucket()}),
    )
    assert change_of(found, "BucketAuthorization/new").moved_from == at("BucketAuthorization/old")
    assert not found.has_changes


def test_settings_have_no_key_of_their_own_and_move_only_with_their_app() -> None:
    today, former = follow(
        desired(app("b"), callback("RecordCallback/b")), ledger({"RecordCallback/a": owned_callback()})
    )
    assert set(today.entries) == {at("RecordCallback/a")}
    assert not former


def test_a_moved_object_that_is_not_declared_any_more_says_where_it_was() -> None:
    found = planned(
        desired(app("b", app_name="a")),
        live(live_app(), live_rule()),
        ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()}),
    )
    change = change_of(found, "RecordRule/b/default")
    assert (change.action, change.moved_from) == ("delete", at("RecordRule/a/default"))


def test_a_job_that_ended_is_moved_all_the_same() -> None:
    found = planned(
        desired(app("b", app_name="a"), rule("RecordRule/b/default"), job("MixStreamJob/b/room1")),
        live(live_app(), live_rule()),
        ledger(
            {
                "App/a": owned_app(),
                "RecordRule/a/default": owned_rule(),
                "MixStreamJob/a/room1": owned_job(stopped="TENANT_STOP"),
            }
        ),
    )
    change = change_of(found, "MixStreamJob/b/room1")
    assert (change.action, change.moved_from, change.records) == ("no-op", at("MixStreamJob/a/room1"), True)


def test_references_follow_a_moved_rule_to_the_same_id() -> None:
    members = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_ref(child="new")}
    found = planned(
        desired(app(), rule("RecordRule/a/new"), declared("AutoRecordMode/a", members)),
        whole_account(),
        whole_ledger(BucketAuthorization=None, RecordCallback=None, MixStreamJob=None),
    )
    assert actions(found)["AutoRecordMode/a"] == "no-op"


def test_an_object_that_another_declared_address_takes_over_is_forgotten_under_its_old_one() -> None:
    owned = ledger({"App/a": owned_app("x-id", "x"), "App/b": owned_app("gone", "x")})
    found = planned(desired(app("b", app_name="x")), live(live_app("x", "x-id")), owned)
    assert actions(found) == {"App/b": "import", "App/a": "forget"}
    assert change_of(found, "App/a").reason == "it is declared under another name"
