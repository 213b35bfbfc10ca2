"""The request log: complete, in order, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rtcctl.simulator import ACCOUNT, request_log, store

from .driver import MP4_RULE, Clock, Driver, make_app, send

if TYPE_CHECKING:
    from pathlib import Path

KEY = "8923ab8c2dcef4538923ab8c2dcef453"


def test_calls_are_logged_in_order_with_status_query_and_body(sim: Driver) -> None:
    path = sim.new_app()
    sim.new_rule(path)
    sim.send("GET", "/v2/apps?limit=1&offset=9")
    sim.send("GET", "/nowhere?a=b")
    entries = sim.log()
    assert [entry["id"] for entry in entries] == [1, 2, 3, 4, 5]
    assert [(entry["method"], entry["operation"], entry["status"]) for entry in entries] == [
        ("POST", "KeystoneCreateUserTokenByPassword", 201),
        ("POST", "CreateApp", 201),
        ("POST", "CreateRecordRule", 201),
        ("GET", "ListApps", 200),
        ("GET", None, 404),
    ]
    assert entries[2]["path"] == path + "/record-rules"
    assert entries[2]["body"] == MP4_RULE
    assert (entries[3]["query"], entries[3]["body"]) == ({"limit": "1", "offset": "9"}, None)
    assert entries[3]["time"] == "2024-01-15T08:30:00.071800Z"


def test_log_holds_no_password_token_key_or_signature(sim: Driver) -> None:
    path = sim.new_app()
    sim.done("PUT", path + "/record-callback", {"url": "http://a/", "auth_key": KEY})
    sim.send("PUT", path + f"/record-callback?auth_key={KEY}", {"x": [{"auth_key": {"y": KEY}}]})
    sim.send("GET", path, headers={"Authorization": "SDK-HMAC-SHA256 secretive"})
    text = str(sim.log())
    for secret in (KEY, sim.headers["X-Auth-Token"], "secretive", ACCOUNT.secret_key):
        assert secret not in text
    assert sim.log()[0]["body"]["auth"]["identity"]["password"] == "(secret)"
    assert sim.log()[3]["body"] == {"x": [{"auth_key": "(secret)"}]}


def matches(sim: Driver) -> object:
    return sim.log()[-1]["secrets"]["auth_key"]["matches_configured"]


def test_log_tells_whether_the_sent_key_is_configured_after_the_call(sim: Driver) -> None:
    path = sim.new_app()
    callback = path + "/record-callback"
    sim.refused(400, "RTC.00001003", "PUT", callback, {"url": "a", "auth_key": KEY})
    assert matches(sim) is False
    sim.done("PUT", callback, {"url": "http://a/", "auth_key": KEY})
    assert sim.log()[-1]["body"] == {"url": "http://a/", "auth_key": "(secret)"}
    assert matches(sim) is True
    sim.refused(400, "RTC.00001003", "PUT", callback, {"url": "a", "auth_key": KEY[::-1]})
    assert matches(sim) is False
    sim.done("PUT", callback, {"url": "http://a/", "auth_key": ""})
    assert matches(sim) is True
    sim.done("PUT", callback, {"url": "http://a/"})
    assert "secrets" not in sim.log()[-1]


def test_key_sent_without_credentials_or_to_no_app_matches_nothing(sim: Driver) -> None:
    path = sim.new_app()
    body = {"url": "http://a/", "auth_key": KEY}
    sim.done("PUT", path + "/record-callback", body)
    sim.send("PUT", path + "/record-callback", body, headers={})
    assert matches(sim) is False
    sim.send("PUT", "/v2/apps/x/record-callback", body)
    assert matches(sim) is False


def test_log_is_read_and_cleared_without_credentials(sim: Driver) -> None:
    assert send(sim.app, "GET", "/_simulator/requests").json() == sim.log()
    assert send(sim.app, "DELETE", "/_simulator/requests").status_code == 204
    assert send(sim.app, "GET", "/_simulator/requests").json() == []
    sim.send("GET", "/v2/apps")
    assert [entry["id"] for entry in sim.log()] == [2]


def test_malformed_body_is_not_kept(sim: Driver) -> None:
    sim.send("POST", "/v2/apps", content=b'{"auth_key": "' + KEY.encode())
    assert sim.log()[-1]["body"] is None


def test_log_of_a_data_file_is_read_by_its_path(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "sim.db"
    driver = Driver(make_app(clock, path), clock)
    driver.new_app()
    assert request_log(path) == driver.log()
    with pytest.raises(FileNotFoundError):
        request_log(tmp_path / "other.db")


def test_oldest_entries_make_room(sim: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEPT_REQUESTS", 3)
    for _ in range(5):
        sim.send("GET", "/v2/apps")
    assert [entry["id"] for entry in sim.log()] == [4, 5, 6]
