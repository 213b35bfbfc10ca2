"""One thing changed in a manifest: the plan shows exactly that, apply calls exactly that, the next plan is empty."""

from __future__ import annotations

import re

import pytest

from tests.e2e.support import DESTROY, EXAMPLE2, Cli, Since, Stranger, calls

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
"""
AUTOMATIC = """  auto_record_mode:
    mode: AUTO_INDIVIDUAL_RECORD
    record_rule: default
"""
JOB = """  mix_stream_jobs:
    - name: lesson
      mix_param:
        room_id: r1
        encode_template: 1280x720_15_1130
        max_idle_time: 30
        layout_template: screen_share_left
        layout_panes: [{id: 1, user_id: u1, filling_policy: FIXED_USER}]
      record_param: {record_rule: default}
"""
CUSTOM = JOB.replace("screen_share_left", "custom").replace(
    "[{id: 1, user_id: u1, filling_policy: FIXED_USER}]", "[{id: 1, user_id: u1, x: 0, y: 0, width: 1, height: 1}]"
)
APP = RULE.partition("spec:")[0] + "spec: {}\n"


@pytest.fixture(autouse=True)
def bucket(cli: Cli) -> None:
    """The rule's bucket may be written to, by somebody else's doing: a job that can't record fails."""
    grant = {"bucket": "b", "location": "cn-north-4", "operation": 1}
    Stranger().send("PUT", "/v2/rtc-ops/buckets/authentication", grant)


def place_of(text: str, name: str) -> str:
    """Where a member is first named in a manifest, counted from 1."""
    found = re.search(rf"\b(?<!_){name}:", text)
    assert found is not None
    before = text[: found.start()]
    return f"manifest.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def member(path: str, old: object, new: object, place: str, *, forces_replacement: bool = False) -> dict[str, object]:
    flags = {"forces_replacement": forces_replacement, "drift": False}
    return {"path": path, "old": old, "new": new, "place": place, **flags}


@pytest.mark.parametrize(
    ("address", "path", "old", "new", "write"),
    [
        (
            "RecordRule/a/default",
            "mp4_config.record_cycle",
            ("record_cycle: 3600", 3600),
            ("record_cycle: 7000", 7000),
            "PUT /v2/apps/{app}/record-rules/{rule}",
        ),
        (
            "RecordCallback/a",
            "url",
            ("http://one.example/cb", "http://one.example/cb"),
            ("http://two.example/cb", "http://two.example/cb"),
            "PUT /v2/apps/{app}/record-callback",
        ),
        (
            "MixStreamJob/a/lesson",
            "mix_param.max_idle_time",
            ("max_idle_time: 30", 30),
            ("max_idle_time: 60", 60),
            "PUT /v2/apps/{app}/mix-stream-jobs/{job}",
        ),
        (
            "AutoRecordMode/a",
            "mode",
            ("mode: AUTO_INDIVIDUAL_RECORD", "AUTO_INDIVIDUAL_RECORD"),
            ("mode: AUTO_RECORD_OFF", "AUTO_RECORD_OFF"),
            "PUT /v2/apps/{app}/auto-record-mode",
        ),
    ],
    ids=["record_cycle", "callback-url", "max_idle_time", "auto-record-mode"],
)
def test_a_changed_member_is_the_only_one_shown_and_one_call(cli: Cli, address, path, old, new, write):
    text = RULE + AUTOMATIC + "  record_callback: {url: http://one.example/cb}\n" + JOB
    manifest = cli.write(text)
    cli.apply(manifest)
    changed = text.replace(old[0], new[0])
    if path == "mode":
        changed = changed.replace("    record_rule: default\n", "", 1)  # OFF names no rule
    cli.write(changed)
    ran = cli.plan(manifest)
    assert ran.pending() == {address: "update"}
    name = path.rpartition(".")[2]
    assert ran.change(address)["members"] == [member(path, old[1], new[1], place_of(changed, name))]
    since = Since()
    cli.apply(manifest)
    assert since.told == [write]
    cli.converged(manifest)


def test_a_rule_is_sent_whole_again_when_one_member_changes(cli: Cli):
    manifest = cli.write(RULE)
    cli.apply(manifest)
    cli.write(RULE.replace("3600", "60"))
    since = Since()
    cli.apply(manifest)
    body = since.requests[0]["body"]
    assert body["mp4_config"]["record_cycle"] == 60
    assert body["obs_addr"]["bucket"] == "b"
    assert body["record_formats"] == ["MP4"]
    assert "hls_config" not in body  # of a format that nobody asked for


def test_example2_with_another_record_cycle_shows_the_default_as_old(cli: Cli):
    manifest = cli.write(EXAMPLE2.read_text())
    cli.apply(manifest)
    text = EXAMPLE2.read_text().replace("mp4_config: {}", "mp4_config: {record_cycle: 3600}")
    cli.write(text)
    ran = cli.sim("plan", manifest)
    assert "mp4_config.record_cycle  7200 → 3600  # manifest.yaml:27:20\n" in ran.out
    assert ran.out.count(" → ") == 1
    cli.apply(manifest)
    cli.converged(manifest)


def test_another_callback_url_keeps_the_key_and_says_only_the_url_changes(cli: Cli):
    manifest = cli.write(EXAMPLE2.read_text())
    cli.apply(manifest)
    cli.write(EXAMPLE2.read_text().replace("http://mydomain.com/callback", "https://example.com/cb"))
    change = cli.plan(manifest).change("RecordCallback/rtctest")
    assert [each["path"] for each in change["members"]] == ["url"]
    since = Since()
    cli.apply(manifest)
    [request] = since.requests
    assert request["body"] == {"url": "https://example.com/cb", "auth_key": "(secret)"}
    assert request["secrets"] == {"auth_key": {"matches_configured": True}}
    cli.converged(manifest)


def test_another_layout_template_is_a_new_job_before_the_old_one_stops(cli: Cli):
    manifest = cli.write(RULE + JOB)
    cli.apply(manifest)
    changed = RULE + JOB.replace("screen_share_left", "screen_share_right")
    cli.write(changed)
    change = cli.plan(manifest).change("MixStreamJob/a/lesson")
    assert change["action"] == "replace"
    place = place_of(changed, "layout_template")
    path = "mix_param.layout_template"
    assert change["members"] == [
        member(path, "screen_share_left", "screen_share_right", place, forces_replacement=True)
    ]
    since = Since()
    ran = cli.apply(manifest, code=7)
    assert "a recording would be stopped" in ran.err
    assert since.requests == []
    cli.apply(manifest, "--allow-destroy")
    assert since.told == ["POST /v2/apps/{app}/mix-stream-jobs", "DELETE /v2/apps/{app}/mix-stream-jobs/{job}"]
    cli.converged(manifest)


def test_another_custom_layout_is_an_update_of_the_running_job(cli: Cli):
    manifest = cli.write(RULE + CUSTOM)
    cli.apply(manifest)
    cli.write(RULE + CUSTOM.replace("width: 1,", "width: 0.5,"))
    change = cli.plan(manifest).change("MixStreamJob/a/lesson")
    assert (change["action"], len(change["members"])) == ("update", 1)
    since = Since()
    cli.apply(manifest)
    assert since.told == ["PUT /v2/apps/{app}/mix-stream-jobs/{job}"]
    assert since.requests[0]["body"]["mix_param"]["layout_template"] == "custom"
    cli.converged(manifest)


def test_a_member_taken_out_of_the_manifest_goes_back_to_the_servers_default(cli: Cli):
    manifest = cli.write(RULE)
    cli.apply(manifest)
    cli.write(RULE.replace("{record_cycle: 3600}", "{}"))
    change = cli.plan(manifest).change("RecordRule/a/default")
    [shown] = change["members"]
    assert (shown["path"], shown["old"], shown["new"]) == ("mp4_config.record_cycle", 3600, "(server default)")
    since = Since()
    cli.apply(manifest)
    assert "record_cycle" not in since.requests[0]["body"]["mp4_config"]
    cli.converged(manifest)


def test_a_job_taken_out_of_the_manifest_is_stopped(cli: Cli):
    manifest = cli.write(RULE + JOB)
    cli.apply(manifest)
    cli.write(RULE)
    assert cli.plan(manifest).pending() == {"MixStreamJob/a/lesson": "delete"}
    assert "stops a live recording" in cli.sim("plan", manifest).out
    since = Since()
    cli.apply(manifest, code=7)
    assert since.requests == []
    cli.apply(manifest, "--allow-destroy")
    assert since.told == ["DELETE /v2/apps/{app}/mix-stream-jobs/{job}"]
    cli.converged(manifest)


def test_a_job_that_was_stopped_by_hand_stays_stopped(cli: Cli):
    manifest = cli.write(RULE + JOB)
    cli.apply(manifest)
    ids = cli.plan(manifest)  # a look lets it run
    stranger = Stranger()
    path = next(each["path"] for each in calls(writes=False) if each["operation"] == "ShowMixJob")
    stranger.send("DELETE", path)
    since = Since()
    assert ids.document["has_changes"] is False
    assert "is not started again" in cli.apply(manifest).out
    assert since.requests == []


def test_a_rule_goes_after_automatic_recording_let_go_of_it(cli: Cli):
    manifest = cli.write(RULE + AUTOMATIC)
    cli.apply(manifest)
    cli.write(APP)
    assert cli.plan(manifest).pending() == {"AutoRecordMode/a": "delete", "RecordRule/a/default": "delete"}
    since = Since()
    cli.apply(manifest)
    assert since.told == ["PUT /v2/apps/{app}/auto-record-mode", "DELETE /v2/apps/{app}/record-rules/{rule}"]
    assert since.requests[0]["body"] == {"mode": "AUTO_RECORD_OFF"}
    cli.converged(manifest)


def test_a_rule_goes_after_its_job_and_automatic_recording_in_one_apply(cli: Cli):
    manifest = cli.write(RULE + AUTOMATIC + JOB)
    cli.apply(manifest)
    cli.plan(manifest)
    cli.write(APP)
    since = Since()
    cli.apply(manifest, "--allow-destroy")
    assert since.told[-1] == "DELETE /v2/apps/{app}/record-rules/{rule}"
    assert sorted(since.told[:-1]) == [
        "DELETE /v2/apps/{app}/mix-stream-jobs/{job}",
        "PUT /v2/apps/{app}/auto-record-mode",
    ]
    cli.converged(manifest)


def test_a_callback_taken_out_is_forgotten_and_the_plan_says_that_it_stays(cli: Cli):
    manifest = cli.write(RULE + "  record_callback: {url: http://one.example/cb}\n")
    cli.apply(manifest)
    cli.write(RULE)
    ran = cli.sim("plan", manifest, "--detailed-exitcode")
    assert "the API has no call that clears a callback" in " ".join(ran.out.split())
    assert ran.out.endswith("No changes. 1 to record.\n")
    since = Since()
    cli.apply(manifest)
    assert since.requests == []
    after = cli.sim("plan", manifest, "--detailed-exitcode").out
    assert after == "Not managed here and left alone: 1 RecordCallback.\n\nNo changes.\n"


def test_destroy_takes_down_in_the_order_of_the_reference(cli: Cli):
    cli.apply(EXAMPLE2)
    cli.plan(EXAMPLE2)
    since = Since()
    refused = cli.sim("destroy", EXAMPLE2, "--auto-approve", code=7)
    assert "max_deletes is 3" in refused.out
    assert "nothing was changed; --allow-destroy allows it" in refused.err
    assert since.requests == []
    ran = cli.sim("destroy", EXAMPLE2, *DESTROY)
    assert since.told == [
        "DELETE /v2/apps/{app}/mix-stream-jobs/{job}",
        "DELETE /v2/apps/{app}/record-rules/{rule}",
        "DELETE /v2/apps/{app}",
        "PUT /v2/rtc-ops/buckets/authentication",
    ]
    assert since.requests[-1]["body"]["operation"] == 0
    assert ran.out.endswith("Applied: 0 added, 0 changed, 4 destroyed. 1 recorded.\n")
    assert Stranger().apps() == {}
    assert cli.sim("destroy", EXAMPLE2, *DESTROY).out == "No changes.\n"


def test_an_app_taken_out_of_a_set_takes_what_hangs_on_it_first(cli: Cli):
    other = RULE.replace("name: a", "name: kept")
    manifest = cli.write(f"{RULE}{AUTOMATIC}{JOB}---{other}")
    cli.apply(manifest)
    cli.plan(manifest)
    cli.write(other)
    since = Since()
    cli.apply(manifest, code=7)
    assert since.requests == []
    cli.apply(manifest, "--allow-destroy")
    assert since.told[-2:] == ["DELETE /v2/apps/{app}/record-rules/{rule}", "DELETE /v2/apps/{app}"]
    assert len(since.told) == 4
    assert list(Stranger().apps()) == ["kept"]
    cli.converged(manifest)


def test_destroying_names_what_a_stranger_hung_on_the_app(cli: Cli):
    manifest = cli.write(APP)
    cli.apply(manifest)
    stranger = Stranger()
    app_id = stranger.apps()["a"]["app_id"]
    rule = {
        "obs_addr": {"bucket": "theirs", "location": "cn-north-4", "project_id": "0" * 32},
        "record_formats": ["MP4"],
        "mp4_config": {},
    }
    stranger.send("POST", f"/v2/apps/{app_id}/record-rules", rule)
    ran = cli.sim("destroy", manifest, "--auto-approve", code=7)
    assert "it is not ours and would go with its app" in " ".join(ran.out.split())
    since = Since()
    cli.sim("destroy", manifest, *DESTROY)
    assert since.told == ["DELETE /v2/apps/{app}/record-rules/{rule}", "DELETE /v2/apps/{app}"]


def test_prevent_destroy_is_lifted_by_no_flag(cli: Cli):
    manifest = cli.write(APP.replace("spec: {}", "spec: {lifecycle: {prevent_destroy: true}}"))
    cli.apply(manifest)
    since = Since()
    ran = cli.sim("destroy", manifest, *DESTROY, code=7)
    assert "prevent_destroy" in ran.err
    assert since.requests == []
    cli.write(APP)
    cli.apply(manifest)
    cli.sim("destroy", manifest, *DESTROY)
    assert Stranger().apps() == {}


def test_a_set_without_any_app_is_refused_whatever_the_flags(cli: Cli):
    manifest = cli.write(APP)
    cli.apply(manifest)
    cli.write("apiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: default}\n")
    since = Since()
    ran = cli.apply(manifest, "--allow-destroy", code=7)
    assert "to remove everything use destroy" in ran.err
    assert since.requests == []


def test_a_plan_shows_a_refusal_and_does_not_exit_with_it(cli: Cli):
    manifest = cli.write(RULE + JOB)
    cli.apply(manifest)
    cli.write(RULE)
    assert "Needs --allow-destroy: MixStreamJob/a/lesson" in cli.sim("plan", manifest).out
    cli.sim("plan", manifest, "--detailed-exitcode", code=2)
    [refusal] = cli.plan(manifest).document["refusals"]
    assert (refusal["rule"], refusal["lifted_by"]) == ("destroy", "--allow-destroy")


def test_an_apply_that_was_given_consent_does_not_ask_for_it(cli: Cli):
    manifest = cli.write(RULE + JOB)
    cli.apply(manifest)
    cli.write(RULE)
    ran = cli.sim("apply", manifest, "--auto-approve", "--allow-destroy")
    assert "Allowed by --allow-destroy: MixStreamJob/a/lesson" in ran.out
    assert "Needs" not in ran.out


def test_a_callback_that_goes_with_its_replaced_app_is_not_said_to_stay(cli: Cli):
    head = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec:\n"
    manifest = cli.write(head + "  app_name: one\n  record_callback: {url: http://h/cb}\n")
    cli.apply(manifest)
    cli.write(head + "  app_name: two\n")
    assert "goes on sending" not in cli.plan(manifest).out
