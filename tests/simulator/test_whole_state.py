"""Snapshot and restore, accounts side by side, the request log as lines: the state as a whole."""

from __future__ import annotations

import json
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from rtcctl.simulator import ACCOUNT, Options, VirtualClock, create_app
from rtcctl.simulator import control_behaviour as control
from rtcctl.simulator.accounts import SimulatedAccount, account_named, check_accounts, read_accounts

from .driver import Clock, Driver, make_app, send, token_request

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette

KEY = "8923ab8c2dcef4538923ab8c2dcef453"


def snapshot(sim: Driver) -> bytes:
    answer = send(sim.app, "GET", "/_simulator/snapshot")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/vnd.sqlite3")
    return answer.content


def restore(app: Starlette, content: bytes, **headers: str) -> int:
    return send(app, "POST", "/_simulator/restore", content=content, headers=headers).status_code


def test_restore_brings_everything_back(sim: Driver) -> None:
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    job = sim.new_mix_job(path)
    before = [sim.done("GET", each) for each in (path, f"{path}/record-rules/{rule_id}", job)]
    copy = snapshot(sim)
    sim.done("DELETE", job, status=204)
    sim.new_app("other")
    assert restore(sim.app, copy) == 204
    assert [sim.done("GET", each) for each in (path, f"{path}/record-rules/{rule_id}", job)] == before
    assert sim.done("GET", "/v2/apps")["count"] == 1


def test_snapshot_is_a_data_file_that_another_simulator_opens(sim: Driver, clock: Clock, tmp_path: Path) -> None:
    path = sim.new_app()
    (tmp_path / "copy.db").write_bytes(snapshot(sim))
    other = Driver(make_app(clock, tmp_path / "copy.db"), clock)
    assert other.done("GET", path)["app_name"] == "rtctest"


def test_restored_file_is_kept_and_stays_in_wal_mode(sim: Driver, clock: Clock, tmp_path: Path) -> None:
    path = sim.new_app()
    data = tmp_path / "sim.db"
    file = Driver(make_app(clock, data), clock)
    file.new_app("gone")
    assert restore(file.app, snapshot(sim)) == 204
    third = Driver(make_app(clock, data), clock)
    assert third.done("GET", path)["app_name"] == "rtctest"
    with sqlite3.connect(data) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()


def test_virtual_clock_goes_back_with_the_state() -> None:
    def advance(seconds: int) -> dict[str, Any]:
        shown: dict[str, Any] = send(app, "POST", "/_simulator/clock", json={"advance": seconds}).json()
        return shown

    app = create_app(options=Options(now=VirtualClock()))
    then = advance(60)
    copy = send(app, "GET", "/_simulator/snapshot").content
    advance(3600)
    assert restore(app, copy) == 204
    assert send(app, "GET", "/_simulator/clock").json() == then


def test_virtual_clock_that_never_moved_stays() -> None:
    app = create_app(options=Options(now=VirtualClock()))
    shown = send(app, "GET", "/_simulator/clock").json()
    assert restore(app, send(app, "GET", "/_simulator/snapshot").content) == 204
    assert send(app, "GET", "/_simulator/clock").json() == shown


def test_snapshot_while_others_write_is_of_one_moment(sim: Driver, clock: Clock, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            sim.send("GET", "/v2/apps")

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    copies = [snapshot(sim) for _ in range(5)]
    stop.set()
    for writer in writers:
        writer.join()
    for number, copy in enumerate(copies):
        data = tmp_path / f"{number}.db"
        data.write_bytes(copy)
        ids = [entry["id"] for entry in Driver(make_app(clock, data), clock).log()]
        assert ids == list(range(1, len(ids) + 1))


def with_schema(tmp_path: Path, copy: bytes, statement: str) -> bytes:
    path = tmp_path / "changed.db"
    path.write_bytes(copy)
    with sqlite3.connect(path) as db:
        db.execute(statement)
    db.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA user_version = 99",
        "CREATE TRIGGER t AFTER INSERT ON requests BEGIN DELETE FROM objects; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP INDEX objects_by_state",
    ],
)
def test_file_with_another_schema_is_refused(sim: Driver, tmp_path: Path, statement: str) -> None:
    sim.new_app()
    assert restore(sim.app, with_schema(tmp_path, snapshot(sim), statement)) == 400
    assert sim.done("GET", "/v2/apps")["count"] == 1


def test_file_that_is_none_is_refused_and_nothing_changes(
    sim: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim.new_app()
    copy = snapshot(sim)
    rows = [index for index in range(len(copy)) if copy.startswith(b"rtctest", index)]
    broken = bytearray(copy)
    broken[4096 * 3 : 4096 * 5] = b"\xff" * 4096 * 2
    assert rows
    for content in (b"", b"not a database" * 100, copy[:4096], bytes(broken)):
        assert restore(sim.app, content) == 400
    monkeypatch.setattr(control, "MAX_SNAPSHOT_BYTES", 1000)
    assert restore(sim.app, copy) == 400
    assert sim.done("GET", "/v2/apps")["count"] == 1


def test_foreign_page_cannot_restore(sim: Driver) -> None:
    copy = snapshot(sim)
    assert restore(sim.app, copy, Origin="http://elsewhere.example") == 403


def test_log_comes_as_json_lines_without_secrets(sim: Driver) -> None:
    path = sim.new_app("課堂")
    sim.done("PUT", path + "/record-callback", {"url": "http://a/", "auth_key": KEY})
    answer = send(sim.app, "GET", "/_simulator/requests?format=jsonl")
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert [json.loads(line) for line in answer.text.splitlines()] == sim.log()
    assert KEY not in answer.text
    assert "課堂" in answer.text


def test_log_is_read_from_an_id_on(sim: Driver) -> None:
    sim.new_app()
    sim.send("GET", "/v2/apps")
    newer = send(sim.app, "GET", "/_simulator/requests?after=2").json()
    assert [entry["id"] for entry in newer] == [3]
    assert send(sim.app, "GET", "/_simulator/requests?after=x").status_code == 400
    assert send(sim.app, "GET", f"/_simulator/requests?after={'9' * 30}").status_code == 400


def two_accounts(clock: Clock) -> tuple[Driver, Driver]:
    edu = account_named("edu")
    app = create_app(options=Options(now=clock, accounts=(ACCOUNT, edu)))
    mine, other = Driver(app, clock), Driver(app, clock)
    body = token_request(name=edu.user, password=edu.password, domain=edu.domain)
    other.headers = {"X-Auth-Token": send(app, "POST", "/v3/auth/tokens", json=body).headers["X-Subject-Token"]}
    return mine, other


def test_accounts_live_side_by_side_and_apart(clock: Clock) -> None:
    mine, other = two_accounts(clock)
    path = mine.new_app()
    mine.new_rule(path)
    other.refused(404, "RTC.00001003", "GET", path)
    other.refused(404, "RTC.00001003", "DELETE", path)
    assert other.done("GET", "/v2/apps") == {"count": 0, "apps": []}
    assert other.done("GET", "/v2/rtc-ops/buckets")["count"] == 0
    assert other.done("GET", other.new_app())["tenant_name"] == "edu"


def test_token_is_valid_as_long_as_told(clock: Clock) -> None:
    sim = Driver(create_app(options=Options(now=clock, token_seconds=60)), clock)
    clock.advance(59)
    sim.done("GET", "/v2/apps")
    clock.advance(1)
    sim.refused(401, "APIGW.0301", "GET", "/v2/apps")


def test_account_needs_no_more_than_a_name() -> None:
    edu, events = account_named("edu"), account_named("events", access_key="KEY")
    assert (edu.user, edu.password, edu.domain) == ("edu", "edu", "edu")
    assert (events.access_key, len(events.project_id)) == ("KEY", 32)
    assert account_named("edu") == edu
    check_accounts((ACCOUNT, edu, events))
    with pytest.raises(ValueError, match="' a' is no account name"):
        account_named(" a")


def test_accounts_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text("accounts:\n  - name: edu\n  - {name: events, password: word}\n")
    assert [(each.name, each.password) for each in read_accounts(path)] == [("edu", "edu"), ("events", "word")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts: [", "not YAML"),
        ("[]", "accounts: a list is needed"),
        ("accounts: {}", "accounts: a list is needed"),
        ("accounts: []", "a simulator needs an account"),
        ("accounts: [x]", "accounts[0]: a mapping with a name is needed"),
        ("accounts: [{name: a, key: b}]", "accounts[0].key: not known here; name, access_key"),
        ("accounts: [{name: a, password: 5}]", "accounts[0].password: text is needed; quote it"),
        ("accounts: [{name: '*'}]", "'*' is no account name"),
        ("accounts: [{name: a}, {name: a}]", "two accounts have the name 'a'"),
        ("accounts: [{name: a, access_key: k}, {name: b, access_key: k}]", "two accounts have the access_key 'k'"),
        ("accounts: [{name: a, project_id: k}, {name: b, project_id: k}]", "two accounts have the project_id 'k'"),
        ("accounts: [{name: a, user: u, domain: d}, {name: b, user: u, domain: d}]", "two accounts have the user"),
    ],
)
def test_bad_file_of_accounts_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"accounts\.yaml") as caught:
        read_accounts(path)
    assert message in str(caught.value)


def test_simulator_without_account_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an account"):
        Options(accounts=())
    twin = SimulatedAccount("twin", ACCOUNT.access_key, "s", "u", "p", "d", "p")
    with pytest.raises(ValueError, match="access_key"):
        Options(accounts=(ACCOUNT, twin))
