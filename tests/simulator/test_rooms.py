"""Rooms and users: who may enter, when a room ends, who is put out."""

from __future__ import annotations

import pytest

from rtcctl.simulator import ACCOUNT
from rtcctl.simulator.accounts import SimulatedAccount
from rtcctl.simulator.app import app_for
from rtcctl.simulator.call import Options, Simulator
from rtcctl.simulator.store import Store

from .driver import Clock, Driver, join, leave, room_path, send, token_request


def users(sim: Driver, app: str) -> list[str]:
    rooms = sim.control("GET", room_path(app, "")[: -len("/")])["rooms"]
    return [user["user_id"] for room in rooms for user in room["users"]]


def test_room_appears_with_its_first_user_and_ends_with_the_last(sim: Driver) -> None:
    app = sim.new_app()
    assert join(sim, app) == {
        "room_id": "room001",
        "create_time": "2024-01-15T08:30:00Z",
        "users": [
            {
                "user_id": "user001",
                "role": "joiner",
                "camera": True,
                "screen": False,
                "audio": True,
                "join_time": "2024-01-15T08:30:00Z",
            }
        ],
    }
    join(sim, app, "user002", role="player")
    assert users(sim, app) == ["user001", "user002"]
    leave(sim, app)
    assert users(sim, app) == ["user002"]
    assert leave(sim, app, "user002")["users"] == []
    assert sim.control("GET", room_path(app, "")[: -len("/")]) == {"rooms": []}


def test_joining_again_changes_what_a_user_sends_and_keeps_the_time(sim: Driver) -> None:
    app = sim.new_app()
    join(sim, app)
    sim.clock.advance(5)
    [user] = join(sim, app, role="publisher", camera=False, screen=True)["users"]
    assert (user["role"], user["camera"], user["screen"]) == ("publisher", False, True)
    assert user["join_time"] == "2024-01-15T08:30:00Z"


def test_app_is_named_by_id_or_name(sim: Driver) -> None:
    sim.new_app("rtctest")
    assert sim.control("GET", "/apps/rtctest/rooms") == {"rooms": []}
    assert sim.control("GET", "/apps/other/rooms", status=404) == {"error": "no such app"}


def test_name_that_two_accounts_use_is_ambiguous(clock: Clock) -> None:
    other = SimulatedAccount("other", "OTHERACCESSKEY", "other-key", "user", "word", "other", "9" * 32)
    app = app_for(Simulator(Store(), (ACCOUNT, other), Options(clock)))
    sim = Driver(app, clock)
    path = sim.new_app()
    body = token_request(name="user", password="word", domain="other")
    headers = {"X-Auth-Token": send(app, "POST", "/v3/auth/tokens", json=body).headers["X-Subject-Token"]}
    assert send(app, "POST", "/v2/apps", headers=headers, json={"app_name": "rtctest"}).status_code == 201
    assert "several" in sim.control("GET", "/apps/rtctest/rooms", status=409)["error"]
    assert sim.control("GET", f"/apps/{path[9:]}/rooms") == {"rooms": []}


@pytest.mark.parametrize(
    ("room_id", "body"),
    [
        ("room001", {}),
        ("room001", {"user_id": 1}),
        ("room001", {"user_id": "user 1"}),
        ("room001", {"user_id": "u" * 65}),
        ("room.001", {"user_id": "u"}),
        ("room001", {"user_id": "u", "role": "guest"}),
        ("room001", {"user_id": "u", "camera": 1}),
        ("room001", {"user_id": "u", "role": "player", "audio": True}),
    ],
)
def test_bad_join_is_refused(sim: Driver, room_id: str, body: object) -> None:
    assert sim.control("POST", f"{room_path(sim.new_app(), room_id)}/join", body, 400)["error"]


def test_leaving_where_one_is_not_is_not_found(sim: Driver) -> None:
    app = sim.new_app()
    sim.control("POST", room_path(app) + "/leave", {"user_id": "u"}, 404)
    join(sim, app)
    sim.control("POST", room_path(app) + "/leave", {"user_id": "u"}, 404)


@pytest.mark.parametrize("state", ["ARREARS", "DEACTIVATION"])
def test_disabled_app_takes_no_new_users_and_keeps_those_it_has(sim: Driver, state: str) -> None:
    app = sim.new_app()
    join(sim, app)
    answer = sim.control("POST", f"/apps/{app[9:]}/state", {"state": state})
    assert answer["state"]["state"] == sim.done("GET", app)["state"]["state"] == state
    assert state in sim.control("POST", room_path(app) + "/join", {"user_id": "two"}, 409)["error"]
    assert users(sim, app) == ["user001"]
    sim.control("POST", "/apps/rtctest/state", {"state": "ACTIVATION"})
    join(sim, app, "two")


def test_bad_state_is_refused(sim: Driver) -> None:
    sim.new_app()
    assert "ARREARS" in sim.control("POST", "/apps/rtctest/state", {"state": "DELETED"}, 400)["error"]


def test_dismissed_room_is_empty_a_moment_later(sim: Driver) -> None:
    app = sim.new_app()
    join(sim, app)
    join(sim, app, "user002")
    response = sim.send("POST", app + "/rooms/room001/dismiss")
    assert (response.status_code, response.content) == (202, b"")
    assert users(sim, app) == ["user001", "user002"]
    sim.clock.advance(0.1)
    join(sim, app, "late")
    sim.clock.advance(0.1)
    assert users(sim, app) == ["late"]


def test_removed_users_are_out_and_the_others_stay(sim: Driver) -> None:
    app = sim.new_app()
    for user_id in ("one", "two", "three"):
        join(sim, app, user_id)
    assert sim.send("POST", app + "/rooms/room001/batch-remove-users", {"user_ids": ["one", "x"]}).status_code == 202
    sim.clock.advance(1)
    assert users(sim, app) == ["two", "three"]


@pytest.mark.parametrize(("call", "body"), [("dismiss", None), ("batch-remove-users", {"user_ids": ["u"]})])
def test_unknown_room_is_not_found(sim: Driver, call: str, body: object) -> None:
    app = sim.new_app()
    sim.refused(404, "RTC.00001003", "POST", f"{app}/rooms/room001/{call}", body)
    sim.refused(404, "RTC.00001003", "POST", f"/v2/apps/0123/rooms/room001/{call}", body)
    join(sim, app)
    leave(sim, app)
    sim.new_mix_job(app)
    sim.refused(404, "RTC.00001003", "POST", f"{app}/rooms/room001/{call}", body)


@pytest.mark.parametrize(
    ("code", "body"),
    [("RTC.00001005", {}), ("RTC.00001003", {"user_ids": []}), ("RTC.00001003", {"user_ids": ["a b"]})],
)
def test_bad_removal_is_refused(sim: Driver, code: str, body: object) -> None:
    app = sim.new_app()
    join(sim, app)
    sim.refused(400, code, "POST", app + "/rooms/room001/batch-remove-users", body)


def test_room_that_nobody_touched_but_a_job_is_in_can_be_dismissed(sim: Driver) -> None:
    app = sim.new_app()
    job = sim.new_mix_job(app, max_idle_time=5)
    sim.done("POST", app + "/rooms/room001/batch-remove-users", {"user_ids": ["u"]}, 202)
    sim.clock.advance(60)
    assert sim.done("GET", job)["state"] == "RUNNING"
    sim.done("POST", app + "/rooms/room001/dismiss", status=202)
    sim.clock.advance(5.1)
    assert sim.done("GET", job)["state"] == "RUNNING"
    sim.clock.advance(0.1)
    assert sim.done("GET", job)["stop_reason"] == "EXCEED_MAX_IDLE_TIME"


def test_deleted_app_takes_rooms_jobs_and_what_was_to_come_with_it(sim: Driver) -> None:
    app = sim.new_app()
    join(sim, app)
    sim.new_mix_job(app)
    sim.done("POST", app + "/rooms/room001/dismiss", status=202)
    sim.done("POST", app + "/mix-stream-jobs", {"mix_param": {"room_id": "r", "encode_template": "audio_only"}}, 201)
    sim.done("DELETE", app, status=204)
    sim.clock.advance(60)
    assert sim.control("GET", "/state")["accounts"][0]["apps"] == []
    sim.control("GET", f"/apps/{app[9:]}/rooms", status=404)
