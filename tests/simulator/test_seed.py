"""A simulator filled with an account that exists already: objects keep their ids, and live on like its own."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from rtcctl.simulator import create_app, request_log
from rtcctl.simulator.seed import copy_data, seed

from .driver import GRID, MP4_RULE, Driver, make_app

if TYPE_CHECKING:
    from pathlib import Path

    from .driver import Clock

APP: dict[str, Any] = {
    "app_id": "5ff9701f2346968bb306cb43",
    "app_name": "rtctest",
    "state": {"state": "ACTIVATION"},
    "callbacks": {"record_callback": {"url": "http://127.0.0.1/cb", "auth_key": "fake-key-of-the-callback"}},
    "auto_record_mode": {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": "rule1"},
}
PATH = f"/v2/apps/{APP['app_id']}"
RULE = {"app_id": APP["app_id"], "rule_id": "rule1", **MP4_RULE}
MIX = {"app_id": APP["app_id"], "job_id": "job1", "mix_param": GRID, "record_param": {"record_rule_id": "rule1"}}
SINGLE = {"app_id": APP["app_id"], "job_id": "job2", "room_id": "room1", "user_id": "user1", "max_idle_time": 60}
BUCKET = {"bucket": "obsName", "location": "cn-north-4", "is_authorized": True}


@pytest.fixture
def seeded(clock: Clock) -> Any:
    def fill(**objects: Any) -> Driver:
        app = make_app(clock)
        seed(app, {name.replace("_", "-"): items for name, items in objects.items()})
        return Driver(app, clock)

    return fill


def test_an_app_keeps_its_id_name_and_settings(seeded: Any) -> None:
    sim = seeded(apps=[APP])
    shown = sim.done("GET", PATH)
    assert (shown["app_name"], shown["state"]["state"]) == ("rtctest", "ACTIVATION")
    callback = sim.done("GET", f"{PATH}/record-callback")["record_callback"]
    assert (callback["url"], callback["auth_key"]) == ("http://127.0.0.1/cb", "fake-key-of-the-callback")
    assert sim.done("GET", f"{PATH}/auto-record-mode")["auto_record_mode"]["record_rule_id"] == "rule1"


def test_an_app_without_settings_is_as_a_new_one(seeded: Any) -> None:
    sim = seeded(apps=[{**APP, "callbacks": None, "auto_record_mode": {}}])
    shown = sim.done("GET", PATH)
    assert shown["callbacks"] == {}
    assert shown["auto_record_mode"] == {"mode": "AUTO_RECORD_OFF"}


def test_its_name_is_taken_and_its_place_in_the_quota_too(clock: Clock) -> None:
    app = create_app(None, now=clock)
    seed(app, {"apps": [{**APP, "app_id": f"id{number}", "app_name": f"app{number}"} for number in range(20)]})
    sim = Driver(app, clock)
    sim.refused(400, "RTC.00001020", "POST", "/v2/apps", {"app_name": "app7"})
    sim.refused(400, "RTC.00001017", "POST", "/v2/apps", {"app_name": "other"})


def test_an_app_that_was_deleted_leaves_its_name_free(seeded: Any) -> None:
    sim = seeded(apps=[{**APP, "state": {"state": "DELETED"}}])
    sim.refused(404, "RTC.00001003", "GET", f"{PATH}/record-rules")
    sim.done("POST", "/v2/apps", {"app_name": "rtctest"}, 201)


def test_two_apps_of_one_name_which_the_api_excludes_are_both_listed(seeded: Any) -> None:
    sim = seeded(apps=[APP, {**APP, "app_id": "another"}, {**APP, "app_id": "nameless", "app_name": ""}])
    assert [each["app_id"] for each in sim.done("GET", "/v2/apps")["apps"]] == [APP["app_id"], "another", "nameless"]


def test_a_rule_keeps_its_id_and_gets_what_was_not_told(seeded: Any) -> None:
    sim = seeded(apps=[APP], rules=[RULE])
    shown = sim.done("GET", f"{PATH}/record-rules/rule1")
    assert (shown["obs_addr"], shown["mp4_config"]["record_cycle"]) == (MP4_RULE["obs_addr"], 7200)
    assert sim.done("POST", f"{PATH}/record-rules", MP4_RULE)["rule_id"] == "rule1"
    sim.refused(400, "RTC.00001003", "DELETE", f"{PATH}/record-rules/rule1")


@pytest.mark.parametrize("state", ["INIT", "RUNNING"])
def test_a_job_runs_and_can_be_changed_and_stopped(seeded: Any, state: str) -> None:
    sim = seeded(
        apps=[APP],
        rules=[RULE],
        buckets=[BUCKET],
        mix_stream_jobs=[{**MIX, "state": state}],
        individual_stream_jobs=[{**SINGLE, "state": state, "record_param": {"record_rule_id": "rule1"}}],
    )
    mix, single = f"{PATH}/mix-stream-jobs/job1", f"{PATH}/individual-stream-jobs/job2"
    assert sim.done("PUT", mix, {"mix_param": {"max_idle_time": 99}})["mix_param"]["max_idle_time"] == 99
    assert sim.done("GET", mix)["room_id"] == "room001"
    assert sim.done("PUT", single, {"record_param": {"record_rule_id": "rule1"}})["state"] == "RUNNING"
    for job in (mix, single):
        assert sim.send("DELETE", job).status_code == 204
        assert sim.done("GET", job)["stop_reason"] == "TENANT_STOP"


def test_a_job_that_is_over_stays_over(seeded: Any) -> None:
    sim = seeded(apps=[APP], mix_stream_jobs=[{**MIX, "state": "STOPPED", "stop_reason": "INTERNAL_ERROR"}])
    assert sim.done("GET", f"{PATH}/mix-stream-jobs/job1")["stop_reason"] == "INTERNAL_ERROR"
    sim.refused(400, "RTC.00001009", "DELETE", f"{PATH}/mix-stream-jobs/job1")


@pytest.mark.parametrize("path", ["mix_stream_jobs", "individual_stream_jobs"])
def test_a_job_of_which_the_id_alone_is_known_can_be_stopped(seeded: Any, path: str) -> None:
    sim = seeded(apps=[APP], **{path: [{"app_id": APP["app_id"], "job_id": "job9", "state": "RUNNING"}]})
    assert sim.send("DELETE", f"{PATH}/{path.replace('_', '-')}/job9").status_code == 204


def test_buckets_are_authorized_or_not(seeded: Any) -> None:
    sim = seeded(buckets=[BUCKET, {"bucket": "closed", "location": "cn-north-1"}])
    found = {each["bucket"]: each["is_authorized"] for each in sim.done("GET", "/v2/rtc-ops/buckets")["buckets"]}
    assert found == {"obsName": True, "closed": False}


def test_filling_is_no_request(clock: Clock) -> None:
    app = create_app(None, now=clock)
    seed(app, {"apps": [APP], "rules": [RULE]})
    assert request_log(app) == []


def test_a_copy_holds_everything_and_the_original_is_untouched(clock: Clock, tmp_path: Path) -> None:
    data = tmp_path / "a folder" / "sim.db"
    sim = Driver(make_app(clock, data), clock)
    path = sim.new_app()
    sim.app.state.simulator.store.close()
    before = {each.name: each.read_bytes() for each in data.parent.iterdir()}
    copy_data(data, tmp_path / "copy.db")
    assert {each.name: each.read_bytes() for each in data.parent.iterdir()} == before
    assert Driver(make_app(clock, tmp_path / "copy.db"), clock).done("GET", path)["app_name"] == "rtctest"


def test_a_copy_holds_what_a_running_or_killed_process_wrote_last(clock: Clock, tmp_path: Path) -> None:
    data = tmp_path / "sim.db"
    sim = Driver(make_app(clock, data), clock)
    path = sim.new_app()
    assert data.with_name("sim.db-wal").stat().st_size
    main, log = data.read_bytes(), data.with_name("sim.db-wal").read_bytes()
    copy_data(data, tmp_path / "copy.db")
    assert (data.read_bytes(), data.with_name("sim.db-wal").read_bytes()) == (main, log)
    assert Driver(make_app(clock, tmp_path / "copy.db"), clock).done("GET", path)["app_name"] == "rtctest"


def test_what_is_no_data_of_this_version_is_not_copied(tmp_path: Path) -> None:
    old, notes = tmp_path / "old.db", tmp_path / "notes.txt"
    with sqlite3.connect(old) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    notes.write_text("not a database" * 100)
    with pytest.raises(ValueError, match=r"another simulator version \(99, not 1\)"):
        copy_data(old, tmp_path / "copy.db")
    with pytest.raises(sqlite3.DatabaseError):
        copy_data(notes, tmp_path / "copy.db")
