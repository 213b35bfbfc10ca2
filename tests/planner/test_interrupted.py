"""A replacement that was cut off is continued where it stood."""

from __future__ import annotations

from msgspec.structs import replace

from rtcctl.model.ledger import Pending
from rtcctl.model.remote import Live

from .support import (
    APP,
    JOB,
    RULE,
    actions,
    app,
    at,
    bucket,
    callback,
    change_of,
    desired,
    job,
    live,
    live_app,
    live_rule,
    mode,
    owned_app,
    planned,
    rule,
    whole_account,
    whole_ledger,
)

NEW = "app-new"
WANTED = desired(bucket(), app(app_name="b"), rule(), callback(), mode(), job())
BEGUN = (Pending(at("App/a"), "create", "2024-01-15T08:30:00+00:00"),)


def account(*more: str) -> Live:
    return live(*whole_account().objects, *(live_app("b", each) for each in more))


def test_a_new_app_whose_answer_was_lost_is_taken_for_the_successor_and_not_made_again() -> None:
    found = planned(WANTED, account(NEW), replace(whole_ledger(), pending=BEGUN))
    assert not [step for step in found.steps() if step.call.path == "/v2/apps"]
    entry = change_of(found, "App/a").entry
    assert entry is not None
    assert (entry.ids, entry.deposed) == ({"app_id": NEW}, ({"app_id": APP},))
    assert ("name-taken", "App/a") not in [(each.rule, str(each.address)) for each in found.refusals]


def test_what_hung_on_the_old_app_is_made_under_the_new_one_and_then_taken_down() -> None:
    found = planned(WANTED, account(NEW), replace(whole_ledger(), pending=BEGUN))
    made = {step.address.kind for step in found.steps() if step.effect == "created"}
    assert made == {"RecordRule", "RecordCallback", "AutoRecordMode", "MixStreamJob"}
    removed = {step.address.kind: dict(step.call.ids) for step in found.steps() if step.effect == "deposed-deleted"}
    assert removed == {
        "App": {"app_id": APP},
        "RecordRule": {"app_id": APP, "rule_id": RULE},
        "AutoRecordMode": {"app_id": APP},
        "MixStreamJob": {"app_id": APP, "job_id": JOB},
    }


def test_a_successor_that_was_recorded_is_continued_in_the_same_way() -> None:
    owned = whole_ledger(App=owned_app(NEW, "b", deposed=({"app_id": APP},)))
    found = planned(WANTED, account(NEW), owned)
    assert {step.address.kind for step in found.steps() if step.effect == "created"} == {
        "RecordRule",
        "RecordCallback",
        "AutoRecordMode",
        "MixStreamJob",
    }
    assert not any(change.not_ours for change in found.changes)


def test_without_such_a_beginning_an_app_of_the_new_name_is_somebody_elses() -> None:
    found = planned(WANTED, account("stranger"), whole_ledger())
    assert ("name-taken", "App/a") in [(each.rule, str(each.address)) for each in found.refusals]


def test_a_beginning_that_nobody_declares_any_more_takes_nothing_over() -> None:
    found = planned(
        desired(app("other", app_name="a"), rule("RecordRule/other/default")),
        live(live_app(), live_rule()),
        replace(whole_ledger(), pending=BEGUN),
    )
    assert actions(found)["App/other"] == "no-op"


def test_a_rule_that_was_made_under_the_new_app_already_is_left_alone() -> None:
    begun = whole_ledger(App=owned_app(NEW, "b", deposed=({"app_id": APP},)))
    entry = begun.entries[at("RecordRule/a/default")]
    ids = {"app_id": NEW, "rule_id": "rule-new"}
    owned = replace(
        begun, entries={**begun.entries, at("RecordRule/a/default"): replace(entry, ids=ids, deposed=(entry.ids,))}
    )
    found = planned(WANTED, live(*account(NEW).objects, live_rule(NEW, "rule-new")), owned)
    steps = change_of(found, "RecordRule/a/default").steps
    assert [(step.verb, step.call.ids["rule_id"]) for step in steps] == [("delete", RULE)]
