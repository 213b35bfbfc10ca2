"""What exists already: adopted when it is declared, never touched when it is not."""

from __future__ import annotations

import shutil

from tests.e2e.support import EXAMPLE2, Cli, Since, Stranger

APP = """
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: shared}
spec:
  auto_record_mode: {mode: AUTO_RECORD_OFF}
"""
RULE = {
    "obs_addr": {"bucket": "theirs", "location": "cn-north-4", "object": "x/", "project_id": "0" * 32},
    "record_formats": ["MP4"],
    "mp4_config": {"record_cycle": 3600},
}


def foreign_app(stranger: Stranger, name: str) -> str:
    """An app with a rule, a callback and automatic recording, as somebody else would have made it."""
    app_id = stranger.new_app(name)
    rule = stranger.send("POST", f"/v2/apps/{app_id}/record-rules", RULE)
    mode = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule["rule_id"]}
    stranger.send("PUT", f"/v2/apps/{app_id}/auto-record-mode", mode)
    callback = {"url": "https://theirs.example/cb", "auth_key": "fake-key-of-a-stranger-0000000000000"}
    stranger.send("PUT", f"/v2/apps/{app_id}/record-callback", callback)
    return app_id


def test_an_app_of_that_name_is_adopted_without_a_call(cli: Cli):
    manifest = cli.write(APP)
    stranger = Stranger()
    app_id = stranger.new_app("shared")
    before = stranger.apps()
    ran = cli.plan(manifest)
    app = ran.change("App/shared")
    assert (app["action"], app["adopt"], app["steps"]) == ("import", True, [])
    text = cli.sim("plan", manifest, "--detailed-exitcode").out
    assert text.endswith("No changes. 2 to record.\n")
    since = Since()
    applied = cli.apply(manifest)
    assert since.requests == []
    assert applied.out.endswith("No changes. 2 to record.\n")
    assert stranger.apps() == before
    assert before["shared"]["app_id"] == app_id
    cli.converged(manifest)


def test_an_adopted_app_gets_only_what_it_lacks(cli: Cli):
    stranger = Stranger()
    stranger.new_app("rtctest")
    stranger.send(
        "PUT",
        "/v2/rtc-ops/buckets/authentication",
        {"bucket": "obsName", "operation": 1, "location": "cn-north-4", "project_id": "0" * 32},
    )
    since = Since()
    refused = cli.apply(EXAMPLE2, code=7)
    assert "jobs can't be listed" in " ".join(refused.out.split())
    assert refused.err.rstrip().endswith("--start-unknown-jobs allows it")
    assert since.requests == []
    cli.apply(EXAMPLE2, "--start-unknown-jobs")
    assert since.told == [
        "POST /v2/apps/{app}/record-rules",
        "PUT /v2/apps/{app}/record-callback",
        "POST /v2/apps/{app}/mix-stream-jobs",
    ]
    assert list(stranger.apps()) == ["rtctest"]
    cli.converged(EXAMPLE2)


def test_differences_of_an_adopted_app_are_changes_with_old_and_new(cli: Cli):
    stranger = Stranger()
    foreign_app(stranger, "shared")
    manifest = cli.write(APP)
    change = cli.plan(manifest).change("AutoRecordMode/shared")
    assert (change["action"], change["adopt"]) == ("update", True)
    [mode] = [each for each in change["members"] if each["path"] == "mode"]
    assert (mode["old"], mode["new"]) == ("AUTO_INDIVIDUAL_RECORD", "AUTO_RECORD_OFF")
    since = Since()
    cli.apply(manifest)
    assert since.told == ["PUT /v2/apps/{app}/auto-record-mode"]
    shown = stranger.apps()["shared"]
    assert shown["callbacks"]["record_callback"]["url"] == "https://theirs.example/cb"  # nobody declared it


def test_a_foreign_app_is_counted_and_never_touched(cli: Cli):
    stranger = Stranger()
    foreign_app(stranger, "theirs")
    before = stranger.apps()["theirs"]
    assert "left alone: 1 App" in cli.sim("plan", EXAMPLE2).out
    cli.apply(EXAMPLE2)
    cli.plan(EXAMPLE2)
    cli.sim("destroy", EXAMPLE2, "--auto-approve", "--allow-destroy")
    assert stranger.apps() == {"theirs": before}


def test_losing_the_state_makes_no_second_app(cli: Cli):
    manifest = cli.write(APP)
    cli.apply(manifest)
    shutil.rmtree(cli.folder / ".rtcctl" / "simulator.db.state")
    since = Since()
    cli.apply(manifest)
    assert since.requests == []
    cli.converged(manifest)


def test_an_app_deleted_outside_is_made_again_with_all_that_hangs_on_it(cli: Cli):
    manifest = cli.write(APP)
    cli.apply(manifest)
    stranger = Stranger()
    stranger.send("DELETE", f"/v2/apps/{stranger.apps()['shared']['app_id']}")
    assert "deleted outside rtcctl" in cli.sim("plan", manifest).out
    cli.apply(manifest)
    assert list(stranger.apps()) == ["shared"]
    cli.converged(manifest)
