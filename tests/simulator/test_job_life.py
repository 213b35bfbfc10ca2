"""How jobs end by themselves, or are ended by the control API."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.simulator import Options, create_app

from .driver import GRID, Clock, Driver, join, leave

SINGLE: dict[str, Any] = {"room_id": "room001", "user_id": "user001"}
KINDS = [("mix-stream-jobs", {"mix_param": GRID}), ("individual-stream-jobs", SINGLE)]


def new_job(sim: Driver, app: str, route: str, body: object) -> str:
    path = f"{app}/{route}"
    job = f"{path}/{sim.done('POST', path, body, 201)['job_id']}"
    sim.clock.advance(0.2)
    return job


def job_id(job: str) -> str:
    return job.rpartition("/")[2]


@pytest.mark.parametrize(("route", "body"), KINDS)
def test_job_ends_when_its_room_was_empty_for_too_long(sim: Driver, route: str, body: object) -> None:
    app = sim.new_app()
    job = new_job(sim, app, route, body)
    join(sim, app)
    sim.clock.advance(3600)
    leave(sim, app)
    sim.clock.advance(29.9)
    assert sim.done("GET", job)["state"] == "RUNNING"
    sim.clock.advance(3600)  # long after the end, nobody having looked
    ended = sim.done("GET", job)
    assert (ended["state"], ended["stop_reason"], ended["stop_time"]) == (
        "STOPPED",
        "EXCEED_MAX_IDLE_TIME",
        "2024-01-15T09:30:30Z",
    )
    sim.refused(400, "RTC.00001009", "DELETE", job)
    sim.refused(400, "RTC.00001009", "PUT", job, {"mix_param": {}} if "mix" in route else {})


def test_players_do_not_keep_a_job_and_a_publisher_without_media_does(sim: Driver) -> None:
    app = sim.new_app()
    job = sim.new_mix_job(app)
    join(sim, app, "quiet", role="publisher", camera=False, audio=False)
    join(sim, app, "player", role="player")
    sim.clock.advance(1000)
    assert sim.done("GET", job)["state"] == "RUNNING"
    leave(sim, app, "quiet")
    sim.clock.advance(31)
    assert sim.done("GET", job)["stop_reason"] == "EXCEED_MAX_IDLE_TIME"


def test_idle_time_starts_anew_after_somebody_was_there(sim: Driver) -> None:
    app = sim.new_app()
    job = sim.new_mix_job(app)
    for _ in range(3):
        join(sim, app)
        leave(sim, app)
        sim.clock.advance(20)
    assert sim.done("GET", job)["state"] == "RUNNING"


def test_other_rooms_and_apps_do_not_matter(sim: Driver) -> None:
    app, other = sim.new_app(), sim.new_app("other")
    job = sim.new_mix_job(app)
    join(sim, app)
    leave(sim, app)
    join(sim, app, room_id="elsewhere")
    join(sim, other)
    sim.clock.advance(31)
    assert sim.done("GET", job)["state"] == "STOPPED"


def test_rooms_can_be_empty_from_the_start(clock: Clock) -> None:
    sim = Driver(create_app(options=Options(now=clock, rooms_start_empty=True)), clock)
    job = sim.new_mix_job(sim.new_app())
    sim.clock.advance(31)
    assert sim.done("GET", job)["stop_time"] == "2024-01-15T08:30:30Z"


def test_shorter_idle_limit_counts_from_the_update_on_at_the_latest(sim: Driver) -> None:
    app = sim.new_app()
    job = sim.new_mix_job(app, max_idle_time=3600)
    join(sim, app)
    leave(sim, app)
    sim.clock.advance(100)
    sim.done("PUT", job, {"mix_param": {"max_idle_time": 5}})
    assert sim.done("GET", job)["stop_time"] == "2024-01-15T08:31:41Z"


@pytest.mark.parametrize(("route", "body"), KINDS)
@pytest.mark.parametrize(("how", "reason"), [("fail", "INTERNAL_ERROR"), ("stop", "TENANT_STOP")])
def test_control_ends_a_job(sim: Driver, route: str, body: object, how: str, reason: str) -> None:
    job = new_job(sim, sim.new_app(), route, body)
    ended = sim.control("POST", f"/jobs/{job_id(job)}/{how}")
    assert ended == sim.done("GET", job)
    assert (ended["state"], ended["stop_reason"]) == ("STOPPED", reason)
    assert ("description" in ended) == (how == "fail")
    assert sim.control("POST", f"/jobs/{job_id(job)}/{how}", status=409) == {"error": "the job is over"}


def test_control_ends_a_job_that_is_initializing_for_good(sim: Driver) -> None:
    app = sim.new_app()
    job = sim.done("POST", app + "/mix-stream-jobs", {"mix_param": GRID}, 201)
    sim.control("POST", f"/jobs/{job['job_id']}/fail")
    sim.clock.advance(10)
    assert sim.done("GET", f"{app}/mix-stream-jobs/{job['job_id']}")["state"] == "STOPPED"


def test_unknown_job_is_not_found_by_control(sim: Driver) -> None:
    assert sim.control("POST", "/jobs/0123/fail", status=404) == {"error": "no such job"}


def test_state_shows_the_whole_picture_without_secrets(sim: Driver) -> None:
    app = sim.new_app()
    sim.authorize()
    rule_id = sim.new_rule(app)
    sim.done("PUT", app + "/record-callback", {"url": "http://127.0.0.1:1/", "auth_key": "very-secret"})
    sim.new_mix_job(app, record_param={"record_rule_id": rule_id})
    join(sim, app)
    state = sim.control("GET", "/state")
    assert state["clock"] == {"now": "2024-01-15T08:30:01.071Z", "virtual": False}
    [account] = state["accounts"]
    assert (account["name"], account["app_count"], account["buckets"][0]["files"]) == ("simulator", 1, 0)
    [shown] = account["apps"]
    assert shown["record_callback"]["auth_key"] == "(secret)"
    assert [rule["rule_id"] for rule in shown["record_rules"]] == [rule_id]
    assert shown["rooms"][0]["users"][0]["user_id"] == "user001"
    [job] = shown["jobs"]
    assert (job["kind"], job["state"]) == ("mix_job", "RUNNING")
    [recording] = shown["recordings"]
    assert (recording["job_id"], recording["automatic"]) == (job["job_id"], False)
    assert recording["files"][0]["record_format"] == "MP4"
    assert state["deliveries"][0]["event"]["event_type"] == "RECORD_NEW_FILE_START"
    assert "very-secret" not in str(state)


def test_state_shows_the_newest_apps(sim: Driver) -> None:
    for number in range(5):
        sim.new_app(f"app{number}")
    [account] = sim.control("GET", "/state?limit=2")["accounts"]
    assert (account["app_count"], [app["app_name"] for app in account["apps"]]) == (5, ["app3", "app4"])
    assert "limit" in sim.control("GET", "/state?limit=x", status=400)["error"]
