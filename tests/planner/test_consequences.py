"""What a change means to people: every row of the table, and when it is silent."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.kinds import KINDS
from rtcctl.model.ledger import Entry, Fingerprint
from rtcctl.model.plan import Plan
from rtcctl.model.values import Secret
from rtcctl.planner.consequences import _TABLE

from .support import (
    APP,
    JOB,
    KEY,
    RULE,
    URL,
    app,
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
    live_callback,
    live_job,
    live_mode,
    live_rule,
    mode,
    owned_app,
    owned_bucket,
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

OTHER = Secret("another-fake-key-0123456789abcde", "env:OTHER")
STREAM: dict[str, Any] = {"room_id": "room7", "user_id": "u", "record_param": {"record_rule_id": RULE}}
LIVE_STREAM = KINDS["IndividualStreamJob"].parse({**STREAM, "state": "RUNNING"}, {"app_id": APP, "job_id": JOB})
OWNED_STREAM = Entry({"app_id": APP, "job_id": JOB}, {**STREAM, "video_type": "CAMERASTREAM"})


def says(found: Plan, where: str) -> tuple[str, ...]:
    return change_of(found, where).consequences


def test_every_row_has_a_source() -> None:
    assert all(row.source for row in _TABLE)
    assert len({(row.kind, row.actions, row.says) for row in _TABLE}) == len(_TABLE)


def test_a_replaced_and_a_deleted_app() -> None:
    owned, account = ledger({"App/a": owned_app()}), live(live_app())
    assert says(planned(desired(app(app_name="new")), account, owned), "App/a") == (
        "the app gets a new app_id and a new app_key; clients need both",
    )
    assert says(planned(desired(), account, owned, destroy=True), "App/a") == (
        "the app's app_id and app_key are gone for good",
    )


def test_the_predecessor_of_an_app_that_stays_takes_nothing_from_the_app() -> None:
    owned = ledger({"App/a": owned_app(deposed=({"app_id": "old"},))})
    found = planned(desired(app()), live(live_app(), live_app("before", "old")), owned)
    assert change_of(found, "App/a").action == "delete"
    assert says(found, "App/a") == ()


@pytest.mark.parametrize(
    ("wanted", "found", "says_"),
    [
        ("DEACTIVATION", "ACTIVATION", "no room can be created or joined, mixing and recording stop; rooms already"),
        ("ACTIVATION", "DEACTIVATION", "rooms can be created and joined again"),
    ],
)
def test_an_app_that_is_disabled_or_enabled(wanted: str, found: str, says_: str) -> None:
    made = planned(desired(app(members={"state": wanted})), live(live_app(state=found)), ledger({"App/a": owned_app()}))
    [line] = says(made, "App/a")
    assert line.startswith(says_)


def test_an_app_that_is_enabled_by_no_longer_declaring_its_state() -> None:
    owned = ledger({"App/a": Entry({"app_id": APP}, {"app_name": "a", "state": "DEACTIVATION"})})
    assert says(planned(desired(app()), live(live_app(state="DEACTIVATION")), owned), "App/a") == (
        "rooms can be created and joined again",
    )


def test_an_app_that_is_created_disabled_says_so_and_an_enabled_one_says_nothing() -> None:
    assert says(planned(desired(app(members={"state": "DEACTIVATION"})), live(), ledger()), "App/a")
    assert says(planned(desired(app()), live(), ledger()), "App/a") == ()


def test_a_changed_rule_reaches_new_recordings_after_five_minutes_and_a_new_rule_says_nothing() -> None:
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    changed = planned(desired(app(), rule()), live(live_app(), live_rule(mp4_config={"record_cycle": 60})), owned)
    [line] = says(changed, "RecordRule/a/default")
    assert "from 5 minutes on" in line
    assert says(planned(desired(app(), rule()), live(), ledger()), "RecordRule/a/default") == ()


def callbacks(wanted: Any, found: Any, owned: Any = None) -> tuple[str, ...]:
    entries = {"App/a": owned_app(), "RecordCallback/a": owned_callback() if owned is None else owned}
    return says(planned(desired(app(), *wanted), live(live_app(), found), ledger(entries)), "RecordCallback/a")


def test_a_callbacks_url_may_be_probed() -> None:
    probe = "the receiver has to be up: the service may probe the URL"
    assert callbacks([callback(url="https://new.example.com")], live_callback()) == (probe,)
    assert says(planned(desired(app(), callback(key=None)), live(), ledger()), "RecordCallback/a") == (probe,)


def test_a_callbacks_key_that_changes_or_is_new_has_to_be_known_to_the_receiver() -> None:
    new = "callbacks are signed with the new key from now on: the receiver has to know it"
    assert callbacks([callback(key=OTHER)], live_callback()) == (new,)
    assert callbacks([callback()], live_callback(None), Entry({"app_id": APP}, {"url": URL})) == (new,)


def test_a_callbacks_key_that_is_taken_away_leaves_callbacks_unsigned() -> None:
    none = "callbacks are no longer signed: a receiver that checks signatures will refuse them"
    assert callbacks([callback(key=None)], live_callback()) == (none,)
    assert callbacks([callback(key=Secret("", "env:KEY"))], live_callback()) == (none,)


def test_a_callback_that_is_no_longer_declared_goes_on_and_one_that_is_gone_does_not() -> None:
    assert callbacks([], live_callback()) == (
        "the service goes on sending events there: the API has no call that clears a callback",
    )
    assert callbacks([], live_callback(url="")) == ()
    print_ = {"auth_key": Fingerprint.of(KEY, KEY)}
    assert callbacks([], live_callback(), Entry({"app_id": APP}, {"url": URL}, print_))


@pytest.mark.parametrize("wanted", [[], [declared("AutoRecordMode/a", {"mode": "AUTO_RECORD_OFF"})]])
def test_automatic_recording_affects_new_rooms_whatever_happens_to_it(wanted: Any) -> None:
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "AutoRecordMode/a": owned_mode()})
    found = planned(desired(app(), rule(), *wanted), live(live_app(), live_rule(), live_mode()), owned)
    assert says(found, "AutoRecordMode/a") == ("affects rooms created from now on",)
    assert says(planned(desired(app(), rule(), mode()), live(), ledger()), "AutoRecordMode/a")


JOBS = {"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()}


def jobs(wanted: Any, state: str, **options: Any) -> tuple[str, ...]:
    account = live(live_app(), live_rule(), live_job(state=state))
    return says(planned(desired(app(), rule(), *wanted), account, ledger(JOBS), **options), "MixStreamJob/a/room1")


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("RUNNING", "stops a live recording of room1"),
        ("INIT", "stops a recording of room1 that is about to start"),
        ("", "may stop a live recording of room1"),
        ("PAUSED", "may stop a live recording of room1"),
    ],
)
def test_a_job_that_is_stopped_says_what_is_known_of_it(state: str, line: str) -> None:
    assert jobs([], state) == (line,)


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("RUNNING", "starts a new recording, then stops the live one of room1: for a moment both run"),
        ("INIT", "starts a new job, then stops the old one of room1, which may be recording by then"),
        ("", "starts a new job, then stops the old one of room1, which may be recording by then"),
    ],
)
def test_a_job_that_is_replaced_names_the_room_in_which_the_old_one_runs(state: str, line: str) -> None:
    assert jobs([job(mix={"room_id": "room2"})], state) == (line,)


def test_a_job_that_is_still_starting_is_changed_only_later() -> None:
    wanted = [job(mix={"max_idle_time": 90})]
    assert jobs(wanted, "INIT") == ("waits until the job has started: before that it can't be changed",)
    assert jobs(wanted, "RUNNING") == ()


def test_a_job_that_starts_names_its_room_and_when_it_ends() -> None:
    made = planned(desired(app(), rule(), job(mix={"room_id": "room9"})), live(), ledger())
    assert says(made, "MixStreamJob/a/room1") == (
        "starts now in room9; it ends by itself when nobody is there for 60 s",
    )


def test_a_stream_job_starts_with_the_documented_idle_time_unless_another_is_declared() -> None:
    made = planned(desired(app(), declared("IndividualStreamJob/a/u", STREAM)), live(), ledger())
    assert says(made, "IndividualStreamJob/a/u") == (
        "starts now in room7; it ends by itself when nobody is there for 30 s",
    )


def test_a_stream_job_follows_another_rule_at_once() -> None:
    wanted = declared("IndividualStreamJob/a/u", {**STREAM, "record_param": {"record_rule_id": "another"}})
    owned = ledger({"App/a": owned_app(), "IndividualStreamJob/a/u": OWNED_STREAM})
    found = planned(desired(app(), wanted), live(live_app(), LIVE_STREAM), owned)
    assert says(found, "IndividualStreamJob/a/u") == ("the job records by the other rule from now on",)


def test_a_job_of_which_nothing_is_known_is_named_by_its_address() -> None:
    bare = KINDS["MixStreamJob"].parse({"state": "RUNNING"}, {"app_id": APP, "job_id": JOB})
    owned = ledger({"App/a": owned_app(), "MixStreamJob/a/room1": owned_job()})
    assert says(planned(desired(app()), live(live_app(), bare), owned), "MixStreamJob/a/room1") == (
        "stops a live recording of room1",
    )


def test_a_bucket_that_is_withdrawn_or_replaced_can_not_be_written_to() -> None:
    owned = ledger({"BucketAuthorization/rec": owned_bucket()})
    account = live(live_bucket(), live_bucket("new", authorized=False))
    assert says(planned(desired(), account, owned), "BucketAuthorization/rec") == (
        "recordings can no longer be written to the bucket",
    )
    assert says(planned(desired(bucket(bucket="new")), account, owned), "BucketAuthorization/rec") == (
        "recordings can no longer be written to the old bucket, which running ones may still need",
    )


def test_an_adopted_bucket_that_is_only_let_go_of_means_nothing() -> None:
    owned = ledger({"BucketAuthorization/rec": owned_bucket(adopted=True)})
    account = live(live_bucket(), live_bucket("new", authorized=False))
    assert says(planned(desired(bucket(bucket="new")), account, owned), "BucketAuthorization/rec") == ()
    assert says(planned(desired(), account, owned), "BucketAuthorization/rec") == ()


def test_what_changes_nothing_means_nothing() -> None:
    found = planned(whole_set(), whole_account(), whole_ledger())
    assert {change.consequences for change in found.changes} == {()}
