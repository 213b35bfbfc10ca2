"""RecordCallback and AutoRecordMode: one of each per app, always answering."""

from __future__ import annotations

import pytest

from rtcctl.kinds import KINDS
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Secret

CALLBACK = KINDS["RecordCallback"]
AUTO = KINDS["AutoRecordMode"]
IDS = {"app_id": "1"}
ON = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": "2"}
OFF = {"mode": "AUTO_RECORD_OFF"}


@pytest.mark.parametrize("kind", [CALLBACK, AUTO])
def test_there_is_one_per_app(kind):
    assert kind.natural_key({}) == ()
    assert kind.label(RemoteObject(kind.name, IDS, {})) == ""
    assert not kind.exists(RemoteObject(kind.name, IDS, {}))


def test_a_callback_is_read_with_its_key_as_a_secret():
    remote = CALLBACK.parse({"url": "https://a.example", "auth_key": "k", "notify_event_subscription": []}, IDS)
    assert remote.ids == IDS
    assert set(remote.members) == {"url", "auth_key"}
    assert remote.members["auth_key"] == Secret("k", "live")
    assert CALLBACK.exists(remote)


@pytest.mark.parametrize("length", [32, 64])
def test_keys_as_the_console_wants_them(length):
    assert list(CALLBACK.check({"auth_key": Secret("k" * length, "manifest")})) == []


@pytest.mark.parametrize("length", [1, 31, 65])
def test_other_keys_give_a_warning_without_the_key(length):
    (finding,) = CALLBACK.check({"auth_key": Secret("k" * length, "manifest")})
    assert finding.severity == "warning"
    assert "kk" not in finding.message + finding.mend


def test_a_callback_without_a_key_gives_no_warning():
    assert list(CALLBACK.check({"url": "https://a.example"})) == []


@pytest.mark.parametrize("given", ["hooks:fake-password@", "fake-token@", "a:b:c@d@"])
def test_credentials_in_a_url_are_refused_and_hidden_where_they_are_read(given):
    url = f"https://{given}a.example/x?mail=me@b.example"
    (finding,) = CALLBACK.check({"url": url})
    assert (finding.path, finding.severity) == (("url",), "error")
    assert "fake" not in finding.message + finding.mend
    assert CALLBACK.parse({"url": url}, IDS).members["url"] == "https://(secret)@a.example/x?mail=me@b.example"
    assert not list(CALLBACK.check({"url": "https://a.example/@me?mail=me@b.example"}))


def test_a_callback_is_put_and_never_deleted():
    body = {"url": "https://a.example"}
    (create,) = CALLBACK.create(body, IDS)
    (update,) = CALLBACK.update(body, frozenset({"url"}), IDS)
    assert create.call == update.call
    assert (create.call.method, create.call.body) == ("PUT", body)
    assert (create.makes, update.makes) == (True, False)
    assert CALLBACK.delete(IDS, None) == ()


def test_automatic_recording_is_read():
    remote = AUTO.parse({**ON, "update_time": "x"}, IDS)
    assert remote.members == ON
    assert AUTO.exists(remote)


def test_the_rule_does_not_count_while_off():
    live = RemoteObject("AutoRecordMode", IDS, ON)
    assert AUTO.compared(("mode",), OFF, live)
    assert not AUTO.compared(("record_rule_id",), OFF, live)
    assert AUTO.compared(("record_rule_id",), ON, live)
    assert AUTO.sendable({**ON, **OFF}) == OFF
    assert AUTO.sendable(ON) == ON


def test_recording_needs_a_rule():
    assert list(AUTO.check(ON)) == []
    assert list(AUTO.check(OFF)) == []
    (finding,) = AUTO.check({"mode": "AUTO_INDIVIDUAL_RECORD"})
    assert (finding.path, finding.severity) == (("mode",), "error")


def test_automatic_recording_is_put_and_switched_off():
    (create,) = AUTO.create(ON, IDS)
    (update,) = AUTO.update(OFF, frozenset({"mode"}), IDS)
    assert (create.makes, update.makes) == (True, False)
    assert (create.call.method, create.call.body) == ("PUT", ON)
    (off,) = AUTO.delete(IDS, RemoteObject("AutoRecordMode", IDS, ON))
    assert off.call.body == OFF


@pytest.mark.parametrize("live", [None, RemoteObject("AutoRecordMode", IDS, OFF), RemoteObject("A", IDS, {})])
def test_what_is_off_is_not_switched_off(live):
    assert AUTO.delete(IDS, live) == ()


def test_automatic_recording_that_is_off_is_as_good_as_none():
    assert AUTO.is_neutral(RemoteObject("AutoRecordMode", IDS, OFF))
    assert not AUTO.is_neutral(RemoteObject("AutoRecordMode", IDS, ON))
