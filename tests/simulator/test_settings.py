"""Recording callback and automatic recording."""

from __future__ import annotations

import pytest

from .driver import Driver

KEY = "8923ab8c2dcef4538923ab8c2dcef453"


def test_callback_is_absent_before_it_was_set(sim: Driver) -> None:
    path = sim.new_app()
    assert sim.done("GET", path + "/record-callback") == {"app_id": path[9:]}


def test_callback_is_echoed_with_subscription_and_time(sim: Driver) -> None:
    path = sim.new_app()
    answer = sim.done("PUT", path + "/record-callback", {"url": "http://mydomain.com/callback", "auth_key": KEY})
    assert answer == {
        "app_id": path[9:],
        "record_callback": {
            "url": "http://mydomain.com/callback",
            "auth_key": KEY,
            "notify_event_subscription": ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE", "CLOUD_RECORD_OVER"],
            "update_time": "2024-01-15T08:30:00.0718Z",
        },
    }
    assert sim.done("GET", path + "/record-callback") == answer
    assert sim.done("GET", path)["callbacks"] == {"record_callback": answer["record_callback"]}
    assert sim.done("GET", "/v2/apps")["apps"][0]["callbacks"]["record_callback"]["auth_key"] == KEY


@pytest.mark.parametrize("without", [{}, {"auth_key": ""}])
def test_put_without_a_key_clears_the_stored_one(sim: Driver, without: dict[str, str]) -> None:
    path = sim.new_app()
    sim.done("PUT", path + "/record-callback", {"url": "https://a/", "auth_key": KEY})
    answer = sim.done("PUT", path + "/record-callback", {"url": "https://a/", **without})
    assert "auth_key" not in answer["record_callback"]


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("RTC.00001005", {"auth_key": KEY}),
        ("RTC.00001003", {"url": "ftp://a/"}),
        ("RTC.00001003", {"url": "http://a/", "auth_key": 5}),
    ],
)
def test_bad_callback_is_refused_without_repeating_the_key(sim: Driver, code: str, body: object) -> None:
    path = sim.new_app()
    assert KEY not in sim.refused(400, code, "PUT", path + "/record-callback", body)


def test_automatic_recording_is_off_at_first(sim: Driver) -> None:
    path = sim.new_app()
    answer = sim.done("GET", path + "/auto-record-mode")
    assert answer == {"app_id": path[9:], "auto_record_mode": {"mode": "AUTO_RECORD_OFF"}}


def test_automatic_recording_is_set_with_a_rule_and_dropped_when_off(sim: Driver) -> None:
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    answer = sim.done("PUT", path + "/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id})
    mode = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id, "update_time": "2024-01-15T08:30:00.071Z"}
    assert answer == {"app_id": path[9:], "auto_record_mode": mode}
    assert sim.done("GET", path)["auto_record_mode"] == mode
    off = sim.done("PUT", path + "/auto-record-mode", {"mode": "AUTO_RECORD_OFF", "record_rule_id": rule_id})
    assert off["auto_record_mode"] == {"mode": "AUTO_RECORD_OFF", "update_time": "2024-01-15T08:30:00.071Z"}


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("RTC.00001005", {}),
        ("RTC.00001003", {"mode": "ON"}),
        ("RTC.00001004", {"mode": "AUTO_INDIVIDUAL_RECORD"}),
        ("RTC.00001004", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": ""}),
        ("RTC.00001003", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": "no such rule"}),
    ],
)
def test_bad_mode_is_refused(sim: Driver, code: str, body: object) -> None:
    sim.refused(400, code, "PUT", sim.new_app() + "/auto-record-mode", body)
