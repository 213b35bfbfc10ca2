"""What something that stays still refers to can't be deleted: the service would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.kinds import KINDS
from rtcctl.model.ledger import Entry
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members

from .support import (
    APP,
    JOB,
    MIX,
    RULE,
    app,
    at,
    declared,
    desired,
    ledger,
    live,
    live_app,
    live_job,
    live_mode,
    live_rule,
    owned_app,
    owned_job,
    owned_mode,
    owned_rule,
    planned,
    rules_broken,
    whole_account,
    whole_ledger,
)

IN_USE = ("in-use", "RecordRule/a/default")


def broken(*resources: Any, found: tuple[RemoteObject, ...] = (), owned: dict[str, Entry] | None = None) -> bool:
    """Is the undeclared rule refused as in use?"""
    entries = {"App/a": owned_app(), "RecordRule/a/default": owned_rule(), **(owned or {})}
    plan = planned(desired(app(), *resources), live(live_app(), live_rule(), *found), ledger(entries))
    return IN_USE in rules_broken(plan)


def mode_of(rule_id: str = RULE, value: str = "AUTO_INDIVIDUAL_RECORD", **more: Any) -> Any:
    return declared("AutoRecordMode/a", {"mode": value, "record_rule_id": rule_id}, **more)


def job_by(rule_id: str, **mix: Any) -> Any:
    return declared("MixStreamJob/a/room1", {"mix_param": {**MIX, **mix}, "record_param": {"record_rule_id": rule_id}})


def stream_job_by(rule_id: str, **more: Any) -> Any:
    members = {"room_id": "room1", "user_id": "u", "record_param": {"record_rule_id": rule_id}, **more}
    return declared("IndividualStreamJob/a/u", members)


STREAM: Members = {"room_id": "room1", "user_id": "u", "record_param": {"record_rule_id": RULE}}
LIVE_STREAM = KINDS["IndividualStreamJob"].parse({**STREAM, "state": "RUNNING"}, {"app_id": APP, "job_id": JOB})
OWNED_STREAM = {"IndividualStreamJob/a/u": Entry({"app_id": APP, "job_id": JOB}, STREAM)}


def test_a_rule_that_nobody_uses_goes() -> None:
    assert not broken()


def test_automatic_recording_that_nobody_declared_keeps_its_rule() -> None:
    assert broken(found=(live_mode(),))


@pytest.mark.parametrize("found", [live_mode("AUTO_RECORD_OFF"), live_mode(rule_id="another")])
def test_automatic_recording_that_is_off_or_uses_another_rule_is_no_use(found: RemoteObject) -> None:
    assert not broken(found=(found,))


def test_automatic_recording_that_is_declared_with_the_very_id_keeps_the_rule() -> None:
    assert broken(mode_of(), found=(live_mode(),), owned={"AutoRecordMode/a": owned_mode()})


@pytest.mark.parametrize("wanted", [mode_of("another"), declared("AutoRecordMode/a", {"mode": "AUTO_RECORD_OFF"})])
def test_automatic_recording_that_changes_lets_go(wanted: Any) -> None:
    assert not broken(wanted, found=(live_mode(),), owned={"AutoRecordMode/a": owned_mode()})


def test_automatic_recording_that_is_ignored_does_not_let_go() -> None:
    wanted = mode_of("another", ignore_changes=frozenset({("record_rule_id",)}))
    assert broken(wanted, found=(live_mode(),), owned={"AutoRecordMode/a": owned_mode()})


@pytest.mark.parametrize("state", ["INIT", "RUNNING", ""])
def test_a_job_that_is_not_over_keeps_its_rule(state: str) -> None:
    assert broken(job_by(RULE), found=(live_job(state=state),), owned={"MixStreamJob/a/room1": owned_job()})


def test_a_job_that_is_over_is_no_use() -> None:
    ended = live_job(state="STOPPED", stop_reason="TENANT_STOP")
    assert not broken(job_by(RULE), found=(ended,), owned={"MixStreamJob/a/room1": owned_job()})


def test_a_job_that_is_stopped_or_replaced_lets_go() -> None:
    owned = {"MixStreamJob/a/room1": owned_job()}
    assert not broken(found=(live_job(),), owned=owned)
    assert not broken(job_by("another"), found=(live_job(),), owned=owned)


def test_an_update_that_does_not_speak_of_the_rule_does_not_let_go_of_it() -> None:
    found = broken(job_by(RULE, max_idle_time=90), found=(live_job(),), owned={"MixStreamJob/a/room1": owned_job()})
    assert found


def test_a_stream_job_lets_go_by_an_update_of_its_rule() -> None:
    assert not broken(stream_job_by("another"), found=(LIVE_STREAM,), owned=OWNED_STREAM)
    assert broken(stream_job_by(RULE), found=(LIVE_STREAM,), owned=OWNED_STREAM)


def test_the_message_names_both_and_what_to_do() -> None:
    found = planned(
        desired(app()),
        live(live_app(), live_rule(), live_mode()),
        ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()}),
    )
    [refusal] = found.refusals
    assert refusal.address == at("RecordRule/a/default")
    assert "can't be deleted while AutoRecordMode/a uses it" in refusal.message
    assert refusal.lifted_by == ""


def test_what_goes_with_its_app_is_not_asked_about() -> None:
    found = planned(desired(), whole_account(), whole_ledger(AutoRecordMode=None), destroy=True)
    assert IN_USE not in rules_broken(found)
