"""Facts against a live account: every one that does not hold is named, secrets by how they stand."""

from __future__ import annotations

import pytest

from rtcctl.model.fact import Absent, Alone, Fact, Present
from rtcctl.model.ledger import Fingerprint
from rtcctl.model.plan import Change
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Secret
from rtcctl.planfile.stale import moved
from tests.planner.support import (
    APP,
    JOB,
    KEY,
    RULE,
    at,
    ledger,
    live,
    live_app,
    live_callback,
    live_job,
    live_mode,
    live_rule,
    owned_callback,
)

IN_APP, RULE_IDS, JOB_IDS = {"app_id": APP}, {"app_id": APP, "rule_id": RULE}, {"app_id": APP, "job_id": JOB}
WHERE, CALLBACK, LESSON = at("RecordRule/a/default"), at("RecordCallback/a"), at("MixStreamJob/a/lesson")
MASK = Secret("****", "live")


def lines(fact: Fact, *found: RemoteObject, secret: Secret | None = None, last: Fingerprint | None = None) -> list[str]:
    changes = {fact.address: Change(fact.address, "update", secrets={"auth_key": secret} if secret else {})}
    prints = {"auth_key": last} if last else {}
    entry = owned_callback(sent=None)
    owned = ledger({"RecordCallback/a": type(entry)(entry.ids, entry.members, prints)})
    return list(moved((fact,), changes, live(*found), owned))


def test_what_stands_as_it_was_is_not_named():
    members: Members = {"record_formats": ["MP4"], "obs_addr.object": "", "mp4_config.record_cycle": 7200}
    assert lines(Present(WHERE, "RecordRule", RULE_IDS, members), live_rule()) == []


def test_equal_spellings_and_orders_are_equal():
    fact = Present(WHERE, "RecordRule", RULE_IDS, {"record_formats": ["MP4", "HLS"], "obs_addr.object": None})
    assert lines(fact, live_rule(record_formats=["HLS", "MP4"])) == []


def test_what_is_gone_is_named_by_its_id():
    assert lines(Present(WHERE, "RecordRule", RULE_IDS)) == [f"RecordRule/a/default: it is gone (rule_id {RULE})"]
    assert lines(Present(CALLBACK, "RecordCallback", IN_APP)) == [f"RecordCallback/a: it is gone (app_id {APP})"]


def test_a_member_that_moved_is_named_with_both_values():
    fact = Present(WHERE, "RecordRule", RULE_IDS, {"mp4_config.record_cycle": 3600, "obs_addr.object": "x/é"})
    assert lines(fact, live_rule()) == [
        'RecordRule/a/default: obs_addr.object was "x/é", is not set now',
        "RecordRule/a/default: mp4_config.record_cycle was 3600, is 7200 now",
    ]


def test_members_that_were_empty_count_where_everything_is_sent_again():
    found = live_rule(mp4_config={"record_prefix": "x"}, hls_config={"record_cycle": 0})
    members: Members = {
        "obs_addr.bucket": "rec",
        "obs_addr.location": "cn-north-4",
        "obs_addr.project_id": "0123",
        "record_formats": ["MP4"],
    }
    assert lines(Present(WHERE, "RecordRule", RULE_IDS, members), found) == []
    whole = Present(WHERE, "RecordRule", RULE_IDS, members, whole=True)
    assert lines(whole, found) == ['RecordRule/a/default: mp4_config.record_prefix was not set, is "x" now']


def test_what_the_service_leaves_out_is_taken_as_it_was_of_what_was_not_read():
    members: Members = {"obs_addr.location": "cn-north-4", "mp4_config.record_cycle": 3600}
    bare = RemoteObject("RecordRule", RULE_IDS, {})
    assert lines(Present(WHERE, "RecordRule", RULE_IDS, members, assumed=True), bare) == []
    assert len(lines(Present(WHERE, "RecordRule", RULE_IDS, members), bare)) == 2


@pytest.mark.parametrize(
    ("over", "found", "expected"),
    [
        (False, live_job(), []),
        (False, live_job(state="STOPPED"), [f"MixStreamJob/a/lesson: the job (job_id {JOB}) is over now"]),
        (False, None, [f"MixStreamJob/a/lesson: the job (job_id {JOB}) is over now"]),
        (True, live_job(state="STOPPED"), []),
        (True, None, []),
        (True, live_job(), [f"MixStreamJob/a/lesson: the job (job_id {JOB}) is not over now"]),
    ],
)
def test_a_job_ended_or_runs(over, found, expected):
    fact = Present(LESSON, "MixStreamJob", JOB_IDS, over=over)
    assert lines(fact, *([found] if found else [])) == expected


@pytest.mark.parametrize(
    ("was", "declared", "found", "expected"),
    [
        ("equal", KEY, KEY.reveal(), ""),
        ("equal", KEY, "fake-other", "auth_key was as declared, is another than declared now"),
        ("equal", KEY, None, "auth_key was as declared, is not set now"),
        ("different", KEY, KEY.reveal(), "auth_key was another than declared, is as declared now"),
        ("different", KEY, "fake-other", ""),
        ("unset", KEY, None, ""),
        ("unknown", KEY, "****", ""),
        ("different", KEY, "****", "auth_key was another than declared, is masked and not comparable now"),
        ("set", None, "fake-other", ""),
        ("set", None, None, "auth_key was set, is not set now"),
        ("unset", None, "fake-other", "auth_key was not set, is set now"),
        ("set", None, "****", "auth_key was set, is masked now"),
    ],
)
def test_a_secret_is_judged_by_how_it_stands(was, declared, found, expected):
    fact = Present(CALLBACK, "RecordCallback", IN_APP, secrets={"auth_key": was})
    assert lines(fact, live_callback(found), secret=declared) == ([f"RecordCallback/a: {expected}"] if expected else [])


def test_a_masked_secret_is_judged_by_the_fingerprint():
    fact = Present(CALLBACK, "RecordCallback", IN_APP, secrets={"auth_key": "equal"})
    assert lines(fact, live_callback("****"), secret=KEY, last=Fingerprint.of(KEY, MASK)) == []
    assert lines(fact, live_callback("***!"), secret=KEY, last=Fingerprint.of(KEY, MASK)) != []


@pytest.mark.parametrize(
    ("was", "found", "stays"),
    [("equal", KEY.reveal(), True), ("equal", "fake", False), ("different", "fake", True), ("unset", None, True)],
)
def test_of_what_was_not_read_it_counts_whether_the_declared_secret_is_there(was, found, stays):
    fact = Present(CALLBACK, "RecordCallback", IN_APP, secrets={"auth_key": was}, assumed=True)
    assert (lines(fact, live_callback(found), secret=KEY) == []) is stays


def test_a_secret_that_nobody_declares_is_found_out_where_it_was_not_read():
    fact = Present(CALLBACK, "RecordCallback", IN_APP, secrets={"auth_key": "unset"}, assumed=True)
    assert lines(fact, live_callback("fake-other")) == []


def test_what_was_not_there_is_found_by_its_key():
    fact = Absent(WHERE, "RecordRule", IN_APP, ("cn-north-4",))
    assert lines(fact, live_app()) == []
    assert lines(fact, live_rule()) == [f"RecordRule/a/default: it was not there, but is now (rule_id {RULE})"]


def test_what_was_gone_is_found_by_its_ids():
    fact = Absent(at("App/a"), "App", IN_APP)
    assert lines(fact, live_app(app_id="another")) == []
    assert lines(fact, live_app()) == [f"App/a: it was not there, but is now (app_id {APP})"]


def test_a_switch_that_is_off_is_as_good_as_none():
    fact = Absent(at("AutoRecordMode/a"), "AutoRecordMode", IN_APP, ())
    assert lines(fact, live_mode("AUTO_RECORD_OFF")) == []
    assert len(lines(fact, live_mode())) == 1


def test_what_hangs_on_an_app_that_goes_is_named_where_it_is_new():
    found = (live_app(), live_rule(), live_callback(), live_mode("AUTO_RECORD_OFF"), live_job())
    assert lines(Alone(at("App/a"), IN_APP, (("RecordRule", RULE_IDS),)), *found) == [
        f"App/a: a RecordCallback hangs on it now that was not there (app_id {APP})"
    ]
