"""A saved plan that does not fit any more is refused before the first call, and what moved is named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rtcctl.planfile import file
from rtcctl.simulator import create_app
from rtcctl.simulator.store import Store
from tests.e2e.saved import (
    APP,
    EVERYTHING,
    MANIFEST,
    PLAN,
    RULE_BODY,
    applied,
    apply_file,
    edited,
    paths,
    refused,
    save,
)
from tests.e2e.support import (
    KEYS,
    SIMULATED_STATE,
    USER,
    Cli,
    Heard,
    Loopback,
    Reply,
    Since,
    Stranger,
    simulated,
)


def job_path(stranger: Stranger, cli: Cli) -> str:
    state = json.loads((cli.folder / SIMULATED_STATE).read_text())
    return f"{paths(stranger)[2]}/{state['entries']['MixStreamJob/a/lesson']['ids']['job_id']}"


def test_a_rule_that_somebody_changed(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    stranger = Stranger()
    stranger.send("PUT", paths(stranger)[1], {**RULE_BODY, "mp4_config": {"record_cycle": 5000}})
    ran = refused(
        cli,
        "error: the live account is not what the plan was made for",
        "RecordRule/a/default: mp4_config.record_cycle was 3600, is 5000 now",
        "= nothing was changed; plan again",
    )
    assert ran.out == ""


def test_an_undeclared_member_that_would_be_sent_again(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    stranger = Stranger()
    config = {"record_cycle": 3600, "record_prefix": "by-hand/{stream}"}
    stranger.send("PUT", paths(stranger)[1], {**RULE_BODY, "mp4_config": config})
    refused(cli, "RecordRule/a/default: mp4_config.record_prefix was", 'is "by-hand/{stream}" now')


def test_an_app_that_is_gone(cli: Cli):
    manifest = applied(cli, APP)
    cli.write(APP.replace("{}", "{state: DEACTIVATION}"))
    save(cli, manifest)
    stranger = Stranger()
    app_id = stranger.apps()["a"]["app_id"]
    stranger.send("DELETE", f"/v2/apps/{app_id}")
    refused(cli, f"App/a: it is gone (app_id {app_id})")


def test_an_app_that_the_plan_would_make_and_somebody_made_meanwhile(cli: Cli):
    save(cli, cli.write(APP))
    app_id = Stranger().new_app("a")
    refused(cli, f"App/a: it was not there, but is now (app_id {app_id})")


def test_a_job_that_ended(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    stranger = Stranger()
    path = job_path(stranger, cli)
    stranger.send("DELETE", path)
    refused(cli, f"MixStreamJob/a/lesson: the job (job_id {path.rpartition('/')[2]}) is over now")


def test_a_job_that_was_over_and_runs_after_all(cli: Cli):
    applied(cli)
    stranger = Stranger()
    path = job_path(stranger, cli)
    stranger.send("DELETE", path)
    assert save(cli, Path("manifest.yaml")).out.endswith("No changes. 1 to record.\n")
    store = stranger.app.state.simulator.store
    with store.transaction():
        _revive(store, path.rpartition("/")[2])
    refused(cli, f"MixStreamJob/a/lesson: the job (job_id {path.rpartition('/')[2]}) is not over now")


def _revive(store: Store, job_id: str) -> None:
    [app] = [one for one in store.collection("app", "simulator").list() if one["app_name"] == "a"]
    jobs = store.collection("mix_job", "simulator", app["app_id"])
    row = jobs.get(job_id) or {}
    jobs.put(job_id, {**row, "job": {**row["job"], "state": "RUNNING"}}, state="RUNNING")


def test_a_rule_of_somebody_under_an_app_that_goes(cli: Cli):
    applied(cli, f"{APP}---\n{APP.replace('name: a', 'name: b')}")
    save(cli, cli.write(APP.replace("name: a", "name: b")))
    stranger = Stranger()
    app_id = stranger.apps()["a"]["app_id"]
    rule_id = stranger.send("POST", f"/v2/apps/{app_id}/record-rules", RULE_BODY)["rule_id"]
    refused(cli, "App/a: a RecordRule hangs on it now that was not there", rule_id)


def test_a_rule_that_goes_and_is_used_by_now(cli: Cli):
    rules = MANIFEST.partition("  record_callback")[0]
    applied(cli, rules)
    save(cli, cli.write(APP))
    stranger = Stranger()
    app, rule, _ = paths(stranger)
    body = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule.rpartition("/")[2]}
    stranger.send("PUT", f"{app}/auto-record-mode", body)
    refused(cli, 'AutoRecordMode/a: mode was "AUTO_RECORD_OFF", is "AUTO_INDIVIDUAL_RECORD" now')


def test_an_app_that_was_disabled_before_its_job_starts(cli: Cli):
    without_job = MANIFEST.partition("  mix_stream_jobs")[0]
    applied(cli, without_job)
    save(cli, edited(cli))
    stranger = Stranger()
    stranger.send("POST", f"{paths(stranger)[0]}/disable")
    refused(cli, 'App/a: state was "ACTIVATION", is "DEACTIVATION" now')


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"url": "http://by.hand/cb"}, 'RecordCallback/a: url was "http://one.example/cb", is "http://by.hand/cb" now'),
        (
            {"url": "http://one.example/cb", "auth_key": "fake-key-by-hand"},
            "RecordCallback/a: auth_key was as declared, is another than declared now",
        ),
        ({"url": "http://one.example/cb", "auth_key": ""}, "auth_key was as declared, is not set now"),
    ],
)
def test_a_callback_that_somebody_changed(cli: Cli, body, words):
    applied(cli)
    save(cli, edited(cli, ("one.example", "two.example")))
    stranger = Stranger()
    stranger.send("PUT", f"{paths(stranger)[0]}/record-callback", body)
    ran = refused(cli, words)
    assert "by-hand" not in ran.text or "auth_key" not in body


def test_a_key_that_nobody_declares_and_that_would_be_lost(cli: Cli):
    text = MANIFEST.replace("    auth_key: ${env:KEY}\n", "")
    applied(cli, text)
    save(cli, edited(cli, ("one.example", "two.example"), text=text))
    stranger = Stranger()
    body = {"url": "http://one.example/cb", "auth_key": "fake-key-by-hand"}
    stranger.send("PUT", f"{paths(stranger)[0]}/record-callback", body)
    refused(cli, "RecordCallback/a: auth_key was not set, is set now")


def test_a_variable_that_holds_another_key_by_now(cli: Cli):
    applied(cli)
    save(cli, edited(cli, ("one.example", "two.example")))
    cli.monkeypatch.setenv("KEY", "fake-callback-key-not-a-real-secret-2")
    refused(cli, "auth_key was as declared, is another than declared now")


def test_everything_that_moved_is_named_also_as_json(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    stranger = Stranger()
    app, rule, _ = paths(stranger)
    stranger.send("PUT", rule, {**RULE_BODY, "mp4_config": {"record_cycle": 5000}})
    stranger.send("PUT", f"{app}/record-callback", {"url": "http://by.hand/cb"})
    error = apply_file(cli, "--output", "json", code=5).document["error"]
    assert error["type"] == "StalePlanError"
    assert [line.partition(":")[0] for line in error["details"]] == [
        "RecordRule/a/default",
        "RecordCallback/a",
        "RecordCallback/a",
    ]


def test_a_state_that_moved_on(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    cli.apply(edited(cli, ("one.example", "three.example")))
    state = json.loads((cli.folder / SIMULATED_STATE).read_text())
    refused(cli, "the state moved on since the plan was made, from serial", f"to {state['serial']}", "plan again")


def test_a_first_plan_after_somebody_applied(cli: Cli):
    save(cli, cli.write(APP))
    cli.apply(cli.write(APP.replace("name: a", "name: b")))
    refused(cli, "the state moved on since the plan was made, from serial 0 to")


def test_a_state_that_is_gone(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    (cli.folder / SIMULATED_STATE).unlink()
    refused(cli, "the plan was made against a state that is not at", "default.state.json")


def test_a_state_of_another_lineage(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    path = cli.folder / SIMULATED_STATE
    state = json.loads(path.read_text())
    path.write_text(json.dumps({**state, "lineage": "f" * 32}))
    refused(cli, "the plan was made against another state than")


def test_a_plan_is_applied_once(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    apply_file(cli)
    refused(cli, "the state moved on")


def test_another_project_has_another_state(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    path = cli.folder / PLAN
    document = json.loads(path.read_text())
    document.pop("digest")
    document["project"] = "other"
    path.write_text(json.dumps({**document, "digest": file._digest(document)}))
    refused(cli, "the plan was made against a state that is not at", "other/default.state.json")


def test_the_state_of_another_project_in_its_place(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    path = cli.folder / SIMULATED_STATE
    path.write_text(path.read_text().replace('"project": "default"', '"project": "other"'))
    refused(cli, "belongs to project 'other'")


def test_the_simulator_in_place_of_an_endpoint_and_the_other_way_round(cli: Cli):
    app = create_app()
    cli.environ(KEYS)
    with Loopback(simulated(app)) as server:
        cli("plan", "-f", cli.write(APP), "--endpoint", server.url, "--out", PLAN)
        refused(cli, f"the plan was made for endpoint '{server.url}', not 'simulator'", "nothing was called")
        ran = cli("apply", PLAN, "--endpoint", "http://127.0.0.1:1", code=5)
        assert f"endpoint '{server.url}', not 'http://127.0.0.1:1'" in ran.err
        before = len(server.heard)
        cli.environ({"HUAWEICLOUD_SDK_PROJECT_ID": "another-project"})
        ran = cli("apply", PLAN, "--endpoint", server.url, code=5)
        assert "project_id" in ran.err
        assert "not 'another-project'" in ran.err
        assert len(server.heard) == before


def test_another_account_that_answers(cli: Cli):
    cli.environ(USER)
    answer, names = simulated(create_app()), [b"simulator"]

    def named(request: Heard) -> Reply:
        reply = answer(request)
        body = reply.body.replace(b'"tenant_name":"simulator"', b'"tenant_name":"%s"' % names[-1])
        return replace(reply, body=body)

    with Loopback(named) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url, "HUAWEICLOUD_SDK_IAM_ENDPOINT": server.url})
        cli("apply", "-f", cli.write(APP), "--auto-approve")
        cli("plan", "-f", cli.write(APP.replace("{}", "{state: DEACTIVATION}")), "--out", PLAN)
        names.append(b"somebody")
        ran = cli("apply", PLAN, code=5)
        assert "the plan was made for tenant_name 'simulator', not 'somebody'" in ran.err
        assert not any(each.path.endswith("/disable") for each in server.heard)


def test_a_folder_elsewhere_finds_no_state(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    elsewhere = cli.folder / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(cli.folder / PLAN, elsewhere / PLAN)
    cli.monkeypatch.chdir(elsewhere)
    assert "a state that is not at" in cli("apply", PLAN, "--simulator", code=5).err


def test_another_manifest_than_the_planned_one(cli: Cli):
    manifest = applied(cli)
    edited(cli, *EVERYTHING)
    save(cli, manifest)
    edited(cli, *EVERYTHING[:1])
    since = Since()
    ran = cli("apply", PLAN, "-f", manifest, "--simulator", code=5)
    assert "the plan was made from another version of the manifest" in ran.err
    assert since.requests == []
    edited(cli, *EVERYTHING)
    cli("apply", PLAN, "-f", manifest, "--simulator")
    cli.converged(manifest)
