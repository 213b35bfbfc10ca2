"""`drift`: what was changed outside rtcctl, against what was last applied; exit 2 where something was."""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema
import pytest

from rtcctl import simulator
from rtcctl.schema import load as load_schema
from rtcctl.simulator import Options
from tests.e2e.processes import served_simulator
from tests.e2e.support import KEYS, SIMULATED_STATE, Cli, Ran, Since, Stranger, calls

KEY = "fake-callback-key-not-a-real-secret-1"
OTHER_KEY = "another-fake-callback-key-not-real-2"
MANIFEST = """
apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {name: b}
spec: {bucket: b, location: cn-north-4, project_id: "01234567890123456789012345678901"}
---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: a}
spec:
  state: ACTIVATION
  record_rules:
    - name: default
      obs_addr: {bucket: b, location: cn-north-4, object: x/, project_id: "01234567890123456789012345678901"}
      record_formats: [MP4]
      mp4_config: {record_cycle: 3600}
  record_callback: {url: "http://127.0.0.1:9/hook", auth_key: "${env:RTC_KEY}"}
  auto_record_mode: {mode: AUTO_INDIVIDUAL_RECORD, record_rule: default}
  mix_stream_jobs:
    - name: lesson
      mix_param: {room_id: r1, encode_template: 1280x720_15_1130, max_idle_time: 30, layout_template: nine_grids_view}
      record_param: {record_rule: default}
  individual_stream_jobs:
    - {name: speaker, room_id: r1, user_id: u1, record_param: {record_rule: default}}
"""


class Hand:
    """A person who changes things at the account, knowing the ids from the state."""

    def __init__(self) -> None:
        self.stranger = Stranger()
        entries = json.loads(SIMULATED_STATE.read_text())["entries"]
        self.ids: dict[str, dict[str, str]] = {where: entry["ids"] for where, entry in entries.items()}
        self.app = f"/v2/apps/{self.ids['App/a']['app_id']}"

    def path(self, where: str, collection: str, id_: str) -> str:
        return f"{self.app}/{collection}/{self.ids[where][id_]}"

    @property
    def rule(self) -> str:
        return self.path("RecordRule/a/default", "record-rules", "rule_id")

    @property
    def job(self) -> str:
        return self.path("MixStreamJob/a/lesson", "mix-stream-jobs", "job_id")

    def change_the_rule(self, cycle: int = 60) -> None:
        body = self.stranger.send("GET", self.rule)
        body = {name: body[name] for name in ("obs_addr", "record_formats", "mp4_config")}
        self.stranger.send("PUT", self.rule, {**body, "mp4_config": {"record_cycle": cycle}})

    def put(self, below: str, body: dict[str, Any]) -> None:
        self.stranger.send("PUT", f"{self.app}/{below}", body)


@pytest.fixture
def manifest(cli: Cli) -> str:
    """The manifest, applied."""
    cli.environ({"RTC_KEY": KEY})
    cli.apply(cli.write(MANIFEST))
    return "manifest.yaml"


def drift(cli: Cli, *arguments: str, code: int) -> Ran:
    since = Since()
    ran = cli.sim("drift", "manifest.yaml", *arguments, code=code)
    assert since.requests == []
    assert KEY not in ran.text
    assert OTHER_KEY not in ran.text
    return ran


def document(cli: Cli, *, code: int) -> dict[str, Any]:
    found = drift(cli, "--output", "json", code=code).document
    jsonschema.validate(found, load_schema("drift"))
    assert found["has_drift"] is (code == 2)
    return found


def moved(found: dict[str, Any]) -> dict[str, str]:
    return {each["address"]: each["happened"] for each in found["objects"]}


def members(found: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {each["path"]: (each["applied"], each["live"]) for one in found["objects"] for each in one["members"]}


def mended(cli: Cli, *arguments: str) -> None:
    """An apply takes back what happened outside, and says so; then there is no drift."""
    ran = cli.sim("plan", "manifest.yaml", *arguments)
    assert "of these changes repair" in ran.out
    cli.apply("manifest.yaml", "--allow-destroy", *arguments)
    drift(cli, code=0)
    cli.converged("manifest.yaml", *arguments)


def test_after_an_apply_there_is_none(cli: Cli, manifest: str):
    assert drift(cli, code=0).out == "No drift: 7 objects looked at.\n"
    assert document(cli, code=0)["objects"] == []


def test_before_anything_was_applied_there_is_none(cli: Cli):
    cli.environ({"RTC_KEY": KEY})
    cli.write(MANIFEST)
    assert cli.sim("drift", "manifest.yaml").out == "No drift: 0 objects looked at.\n"


def test_a_changed_rule_is_named_member_by_member(cli: Cli, manifest: str):
    Hand().change_the_rule()
    assert drift(cli, code=2).out == (
        "  ~ RecordRule/a/default  # changed outside rtcctl\n"
        "      mp4_config.record_cycle  3600 → 60\n"
        "\n"
        "Drift: 1 changed outside rtcctl, 6 as last applied.\n"
    )
    found = document(cli, code=2)
    assert moved(found) == {"RecordRule/a/default": "changed"}
    assert members(found) == {"mp4_config.record_cycle": (3600, 60)}
    mended(cli)


def test_a_changed_url_and_key_are_told_without_the_key(cli: Cli, manifest: str):
    Hand().put("record-callback", {"url": "http://127.0.0.1:9/other", "auth_key": OTHER_KEY})
    assert members(document(cli, code=2)) == {
        "url": ("http://127.0.0.1:9/hook", "http://127.0.0.1:9/other"),
        "auth_key": ("(secret)", "(another secret)"),
    }
    mended(cli)


def test_a_key_that_was_taken_away_is_told(cli: Cli, manifest: str):
    Hand().put("record-callback", {"url": "http://127.0.0.1:9/hook"})
    assert members(document(cli, code=2)) == {"auth_key": ("(secret)", "(not set)")}
    mended(cli)


def test_automatic_recording_that_was_switched_off_is_told(cli: Cli, manifest: str):
    Hand().put("auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    found = document(cli, code=2)
    assert moved(found) == {"AutoRecordMode/a": "changed"}
    assert members(found)["mode"] == ("AUTO_INDIVIDUAL_RECORD", "AUTO_RECORD_OFF")
    mended(cli)


def test_an_app_that_was_disabled_is_told(cli: Cli, manifest: str):
    hand = Hand()
    hand.stranger.send("POST", f"{hand.app}/disable")
    found = document(cli, code=2)
    assert moved(found)["App/a"] == "changed"
    assert members(found) == {"state": ("ACTIVATION", "DEACTIVATION")}


def test_a_bucket_that_was_withdrawn_is_told(cli: Cli, manifest: str):
    grant = {"bucket": "b", "location": "cn-north-4", "operation": 0}
    Hand().stranger.send("PUT", "/v2/rtc-ops/buckets/authentication", grant)
    assert moved(document(cli, code=2)) == {"BucketAuthorization/b": "deleted"}
    mended(cli)


def test_a_job_that_was_changed_is_told(cli: Cli, manifest: str):
    hand = Hand()
    mix = {"max_idle_time": 90, "layout_template": "custom"}
    panes = [{"id": 1, "user_id": "u1", "x": 0, "y": 0, "width": 1, "height": 1}]
    answer = hand.stranger.send("GET", hand.job)
    assert answer["mix_param"]["max_idle_time"] == 30
    try:
        hand.stranger.send("PUT", hand.job, {"mix_param": {"max_idle_time": 90}})
    except AssertionError:
        hand.stranger.send("PUT", hand.job, {"mix_param": {**mix, "layout_panes": panes}})
    found = document(cli, code=2)
    assert moved(found) == {"MixStreamJob/a/lesson": "changed"}
    assert members(found)["mix_param.max_idle_time"] == (30, 90)
    mended(cli)


def test_a_job_that_a_person_stopped_is_drift_until_it_is_recorded(cli: Cli, manifest: str):
    hand = Hand()
    hand.stranger.send("DELETE", hand.job)
    ran = drift(cli, code=2)
    assert "  - MixStreamJob/a/lesson  # stopped outside rtcctl (TENANT_STOP)\n" in ran.out
    assert ran.out.endswith("Drift: 1 stopped outside rtcctl, 6 as last applied.\n")
    assert moved(document(cli, code=2)) == {"MixStreamJob/a/lesson": "stopped"}
    cli.apply("manifest.yaml")
    drift(cli, code=0)


def test_a_stream_job_that_a_person_stopped_is_drift(cli: Cli, manifest: str):
    hand = Hand()
    hand.stranger.send("DELETE", hand.path("IndividualStreamJob/a/speaker", "individual-stream-jobs", "job_id"))
    assert moved(document(cli, code=2)) == {"IndividualStreamJob/a/speaker": "stopped"}


def test_a_job_that_ended_by_itself_is_told_and_is_no_drift(cli: Cli):
    """Its bucket was withdrawn before it started, so that it fails."""
    cli.environ({"RTC_KEY": KEY})
    cli.apply(cli.write(MANIFEST.partition("---")[2]))  # nobody authorized the bucket
    ran = drift(cli, code=0)
    assert "    MixStreamJob/a/lesson  # ended by itself (INTERNAL_ERROR)\n" in ran.out
    assert ran.out.endswith("No drift: 6 objects looked at.\n")
    assert set(moved(document(cli, code=0)).values()) == {"ended"}


def test_an_app_that_was_deleted_takes_all_below_it_along(cli: Cli, manifest: str):
    hand = Hand()
    hand.stranger.send("DELETE", hand.job)
    hand.stranger.send("DELETE", hand.path("IndividualStreamJob/a/speaker", "individual-stream-jobs", "job_id"))
    hand.put("auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    hand.stranger.send("DELETE", hand.rule)
    assert moved(document(cli, code=2))["RecordRule/a/default"] == "deleted"
    hand.stranger.send("DELETE", hand.app)
    assert moved(document(cli, code=2)) == {
        "App/a": "deleted",
        "RecordRule/a/default": "deleted",
        "RecordCallback/a": "deleted",
        "AutoRecordMode/a": "deleted",
        "MixStreamJob/a/lesson": "ended",
        "IndividualStreamJob/a/speaker": "ended",
    }
    mended(cli)


def test_drift_compares_with_what_was_applied_whatever_is_declared_today(cli: Cli, manifest: str):
    cli.write(MANIFEST.replace("record_cycle: 3600", "record_cycle: 7000"))
    drift(cli, code=0)
    Hand().change_the_rule(7000)
    assert members(document(cli, code=2)) == {"mp4_config.record_cycle": (3600, 7000)}
    cli.apply(manifest)  # declared as it is now: recorded without a call
    drift(cli, code=0)


def test_what_the_manifest_no_longer_declares_is_looked_at_as_long_as_it_is_owned(cli: Cli, manifest: str):
    Hand().change_the_rule()
    other = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n"
    cli.write(other)
    assert moved(document(cli, code=2)) == {"RecordRule/a/default": "changed"}


def test_a_member_that_nobody_declared_may_be_anything(cli: Cli):
    cli.environ({"RTC_KEY": KEY})
    cli.apply(cli.write(MANIFEST.replace("mp4_config: {record_cycle: 3600}", "mp4_config: {}")))
    Hand().change_the_rule(60)
    drift(cli, code=0)


@pytest.fixture
def masking(cli: Cli) -> None:
    options = Options(variants=frozenset({"masked-keys"}), start_delay=0)
    make = functools.partial(simulator.create_app.func, options=options)  # type: ignore[attr-defined]
    cli.monkeypatch.setattr(simulator, "create_app", make)


def test_a_masked_key_is_no_drift_and_a_rotated_one_is_planned(cli: Cli, masking: None):
    cli.environ({"RTC_KEY": KEY})
    cli.apply(cli.write(MANIFEST))
    drift(cli, code=0)
    cli.converged("manifest.yaml")
    cli.environ({"RTC_KEY": OTHER_KEY})
    drift(cli, code=0)  # what is wanted now is not what drift asks about
    ran = cli.plan("manifest.yaml")
    assert ran.pending() == {"RecordCallback/a": "update"}
    assert [member["drift"] for member in ran.change("RecordCallback/a")["members"]] == [False]
    cli.apply("manifest.yaml")
    drift(cli, code=0)
    cli.converged("manifest.yaml")
    assert calls()[-1]["body"]["auth_key"] == "(secret)"


def test_a_masked_key_that_was_taken_away_is_drift(cli: Cli, masking: None):
    cli.environ({"RTC_KEY": KEY})
    cli.apply(cli.write(MANIFEST))
    Hand().put("record-callback", {"url": "http://127.0.0.1:9/hook"})
    assert members(document(cli, code=2)) == {"auth_key": ("(secret)", "(not set)")}
    mended(cli)


def test_over_http_it_is_the_same(cli: Cli):
    with served_simulator(cli.folder / "served.db") as url:
        cli.environ({**KEYS, "RTCCTL_ENDPOINT": url, "RTC_KEY": KEY})
        manifest = cli.write(MANIFEST.partition("  mix_stream_jobs")[0])
        cli("apply", "-f", manifest, "--auto-approve")
        assert cli("drift", "-f", manifest).out == "No drift: 5 objects looked at.\n"
        # Somebody else's manifest, with a state of its own, changes the same app.
        cli.environ({"RTCCTL_STATE": "elsewhere"})
        cli.write(MANIFEST.partition("  mix_stream_jobs")[0].replace("3600", "60"), "other.yaml")
        cli("apply", "-f", "other.yaml", "--auto-approve")
        cli.monkeypatch.delenv("RTCCTL_STATE")
        ran = cli("drift", "-f", manifest, "--output", "json", code=2)
        jsonschema.validate(ran.document, load_schema("drift"))
        assert members(ran.document) == {"mp4_config.record_cycle": (3600, 60)}


def test_a_foreign_state_is_refused_before_any_call(cli: Cli, manifest: str):
    text = SIMULATED_STATE.read_text().replace('"endpoint": "simulator"', '"endpoint": "https://rtc.example.com"')
    SIMULATED_STATE.write_text(text)
    before = len(calls(writes=False))
    cli.sim("drift", manifest, code=5)
    assert len(calls(writes=False)) == before
