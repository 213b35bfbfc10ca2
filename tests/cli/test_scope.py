"""`--target`, `--replace` and `--refresh` on the command line, of `plan` and of `apply`."""

from __future__ import annotations

import pytest

from tests.e2e.support import Cli, Since, Stranger, calls, told

RULE = """
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: a}
spec:
  record_rules:
    - name: default
      obs_addr: {bucket: b, location: cn-north-4, object: x/, project_id: "01234567890123456789012345678901"}
      record_formats: [MP4]
      mp4_config: {record_cycle: 3600}
  record_callback: {url: "http://127.0.0.1:9/hook"}
  mix_stream_jobs:
    - name: lesson
      mix_param: {room_id: r1, encode_template: 1280x720_15_1130, layout_template: nine_grids_view}
      record_param: {record_rule: default}
---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: z}
spec: {}
"""
CHANGED = RULE.replace("3600", "60").replace("/hook", "/other")


@pytest.fixture
def manifest(cli: Cli) -> str:
    """The manifest, applied and then changed in a rule and a callback."""
    grant = {"bucket": "b", "location": "cn-north-4", "operation": 1}
    Stranger().send("PUT", "/v2/rtc-ops/buckets/authentication", grant)
    cli.apply(cli.write(RULE))
    cli.write(CHANGED)
    return "manifest.yaml"


def test_a_partial_apply_makes_the_calls_of_its_target_and_leaves_the_rest_to_the_next_plan(cli: Cli, manifest: str):
    since = Since()
    ran = cli.apply(manifest, "--target", "RecordRule/a/default")
    assert since.told == ["PUT /v2/apps/{app}/record-rules/{rule}"]
    assert "PARTIAL PLAN: only RecordRule/a/default and what that needs; 1 other change is" in ran.text
    assert cli.plan(manifest).pending() == {"RecordCallback/a": "update"}


def test_a_partial_plan_is_marked_in_json(cli: Cli, manifest: str):
    scope = cli.plan(manifest, "--target", "RecordCallback/a", "--target", "App/z").document["scope"]
    assert scope == {"targets": ["App/z", "RecordCallback/a"], "left_out": 1, "refresh": "all", "assumed": 0}


def test_the_account_may_stand_before_an_address(cli: Cli, manifest: str):
    assert cli.plan(manifest, "--target", "default:RecordRule/a/default").pending() == {
        "RecordRule/a/default": "update"
    }
    assert "account" in cli.plan(manifest, "--target", "other:RecordRule/a/default", code=3).err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--target", "RecordRule/a/defualt"), "did you mean RecordRule/a/default?"),
        (("--target", "nonsense"), "nonsense"),
        (("--replace", "RecordRule/a/default"), "only jobs can be made anew"),
        (("--replace", "MixStreamJob/a/x"), "the manifest does not declare it"),
        (("--replace", "MixStreamJob/a/room1", "--target", "RecordRule/a/default"), "is outside of --target"),
        (("--refresh", "some"), "some"),
    ],
)
def test_a_wrong_scope_is_a_usage_error_before_any_call(cli: Cli, manifest: str, arguments: tuple[str, str], says: str):
    before = len(calls(writes=False))
    assert says in cli.sim("plan", manifest, *arguments, code=3).err
    assert len(calls(writes=False)) == before


def test_a_job_is_started_anew_on_request(cli: Cli, manifest: str):
    since = Since()
    where = "MixStreamJob/a/lesson"
    cli.apply(manifest, "--replace", where, "--target", where, code=7)
    assert since.requests == []
    cli.apply(manifest, "--replace", where, "--target", where, "--allow-destroy")
    assert "POST /v2/apps/{app}/mix-stream-jobs" in since.told
    assert since.told[-1] == "DELETE /v2/apps/{app}/mix-stream-jobs/{job}"


def test_a_plan_without_reading_makes_no_call_and_its_apply_reads_what_it_relies_on(cli: Cli, manifest: str):
    before = len(calls(writes=False))
    ran = cli.sim("plan", manifest, "--refresh=none")
    assert len(calls(writes=False)) == before
    assert "5 objects were not read and taken to be as last applied (--refresh=none)." in ran.out
    cli.apply(manifest, "--refresh=none")
    made = calls(writes=False)[before:]
    assert [each["method"] for each in made][:1] == ["GET"]
    assert sorted(told([each for each in made if each["method"] != "GET"])) == [
        "PUT /v2/apps/{app}/record-callback",
        "PUT /v2/apps/{app}/record-rules/{rule}",
    ]
    cli.converged(manifest)


def test_what_was_not_read_and_moved_makes_the_apply_stale(cli: Cli, manifest: str):
    somebody = Stranger()
    app_id = somebody.apps()["a"]["app_id"]
    somebody.send("PUT", f"/v2/apps/{app_id}/record-callback", {"url": "http://127.0.0.1:9/by-hand"})
    since = Since()
    ran = cli.apply(manifest, "--refresh=none", code=5)
    assert "RecordCallback/a" in ran.err
    assert since.requests == []


def test_everything_can_be_combined(cli: Cli, manifest: str):
    found = cli.plan(manifest, "--refresh=changed", "--target", "RecordRule/a/default").document
    assert found["scope"]["refresh"] == "changed"
    assert found["scope"]["left_out"] == 1
