"""Example 2 of the API Reference: what reaches the service is what the reference sends, and then nothing more."""

from __future__ import annotations

import io
import json
import re
import stat
import sys

from rtcctl.simulator import ACCOUNT
from tests.e2e.support import (
    AUTH_KEY,
    DATA,
    EXAMPLE2,
    SIMULATED_STATE,
    Cli,
    Since,
    calls,
    check_document,
    start_jobs_within,
    told,
)

ADDRESSES = [
    "BucketAuthorization/recordings",
    "App/rtctest",
    "RecordRule/rtctest/default",
    "RecordCallback/rtctest",
    "MixStreamJob/rtctest/room001",
]
WRITES = [
    "PUT /v2/rtc-ops/buckets/authentication",
    "POST /v2/apps",
    "POST /v2/apps/{app}/record-rules",
    "PUT /v2/apps/{app}/record-callback",
    "POST /v2/apps/{app}/mix-stream-jobs",
]


def test_the_plan_shows_five_creates_with_their_members(cli: Cli):
    ran = cli.sim("plan", EXAMPLE2)
    for address in ADDRESSES:
        assert f"  + {address}\n" in ran.out
    for shown in (
        'app_name  "rtctest"',
        "mp4_config           {}",
        'url       "http://mydomain.com/callback"',
        "auth_key  (secret #1)",
        'mix_param.encode_template    "1920x1080_30_4620"',
        "mix_param.max_idle_time      30",
        'mix_param.layout_template    "nine_grids_view"',
    ):
        assert shown in ran.out
    assert ran.out.endswith("Plan: 5 to add, 0 to change, 0 to destroy.\n")
    assert ran.err == ""


def test_a_plan_writes_nothing_neither_to_the_service_nor_to_a_state(cli: Cli):
    cli.sim("plan", EXAMPLE2)
    assert calls() == []
    assert not SIMULATED_STATE.exists()


def test_the_plan_as_json_is_what_its_schema_says(cli: Cli):
    ran = cli.plan(EXAMPLE2)
    check_document(ran.document, "plan")
    assert ran.pending() == dict.fromkeys(ADDRESSES, "create")
    job = ran.change("MixStreamJob/rtctest/room001")
    assert job["place"] == f"{EXAMPLE2}:33:7"
    members = {member["path"]: member["new"] for member in job["members"]}
    assert "known after apply" in str(members["record_param.record_rule_id"])


def test_the_writes_are_those_of_the_reference_in_its_order(cli: Cli):
    cli.monkeypatch.setenv("RTC_CALLBACK_KEY", AUTH_KEY)
    cli.apply(EXAMPLE2)
    requests = calls()
    assert told(requests) == WRITES
    assert [each["status"] for each in requests] == [200, 201, 201, 200, 201]
    obs_addr = {
        "bucket": "obsName",
        "location": "cn-north-4",
        "object": "Record/",
        "project_id": ACCOUNT.project_id,
    }
    bucket, app, rule, callback, job = (each["body"] for each in requests)
    assert bucket == {
        "bucket": "obsName",
        "operation": 1,
        "location": "cn-north-4",
        "project_id": ACCOUNT.project_id,
    }
    assert app == {"app_name": "rtctest"}
    assert rule == {"obs_addr": obs_addr, "record_formats": ["MP4"], "mp4_config": {}}
    assert callback == {"url": "http://mydomain.com/callback", "auth_key": "(secret)"}
    assert requests[3]["secrets"] == {"auth_key": {"matches_configured": True}}
    assert job["mix_param"] == {
        "room_id": "room001",
        "encode_template": "1920x1080_30_4620",
        "max_idle_time": 30,
        "layout_template": "nine_grids_view",
    }
    state = json.loads(SIMULATED_STATE.read_text())
    assert job["record_param"] == {"record_rule_id": state["entries"]["RecordRule/rtctest/default"]["ids"]["rule_id"]}


def test_automatic_recording_is_not_touched_since_the_example_has_none(cli: Cli):
    cli.apply(EXAMPLE2)
    assert not [each for each in calls(writes=False) if "auto-record" in each["path"]]


def test_the_second_plan_is_empty_and_the_exit_code_tells(cli: Cli):
    cli.sim("plan", EXAMPLE2, "--detailed-exitcode", code=2)
    cli.apply(EXAMPLE2)
    ran = cli.sim("plan", EXAMPLE2, "--detailed-exitcode")
    assert (ran.out, ran.err) == ("No changes.\n", "")
    assert cli.plan(EXAMPLE2).document["has_changes"] is False


def test_the_apply_tells_each_call_and_each_objects_state(cli: Cli):
    ran = cli.apply(EXAMPLE2)
    for number, address in enumerate(ADDRESSES, 1):
        assert re.search(rf"^\[{number}/5\] {address}: \w+ … done \(\d\.\d s\)$", ran.err, re.MULTILINE)
        assert re.search(rf"^  {address} +created", ran.out, re.MULTILINE)
    assert re.search(r"MixStreamJob/rtctest/room001 +created INIT [0-9a-f]{32}$", ran.out, re.MULTILINE)
    assert ran.out.endswith("\nApplied: 5 added, 0 changed, 0 destroyed.\n")


def test_the_result_as_json_is_what_its_schema_says(cli: Cli):
    ran = cli.apply(EXAMPLE2, "--output", "json")
    check_document(ran.document, "result")
    assert ran.document["exit_code"] == 0
    assert ran.document["calls"] == 5
    assert [each["address"] for each in ran.document["changes"]] == ADDRESSES
    assert {each["outcome"] for each in ran.document["changes"]} == {"done"}


def test_an_apply_after_an_apply_sends_nothing_and_leaves_the_state_as_it_is(cli: Cli):
    cli.apply(EXAMPLE2)
    before, since = SIMULATED_STATE.read_bytes(), Since()
    ran = cli.apply(EXAMPLE2)
    assert ran.out == "No changes.\n"
    assert since.requests == []
    assert SIMULATED_STATE.read_bytes() == before
    assert cli.sim("apply", EXAMPLE2).out == "No changes.\n"  # nothing to do is nothing to ask


def test_the_serial_rises_by_one_with_each_apply_that_does_something(cli: Cli):
    manifest = cli.write(EXAMPLE2.read_text())
    cli.apply(manifest)
    first = json.loads(SIMULATED_STATE.read_text())
    cli.write(EXAMPLE2.read_text().replace("mydomain.com", "example.com"))
    cli.apply(manifest)
    second = json.loads(SIMULATED_STATE.read_text())
    assert (first["lineage"], first["serial"] + 1) == (second["lineage"], second["serial"])


def test_the_state_is_for_its_owner_only_and_has_a_backup(cli: Cli):
    cli.apply(EXAMPLE2)
    backup = SIMULATED_STATE.with_name(SIMULATED_STATE.name + ".backup")
    for path in (SIMULATED_STATE, backup, DATA):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_job_that_still_initializes_is_waited_for(cli: Cli):
    start_jobs_within(0.3, cli.monkeypatch)
    cli.apply(EXAMPLE2)
    since = Since()
    cli.sim("destroy", EXAMPLE2, "--auto-approve", "--allow-destroy")
    stops = [each["status"] for each in since.requests if each["operation"] == "StopMixJob"]
    assert stops in ([400, 204], [204])  # whether the moment has passed is the machine's affair


def test_the_manifest_may_come_from_standard_input_and_from_a_folder(cli: Cli, monkeypatch):
    text = EXAMPLE2.read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    cli.apply("-")
    cli.write(text.decode(), "set/a.yaml")
    cli.converged("set")
