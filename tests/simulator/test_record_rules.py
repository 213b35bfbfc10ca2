"""Recording rules: upsert by location, defaults and echoes, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from .driver import GRID, MP4_RULE, Driver

EX2_PREFIX = (
    "Record/{publish_domain}/{app}/{record_type}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}"
)
OF_NO_RULE = {"record_cycle": 0, "record_max_duration_to_merge_file": 0}


def test_rule_of_the_worked_example_is_echoed_to_the_member(sim: Driver) -> None:
    path = sim.new_app()
    rule = sim.done("POST", path + "/record-rules", MP4_RULE, 201)
    assert len(rule["rule_id"]) == 32
    assert rule == {
        "app_id": path[9:],
        "rule_id": rule["rule_id"],
        "obs_addr": MP4_RULE["obs_addr"],
        "record_formats": ["MP4"],
        "hls_config": OF_NO_RULE,
        "mp4_config": {
            "record_cycle": 7200,
            "record_max_duration_to_merge_file": 0,
            "record_prefix": EX2_PREFIX,
        },
        "create_time": "2024-01-15T08:30:00Z",
        "update_time": "2024-01-15T08:30:00Z",
    }


def test_hls_rule_gets_its_defaults_and_zeros_for_mp4(sim: Driver) -> None:
    body = {
        **MP4_RULE,
        "record_formats": ["HLS"],
        "hls_config": {"record_cycle": 0},
        "mp4_config": {"record_cycle": 90},
    }
    rule = sim.done("POST", sim.new_app() + "/record-rules", body, 201)
    assert rule["mp4_config"] == OF_NO_RULE
    assert rule["hls_config"] == {
        "record_cycle": 0,
        "record_slice_duration": 10,
        "record_max_duration_to_merge_file": 0,
        "record_prefix": EX2_PREFIX,
    }


def test_sent_values_are_kept_and_unknown_members_are_not(sim: Driver) -> None:
    config = {"record_cycle": 60, "record_prefix": "{stream}", "record_max_duration_to_merge_file": 300}
    body = {**MP4_RULE, "mp4_config": {**config, "speed": 1}, "publish_param": {"rtmp_urls": ["rtmp://x"]}}
    rule = sim.done("POST", sim.new_app() + "/record-rules", body, 201)
    assert rule["mp4_config"] == config
    assert "publish_param" not in rule


def test_empty_prefix_counts_as_unset(sim: Driver) -> None:
    rule = sim.done("POST", sim.new_app() + "/record-rules", {**MP4_RULE, "mp4_config": {"record_prefix": ""}}, 201)
    assert rule["mp4_config"]["record_prefix"] == EX2_PREFIX


def test_post_rule_for_same_location_replaces_and_keeps_rule_id(sim: Driver) -> None:
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    sim.clock.advance(60)
    replaced = sim.done("POST", path + "/record-rules", {**MP4_RULE, "mp4_config": {"record_cycle": 60}}, 200)
    assert replaced["rule_id"] == rule_id
    assert replaced["mp4_config"]["record_cycle"] == 60
    assert (replaced["create_time"], replaced["update_time"]) == ("2024-01-15T08:30:00Z", "2024-01-15T08:31:00Z")
    assert sim.done("GET", path + "/record-rules") == {"rules": [replaced]}


def test_put_is_a_full_replacement(sim: Driver) -> None:
    path = sim.new_app()
    rule = f"{path}/record-rules/{sim.new_rule(path, {**MP4_RULE, 'mp4_config': {'record_cycle': 60}})}"
    sim.clock.advance(60)
    changed = sim.done("PUT", rule, MP4_RULE)
    assert changed["mp4_config"]["record_cycle"] == 7200
    assert (changed["create_time"], changed["update_time"]) == ("2024-01-15T08:30:00Z", "2024-01-15T08:31:00Z")
    assert sim.done("GET", rule) == changed


def test_rules_are_paged_without_a_count(sim: Driver) -> None:
    path = sim.new_app()
    sim.new_rule(path)
    assert len(sim.done("GET", path + "/record-rules?offset=0&limit=1")["rules"]) == 1
    assert sim.done("GET", path + "/record-rules?offset=1&limit=1") == {"rules": []}
    sim.refused(400, "RTC.00001003", "GET", path + "/record-rules?limit=101")


def test_deleted_rule_is_gone(sim: Driver) -> None:
    path = sim.new_app()
    rule = f"{path}/record-rules/{sim.new_rule(path)}"
    sim.done("DELETE", rule, status=204)
    for method, body in (("GET", None), ("PUT", MP4_RULE), ("DELETE", None)):
        sim.refused(404, "RTC.00001003", method, rule, body)


def test_rule_of_another_app_is_not_found(sim: Driver) -> None:
    rule_id = sim.new_rule(sim.new_app("one"))
    sim.refused(404, "RTC.00001003", "GET", f"{sim.new_app('two')}/record-rules/{rule_id}")


def test_rule_of_a_job_is_not_deleted_until_the_job_is_over(sim: Driver) -> None:
    sim.authorize()
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    rule = f"{path}/record-rules/{rule_id}"
    job = sim.done(
        "POST", path + "/mix-stream-jobs", {"mix_param": GRID, "record_param": {"record_rule_id": rule_id}}, 201
    )
    sim.refused(400, "RTC.00001003", "DELETE", rule)
    sim.clock.advance(1)
    sim.done("GET", f"{path}/mix-stream-jobs/{job['job_id']}")
    sim.refused(400, "RTC.00001003", "DELETE", rule)
    sim.done("DELETE", f"{path}/mix-stream-jobs/{job['job_id']}", status=204)
    sim.done("DELETE", rule, status=204)


def test_rule_of_automatic_recording_is_not_deleted_until_it_is_off(sim: Driver) -> None:
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    sim.done("PUT", path + "/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id})
    sim.refused(400, "RTC.00001003", "DELETE", f"{path}/record-rules/{rule_id}")
    sim.done("PUT", path + "/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    sim.done("DELETE", f"{path}/record-rules/{rule_id}", status=204)


def address(**changes: Any) -> dict[str, Any]:
    return {**MP4_RULE, "obs_addr": {**MP4_RULE["obs_addr"], **changes}}


BAD_RULES = [
    ("RTC.00001005", "obs_addr", {"record_formats": ["MP4"], "mp4_config": {}}),
    ("RTC.00001005", "record_formats", {"obs_addr": MP4_RULE["obs_addr"], "mp4_config": {}}),
    ("RTC.00001005", "obs_addr.bucket", {**MP4_RULE, "obs_addr": {"location": "cn-north-4", "project_id": "p"}}),
    ("RTC.00001005", "hls_config.record_cycle", {**MP4_RULE, "record_formats": ["HLS"], "hls_config": {}}),
    ("RTC.00001004", "hls_config", {**MP4_RULE, "record_formats": ["HLS"]}),
    ("RTC.00001004", "mp4_config", {"obs_addr": MP4_RULE["obs_addr"], "record_formats": ["MP4"]}),
    ("RTC.00001012", "obs_addr.location", address(location="eu-west-101")),
    ("RTC.00001012", "obs_addr.location", address(location="cn-north-1")),
    ("RTC.00001003", "obs_addr.location", address(location=4)),
    ("RTC.00001003", "obs_addr.bucket", address(bucket="")),
    ("RTC.00001003", "record_formats.0", {**MP4_RULE, "record_formats": ["mp4"]}),
    ("RTC.00001003", "record_formats", {**MP4_RULE, "record_formats": []}),
    ("RTC.00001003", "record_formats", {**MP4_RULE, "record_formats": ["MP4", "MP4"]}),
    ("RTC.00001003", "mp4_config.record_cycle", {**MP4_RULE, "mp4_config": {"record_cycle": 59}}),
    ("RTC.00001003", "mp4_config.record_cycle", {**MP4_RULE, "mp4_config": {"record_cycle": 10801}}),
    ("RTC.00001003", "mp4_config.record_cycle", {**MP4_RULE, "mp4_config": {"record_cycle": "7200"}}),
    ("RTC.00001003", "mp4_config.record_cycle", {**MP4_RULE, "mp4_config": {"record_cycle": True}}),
    ("RTC.00001003", "hls_config.record_cycle", {**MP4_RULE, "hls_config": {"record_cycle": 59}}),
    ("RTC.00001003", "mp4_config", {**MP4_RULE, "mp4_config": None}),
    ("RTC.00001003", "", ["MP4"]),
]


@pytest.mark.parametrize(("code", "place", "body"), BAD_RULES)
def test_bad_rule_is_refused_with_the_member_named(sim: Driver, code: str, place: str, body: object) -> None:
    path = sim.new_app()
    assert sim.refused(400, code, "POST", path + "/record-rules", body).endswith(place)
    assert sim.done("GET", path + "/record-rules") == {"rules": []}
    rule = f"{path}/record-rules/{sim.new_rule(path)}"
    sim.refused(400, code, "PUT", rule, body)
