"""What is recorded without a call: moves, adoptions, what was forgotten, and never too much or too little."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rtcctl.model.ledger import Entry, Ledger, Pending
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired
from rtcctl.model.values import Secret
from tests.planner.support import (
    APP,
    KEY,
    RULE,
    RULE_MEMBERS,
    app,
    at,
    callback,
    declared,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_callback,
    live_job,
    live_mode,
    live_rule,
    owned_app,
    owned_callback,
    owned_job,
    owned_rule,
    planned,
    rule,
    rule_ref,
    whole_account,
    whole_ledger,
    whole_set,
)

from .support import Applied, applied

MASK = Secret("****", "live")
STOP_OLD = f"DELETE /v2/apps/{APP}/mix-stream-jobs/old"


def settled(wanted: Desired, account: Live, owned: Ledger) -> Applied:
    """Apply, and prove that the next plan has nothing left to do or to record."""
    done = applied(planned(wanted, account, owned), owned)
    again = planned(wanted, account, done.ledger)
    assert (again.has_changes, again.to_record) == (False, 0)
    return done


def test_a_plan_that_has_nothing_to_do_or_record_leaves_the_state_untouched() -> None:
    done = applied(planned(whole_set(), whole_account(), whole_ledger()), whole_ledger())
    assert done.store.saved == []
    assert done.service.calls == []


def test_what_is_adopted_is_recorded_as_adopted_without_a_call() -> None:
    wanted = desired(*(each for each in whole_set().resources.values() if each.address.kind != "MixStreamJob"))
    done = settled(wanted, whole_account(), ledger())
    assert done.service.calls == []
    assert done.result.recorded == 5
    assert all(entry.adopted for entry in done.ledger.entries.values())
    assert done.ledger.entries[at("RecordCallback/a")].secrets["auth_key"].was_sent(KEY)


def test_a_moved_object_stands_under_its_new_name_alone() -> None:
    wanted = desired(app("b", app_name="a"), rule("RecordRule/b/new"))
    owned = ledger({"App/a": owned_app(), "RecordRule/a/old": owned_rule()})
    done = settled(wanted, live(live_app(), live_rule()), owned)
    assert done.owned() == {"App/b": {"app_id": APP}, "RecordRule/b/new": {"app_id": APP, "rule_id": RULE}}
    assert done.service.calls == []


def test_what_is_forgotten_leaves_the_state_without_a_call() -> None:
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback(), "MixStreamJob/a/x": owned_job()})
    done = settled(desired(app()), live(live_app(), live_callback()), owned)
    assert set(done.owned()) == {"App/a"}
    assert done.service.calls == []


def test_the_number_of_source_files_is_recorded() -> None:
    done = applied(
        planned(desired(app(), sources=4), live(live_app()), ledger({"App/a": owned_app()})),
        ledger({"App/a": owned_app()}),
    )
    assert done.ledger.sources == 4


def test_the_end_of_a_job_is_recorded_once() -> None:
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()})
    account = live(live_app(), live_rule(), live_job(state="STOPPED", stop_reason="INTERNAL_ERROR"))
    done = settled(desired(app(), rule(), job()), account, owned)
    assert done.ledger.entries[at("MixStreamJob/a/room1")].stopped == "INTERNAL_ERROR"


def test_recording_something_else_does_not_forget_the_mask_that_came_back() -> None:
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback(read=MASK)})
    wanted = desired(app(prevent_destroy=True), callback(prevent_destroy=True))
    done = settled(wanted, live(live_app(), live_callback("****")), owned)
    assert done.service.calls == []
    assert done.ledger.entries[at("RecordCallback/a")].secrets["auth_key"].was_read(MASK)


def test_the_fingerprint_of_a_secret_that_is_not_declared_any_more_is_dropped() -> None:
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()})
    done = settled(desired(app(), callback(key=None)), live(live_app(), live_callback("")), owned)
    assert done.ledger.entries[at("RecordCallback/a")].secrets == {}


def test_a_secret_that_was_changed_outside_to_the_declared_one_is_recorded_as_declared() -> None:
    owned = ledger(
        {"App/a": owned_app(), "RecordCallback/a": owned_callback(read=MASK, sent=Secret("older-fake-key", "x"))}
    )
    done = settled(desired(app(), callback()), live(live_app(), live_callback()), owned)
    assert done.ledger.entries[at("RecordCallback/a")].secrets["auth_key"].was_sent(KEY)


def test_an_adopted_app_that_is_also_changed_is_recorded_whole() -> None:
    wanted = desired(app(members={"state": "ACTIVATION"}))
    made = planned(wanted, live(live_app(state="DEACTIVATION")), ledger())
    done = applied(made, ledger())
    assert done.ledger.entries[at("App/a")] == Entry(
        {"app_id": APP}, {"app_name": "a", "state": "ACTIVATION"}, adopted=True
    )
    again = planned(wanted, live(live_app()), done.ledger)
    assert (again.has_changes, again.to_record) == (False, 0)


def test_members_that_are_never_sent_leave_nothing_to_record_after_an_apply() -> None:
    off = declared("AutoRecordMode/a", {"mode": "AUTO_RECORD_OFF", "record_rule_id": rule_ref()})
    unused = rule(members={**RULE_MEMBERS, "hls_config": {"record_cycle": 60}})
    wanted = desired(app(), unused, off)
    done = applied(planned(wanted, live(live_app(), live_mode("AUTO_RECORD_OFF")), ledger()), ledger())
    account = live(live_app(), live_rule(rule_id="rule-new"), live_mode("AUTO_RECORD_OFF"))
    again = planned(wanted, account, done.ledger)
    assert (again.has_changes, again.to_record) == (False, 0)


def test_what_a_removed_predecessor_leaves_unchanged_is_recorded_in_the_same_run() -> None:
    deposed = ({"app_id": APP, "job_id": "old"}, {"app_id": APP, "job_id": "gone"})
    owned = ledger(
        {
            "App/a": owned_app(prevent_destroy=True),
            "RecordRule/a/default": owned_rule(),
            "MixStreamJob/a/room1": owned_job(deposed=deposed, prevent_destroy=True),
        }
    )
    wanted = desired(app(), rule(), job())
    done = applied(planned(wanted, live(live_app(), live_rule(), live_job(), live_job("old")), owned), owned)
    assert done.service.calls == [STOP_OLD]
    again = planned(wanted, live(live_app(), live_rule(), live_job()), done.ledger)
    assert (again.has_changes, again.to_record) == (False, 0)


def test_a_predecessor_that_is_gone_is_dropped_though_the_object_itself_is_updated() -> None:
    deposed = ({"app_id": APP, "job_id": "gone"},)
    owned = ledger(
        {"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job(deposed=deposed)}
    )
    wanted = desired(app(), rule(), job(mix={"max_idle_time": 90}))
    done = applied(planned(wanted, live(live_app(), live_rule(), live_job()), owned), owned)
    assert done.ledger.entries[at("MixStreamJob/a/room1")].deposed == ()


def test_a_callback_that_is_dropped_while_a_predecessor_of_its_app_goes_is_forgotten_at_once() -> None:
    owned = ledger({"App/a": owned_app(deposed=({"app_id": "old"},)), "RecordCallback/a": owned_callback()})
    done = applied(planned(desired(app()), live(live_app(), live_app("a", "old"), live_callback()), owned), owned)
    assert set(done.owned()) == {"App/a"}


def test_an_app_that_an_earlier_apply_began_to_make_is_our_own_and_settles_the_record() -> None:
    owned = replace(ledger(), pending=(Pending(at("App/a"), "create", "2024-01-15T08:30:00+00:00"),))
    made = planned(desired(app()), live(live_app()), owned)
    assert any("never learned how that ended" in warning.message for warning in made.warnings)
    done = applied(made, owned)
    assert done.ledger.pending == ()
    assert not done.ledger.entries[at("App/a")].adopted


def test_a_job_whose_start_was_lost_is_not_started_again_by_guess() -> None:
    pending = (Pending(at("MixStreamJob/a/room1"), "start", "2024-01-15T08:30:00+00:00"),)
    owned = replace(ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()}), pending=pending)
    wanted, account = desired(app(), rule(), job()), live(live_app(), live_rule())
    refused = planned(wanted, account, owned)
    assert [each.rule for each in refused.refusals] == ["lost-job"]
    assert "room1" in refused.refusals[0].message
    done = applied(planned(wanted, account, owned, start_unknown_jobs=True), owned)
    assert done.ledger.pending == ()


def test_a_pending_app_that_was_not_made_is_created_once() -> None:
    owned = replace(ledger(), pending=(Pending(at("App/a"), "create", "2024-01-15T08:30:00+00:00"),))
    made = planned(desired(app()), live(), owned)
    assert "it was not found" in made.warnings[0].message
    done = applied(made, owned)
    assert done.service.calls == ["POST /v2/apps"]
    assert done.ledger.pending == ()


@pytest.mark.parametrize("crash_after", range(1, 13))
def test_an_apply_that_dies_anywhere_is_finished_by_the_next_without_making_anything_twice(crash_after: int) -> None:
    wanted = desired(app(), rule(), callback())
    whole = applied(planned(wanted, live(), ledger()), ledger())
    if crash_after > len(whole.store.saved):
        return
    left = whole.store.saved[crash_after - 1]
    begun = {*left.entries, *(each.address for each in left.pending)}  # the request that was under way arrived
    made = {
        "App/a": live_app("a", "app-new"),
        "RecordRule/a/default": live_rule("app-new", "rule-new"),
        "RecordCallback/a": live_callback(app_id="app-new"),
    }
    there = live(*(found for where, found in made.items() if at(where) in begun))
    done = applied(planned(wanted, there, left), left)
    posts = [call for call in done.service.calls if call == "POST /v2/apps"]
    assert len(posts) == (0 if there.objects else 1)
    assert done.owned() == whole.owned()
    assert done.ledger.pending == ()
