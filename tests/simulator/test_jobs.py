"""Mixed-stream and single-stream jobs: echoes, life cycle, what can change."""

from __future__ import annotations

from typing import Any

import pytest

from .driver import GRID, Driver

SINGLE = {"room_id": "room001", "user_id": "user001"}
PANE = {"id": 1, "user_id": "user1", "x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0, "zorder": 0}
TIMES = {
    "create_time": "2024-01-15T08:30:00Z",
    "update_time": "2024-01-15T08:30:00Z",
    "start_time": "2024-01-15T08:30:00Z",
    "stop_time": "0001-01-01T00:00:00Z",
}
KINDS = [("mix-stream-jobs", {"mix_param": GRID}), ("individual-stream-jobs", SINGLE)]


def test_mix_job_of_the_worked_example_is_echoed_to_the_member(sim: Driver) -> None:
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    sent = {"mix_param": {**GRID, "max_idle_time": 30}, "record_param": {"record_rule_id": rule_id}}
    job = sim.done("POST", path + "/mix-stream-jobs", sent, 201)
    assert len(job["job_unique_id"]) == 16
    assert job == {
        **sent,
        "job_id": job["job_id"],
        "job_unique_id": job["job_unique_id"],
        "stream_name": f"m_{job['job_id']}_room001",
        "app_id": path[9:],
        "room_id": "room001",
        "push_param": {"rtmp_urls": None},
        "state": "INIT",
        **TIMES,
    }


def test_single_stream_job_gets_its_defaults(sim: Driver) -> None:
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    sent = {**SINGLE, "record_param": {"record_rule_id": rule_id}}
    job = sim.done("POST", path + "/individual-stream-jobs", sent, 201)
    assert job == {
        **sent,
        "job_id": job["job_id"],
        "stream_name": f"s_{job['job_id']}_room001_user001",
        "app_id": path[9:],
        "is_record_audio": True,
        "video_type": "CAMERASTREAM",
        "select_stream_type": "FHD",
        "max_idle_time": 30,
        "state": "INIT",
        **TIMES,
    }


@pytest.mark.parametrize(("route", "body"), KINDS)
def test_job_is_init_then_running_then_stopped(sim: Driver, route: str, body: dict[str, Any]) -> None:
    path = f"{sim.new_app()}/{route}"
    job = f"{path}/{sim.done('POST', path, body, 201)['job_id']}"
    change: dict[str, Any] = {"mix_param": {}} if "mix" in route else {}
    sim.clock.advance(0.19)
    assert sim.done("GET", job)["state"] == "INIT"
    sim.refused(400, "RTC.00001022", "PUT", job, change)
    sim.refused(400, "RTC.00001022", "DELETE", job)
    sim.clock.advance(0.02)
    running = sim.done("GET", job)
    assert running["state"] == "RUNNING"
    assert "stop_reason" not in running
    sim.clock.advance(50_000)
    sim.done("PUT", job, change)
    sim.done("DELETE", job, status=204)
    stopped = sim.done("GET", job)
    assert (stopped["state"], stopped["stop_reason"]) == ("STOPPED", "TENANT_STOP")
    assert stopped["stop_time"] == "2024-01-15T22:23:20Z"
    sim.refused(400, "RTC.00001009", "PUT", job, change)
    sim.refused(400, "RTC.00001009", "DELETE", job)


@pytest.mark.parametrize(("route", "body"), KINDS)
def test_unknown_job_is_not_found(sim: Driver, route: str, body: dict[str, Any]) -> None:
    path = f"{sim.new_app()}/{route}/0123"
    for method, content in (("GET", None), ("PUT", {"mix_param": {}}), ("DELETE", None)):
        sim.refused(404, "RTC.00001003", method, path, content)


@pytest.mark.parametrize(("route", "body"), KINDS)
def test_job_is_refused_on_a_disabled_app(sim: Driver, route: str, body: dict[str, Any]) -> None:
    path = sim.new_app()
    sim.done("POST", path + "/disable")
    sim.refused(400, "RTC.00001016", "POST", f"{path}/{route}", body)


@pytest.mark.parametrize(("route", "body"), KINDS)
def test_job_with_an_unknown_rule_is_refused(sim: Driver, route: str, body: dict[str, Any]) -> None:
    record_param = {"record_param": {"record_rule_id": "no such rule"}}
    sim.refused(400, "RTC.00001003", "POST", f"{sim.new_app()}/{route}", {**body, **record_param})


def test_job_of_the_other_kind_is_not_found(sim: Driver) -> None:
    job = sim.new_mix_job(sim.new_app())
    sim.refused(404, "RTC.00001003", "GET", job.replace("mix-stream", "individual-stream"))


def test_single_stream_job_takes_another_rule_and_frees_the_old_one(sim: Driver) -> None:
    path = sim.new_app()
    sim.authorize()
    rule_id = sim.new_rule(path)
    job = f"{path}/individual-stream-jobs/"
    job += sim.done("POST", path + "/individual-stream-jobs", SINGLE, 201)["job_id"]
    sim.clock.advance(1)
    changed = sim.done("PUT", job, {"record_param": {"record_rule_id": rule_id}})
    assert changed["record_param"] == {"record_rule_id": rule_id}
    assert changed["update_time"] == "2024-01-15T08:30:01Z"
    sim.refused(400, "RTC.00001003", "PUT", job, {"record_param": {"record_rule_id": "no such rule"}})
    sim.refused(400, "RTC.00001003", "DELETE", f"{path}/record-rules/{rule_id}")


def test_encode_template_is_echoed_as_it_was_spelt(sim: Driver) -> None:
    job = sim.new_mix_job(sim.new_app(), encode_template="1280*720_15_2260")
    assert sim.done("GET", job)["mix_param"]["encode_template"] == "1280*720_15_2260"


def test_mix_update_keeps_what_is_left_out(sim: Driver) -> None:
    job = sim.new_mix_job(sim.new_app(), background_image="s3://b/one.jpg")
    changed = sim.done("PUT", job, {"mix_param": {"max_idle_time": 60, "layout_template": "nine_grids_view"}})
    assert changed["mix_param"] == {**GRID, "background_image": "s3://b/one.jpg", "max_idle_time": 60}
    assert changed["update_time"] == "2024-01-15T08:30:01Z"
    assert sim.done("GET", job) == changed


def test_custom_panes_are_replaced_and_get_the_default_stream(sim: Driver) -> None:
    job = sim.new_mix_job(sim.new_app(), layout_template="custom", layout_panes=[PANE, {**PANE, "id": 2}])
    assert sim.done("GET", job)["mix_param"]["layout_panes"][1]["video_type"] == "CAMERASTREAM"
    changed = sim.done(
        "PUT", job, {"mix_param": {"layout_template": "custom", "layout_panes": [{**PANE, "width": 0.5}]}}
    )
    assert changed["mix_param"]["layout_panes"] == [{**PANE, "width": 0.5, "video_type": "CAMERASTREAM"}]
    sim.refused(400, "RTC.00001004", "PUT", job, {"mix_param": {"layout_panes": []}})


def test_layout_template_cannot_become_another(sim: Driver) -> None:
    job = sim.new_mix_job(sim.new_app())
    sim.refused(400, "RTC.00001003", "PUT", job, {"mix_param": {"layout_template": "custom", "layout_panes": [PANE]}})
    sim.refused(400, "RTC.00001010", "PUT", job, {"mix_param": {"layout_template": "my_own"}})


def test_audio_only_needs_no_layout_and_ignores_one(sim: Driver) -> None:
    path = sim.new_app()
    body = {"mix_param": {"room_id": "room001", "encode_template": "audio_only"}}
    job = sim.done("POST", path + "/mix-stream-jobs", body, 201)
    assert job["mix_param"] == {**body["mix_param"], "max_idle_time": 30}
    sim.clock.advance(1)
    sim.done("PUT", f"{path}/mix-stream-jobs/{job['job_id']}", {"mix_param": {"layout_template": "custom"}})


BAD_MIX_PARAMS = [
    ("RTC.00001005", {"room_id": None}),
    ("RTC.00001005", {"encode_template": None}),
    ("RTC.00001003", {"encode_template": "1920X1080_30_4620"}),
    ("RTC.00001003", {"room_id": "room 001"}),
    ("RTC.00001003", {"max_idle_time": 4}),
    ("RTC.00001003", {"max_idle_time": 43201}),
    ("RTC.00001003", {"layout_template": "grid"}),
    ("RTC.00001003", {"background_image": "https://x/y.jpg"}),
    ("RTC.00001003", {"layout_panes": [{"id": 26}]}),
    ("RTC.00001005", {"user_background_images": [{"user_id": "u"}]}),
    ("RTC.00001004", {"layout_template": None}),
    ("RTC.00001004", {"layout_template": "screen_share_left"}),
    ("RTC.00001004", {"layout_template": "custom", "layout_panes": []}),
]


@pytest.mark.parametrize(("code", "changes"), BAD_MIX_PARAMS)
def test_bad_mix_param_is_refused(sim: Driver, code: str, changes: dict[str, Any]) -> None:
    mix_param = {name: value for name, value in {**GRID, **changes}.items() if value is not None}
    sim.refused(400, code, "POST", sim.new_app() + "/mix-stream-jobs", {"mix_param": mix_param})


def test_missing_mix_param_or_user_is_refused(sim: Driver) -> None:
    path = sim.new_app()
    assert "mix_param" in sim.refused(400, "RTC.00001005", "POST", path + "/mix-stream-jobs", {})
    assert "user_id" in sim.refused(400, "RTC.00001005", "POST", path + "/individual-stream-jobs", {"room_id": "r"})
