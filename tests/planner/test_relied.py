"""What a plan takes for granted: enough to tell that it is stale, and no more."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rtcctl.model.fact import Absent, Alone, Fact, Present
from rtcctl.model.plan import Plan
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Secret
from tests.planner.support import (
    APP,
    JOB,
    RULE,
    RULE_MEMBERS,
    app,
    at,
    bucket,
    callback,
    desired,
    job,
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
    owned_callback,
    owned_job,
    owned_mode,
    owned_rule,
    planned,
    rule,
    whole_account,
    whole_ledger,
    whole_set,
)

IN_APP, RULE_IDS, JOB_IDS = {"app_id": APP}, {"app_id": APP, "rule_id": RULE}, {"app_id": APP, "job_id": JOB}
OTHER = Secret("fake-key-another-89abcdef0123456", "env:KEY")
LONGER = {**RULE_MEMBERS, "mp4_config": {"record_cycle": 3600}}


def facts_of(made: Plan, where: str) -> list[Fact]:
    return [fact for fact in made.facts if fact.address == at(where)]


def assumed(found: Live) -> Live:
    """As last applied: without secrets and status, as `--refresh=none` takes it."""
    return Live(tuple(replace(each, status={}, assumed=True) for each in found.objects))


def test_nothing_is_relied_upon_where_nothing_happens():
    assert planned(whole_set(), whole_account(), whole_ledger()).facts == ()


def test_an_app_that_is_made_must_not_be_there():
    made = planned(desired(app()), live(), ledger())
    assert made.facts == (Absent(at("App/a"), "App", {}, ("a",)),)


def test_what_is_made_under_an_app_needs_the_app_and_no_other_one_of_its_kind():
    made = planned(desired(app(), rule()), live(live_app()), ledger({"App/a": owned_app()}))
    key = ("cn-north-4",)
    assert made.facts == (
        Absent(at("RecordRule/a/default"), "RecordRule", IN_APP, key),
        Present(at("App/a"), "App", IN_APP),
    )


def test_what_is_made_under_an_app_that_is_made_relies_on_the_app_alone():
    made = planned(desired(app(), rule(), job()), live(), ledger())
    assert [type(fact) for fact in made.facts] == [Absent]


def test_a_bucket_may_be_authorized_by_somebody_meanwhile():
    assert planned(desired(bucket()), live(), ledger()).facts == ()


def test_an_update_relies_on_what_was_compared_and_on_all_that_is_sent_again():
    found = live(live_app(), live_rule(mp4_config={"record_cycle": 7200, "record_prefix": "x"}))
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    made = planned(desired(app(), rule(members=LONGER)), found, owned)
    [fact] = facts_of(made, "RecordRule/a/default")
    assert isinstance(fact, Present)
    assert fact.ids == RULE_IDS
    assert fact.whole
    assert fact.members == {
        "obs_addr.location": "cn-north-4",
        "obs_addr.project_id": "0123",
        "obs_addr.bucket": "rec",
        "record_formats": ["MP4"],
        "mp4_config.record_cycle": 7200,
        "mp4_config.record_prefix": "x",
    }
    assert not fact.assumed


def test_of_an_assumed_object_only_what_was_applied_is_relied_upon():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    found = assumed(live(live_app(), live_rule()))
    declared = rule(members={**LONGER, "mp4_config": {"record_cycle": 3600, "record_prefix": "new"}})
    made = planned(desired(app(), declared), found, owned, refresh="none")
    [fact] = facts_of(made, "RecordRule/a/default")
    assert isinstance(fact, Present)
    assert fact.assumed
    assert not fact.whole
    assert fact.members["mp4_config.record_cycle"] == 7200
    assert "mp4_config.record_prefix" not in fact.members
    assert all(fact.assumed for fact in made.facts)


def test_what_is_adopted_is_relied_upon():
    made = planned(desired(app()), live(live_app()), ledger())
    assert made.facts == (Present(at("App/a"), "App", IN_APP, {"app_name": "a"}),)


@pytest.mark.parametrize(
    ("key", "found", "expected"),
    [
        (OTHER, live_callback(), "different"),
        (None, live_callback(), "set"),
        (OTHER, live_callback(key=None), "unset"),
        (OTHER, live_callback(key="****"), "different"),
    ],
)
def test_a_secret_is_relied_upon_by_how_it_stands_to_the_declared_one(key, found, expected):
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback(read=Secret("****", "live"))})
    made = planned(desired(app(), callback(key=key, url="https://two.example")), live(live_app(), found), owned)
    [fact] = facts_of(made, "RecordCallback/a")
    assert isinstance(fact, Present)
    assert fact.secrets == {"auth_key": expected}
    assert "auth_key" not in fact.members


@pytest.mark.parametrize(("key", "expected"), [("fake-key", "set"), (None, "unset"), ("****", "masked")])
def test_a_secret_that_nobody_declares_is_relied_upon_for_it_is_sent_again(key, expected):
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback(sent=None)})
    declared = desired(app(), callback(key=None, url="https://two.example"))
    [fact] = facts_of(planned(declared, live(live_app(), live_callback(key)), owned), "RecordCallback/a")
    assert isinstance(fact, Present)
    assert fact.secrets == {"auth_key": expected}


def test_what_goes_is_relied_upon_to_be_there_and_not_by_its_members():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    made = planned(desired(app()), live(live_app(), live_rule()), owned)
    assert made.facts == (Present(at("RecordRule/a/default"), "RecordRule", RULE_IDS),)


def test_what_is_switched_off_has_to_be_on():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "AutoRecordMode/a": owned_mode()})
    made = planned(desired(app(), rule()), live(live_app(), live_rule(), live_mode()), owned)
    members = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": RULE}
    assert made.facts == (Present(at("AutoRecordMode/a"), "AutoRecordMode", IN_APP, members),)


def test_a_rule_goes_only_while_automatic_recording_leaves_it_alone():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    found = live(live_app(), live_rule(), live_mode("AUTO_RECORD_OFF"))
    made = planned(desired(app()), found, owned)
    where = at("AutoRecordMode/a")
    assert made.facts[1:] == (Present(where, "AutoRecordMode", IN_APP, {"mode": "AUTO_RECORD_OFF"}),)


def test_an_app_that_goes_must_hold_what_was_seen_and_nothing_more():
    found = live(live_app(), live_rule(), live_callback(), live_mode("AUTO_RECORD_OFF"), live_job())
    made = planned(desired(app("b")), found, ledger({"App/a": owned_app()}))
    children = (("RecordRule", RULE_IDS), ("RecordCallback", IN_APP))
    assert [fact for fact in made.facts if isinstance(fact, Alone)] == [Alone(at("App/a"), IN_APP, children)]


def test_a_predecessor_that_goes_must_hold_what_was_seen():
    old = {"app_id": "0" * 24}
    owned = ledger({"App/a": replace(owned_app(), deposed=(old,))})
    made = planned(desired(app()), live(live_app(), live_app("a-old", "0" * 24)), owned)
    assert [fact for fact in made.facts if isinstance(fact, Alone)] == [Alone(at("App/a"), old)]


@pytest.mark.parametrize("state", ["RUNNING", "STOPPED"])
def test_a_job_is_relied_upon_to_run_or_to_be_over(state):
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()})
    found = live(live_app(), live_rule(), live_job(state=state, stop_reason="ROOM_IDLE"))
    made = planned(desired(app(), rule(), job(mix={"max_idle_time": 90})), found, owned)
    [fact] = facts_of(made, "MixStreamJob/a/room1")
    assert isinstance(fact, Present)
    assert (fact.ids, fact.over) == (JOB_IDS, state == "STOPPED")


def test_a_job_that_is_not_readable_any_more_counts_as_over():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()})
    made = planned(desired(app(), rule(), job(restart="Always")), live(live_app(), live_rule()), owned)
    [fact, *_] = facts_of(made, "MixStreamJob/a/room1")
    assert fact == Present(at("MixStreamJob/a/room1"), "MixStreamJob", JOB_IDS, over=True)


def test_a_job_starts_only_in_an_app_that_is_not_disabled():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    wanted = desired(app(), rule(), job())
    made = planned(wanted, live(live_app(), live_rule()), owned)
    assert facts_of(made, "App/a") == [Present(at("App/a"), "App", IN_APP, {"state": "ACTIVATION"})]
    unread = Live((RemoteObject("App", IN_APP, {"app_name": "a"}, assumed=True),))
    made = planned(wanted, unread, ledger({"App/a": owned_app()}), refresh="none")
    assert facts_of(made, "App/a")[-1] == Present(at("App/a"), "App", IN_APP, {"state": "ACTIVATION"}, assumed=True)


def test_a_job_in_an_app_that_the_plan_enables_does_not_wait_for_somebody_to_do_so():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    found = live(live_app(state="DEACTIVATION"), live_rule())
    made = planned(desired(app(members={"state": "ACTIVATION"}), rule(), job()), found, owned)
    [fact] = facts_of(made, "App/a")
    assert isinstance(fact, Present)
    assert fact.members["state"] == "DEACTIVATION"


def test_a_replaced_app_and_its_successor_are_relied_upon():
    made = planned(desired(app(app_name="new")), live(live_app()), ledger({"App/a": owned_app()}))
    assert made.facts == (
        Present(at("App/a"), "App", IN_APP, {"app_name": "a"}),
        Absent(at("App/a"), "App", {}, ("new",)),
        Alone(at("App/a"), IN_APP),
    )


def test_what_was_deleted_outside_must_not_come_back():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    made = planned(desired(app(), rule()), live(live_app()), owned)
    where = at("RecordRule/a/default")
    assert facts_of(made, "RecordRule/a/default") == [
        Absent(where, "RecordRule", IN_APP, ("cn-north-4",)),
        Absent(where, "RecordRule", RULE_IDS),
    ]


def test_what_is_forgotten_because_it_is_gone_must_be_gone():
    made = planned(desired(app("b")), live(), ledger({"App/a": owned_app(), "App/b": owned_app(name="b", app_id="b")}))
    assert Absent(at("App/a"), "App", IN_APP) in made.facts


def test_what_is_forgotten_and_stays_is_not_relied_upon():
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()})
    assert planned(desired(app()), live(live_app(), live_callback()), owned).facts == ()


def test_a_moved_object_is_relied_upon_under_its_new_address():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/old": owned_rule()})
    made = planned(desired(app(), rule()), live(live_app(), live_rule()), owned)
    [fact] = made.facts
    assert fact.address == at("RecordRule/a/default")


def test_the_bucket_that_a_rule_needs_is_relied_upon():
    owned = whole_ledger()
    made = planned(desired(bucket(), app(), rule(members=LONGER), mode()), whole_account(), owned)
    assert facts_of(made, "BucketAuthorization/rec") == [
        Present(at("BucketAuthorization/rec"), "BucketAuthorization", {"bucket": "rec", "location": "cn-north-4"})
    ]
    assert live_bucket() in whole_account().objects
