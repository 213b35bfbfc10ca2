"""Plan files over several accounts, jobs in several, and what is seen of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from rtcctl.state.holder import Holder
from tests.e2e.accounts import (
    HOOK,
    JOB,
    NAMES,
    RULE,
    SECRETS,
    Fleet,
    both,
    serving,
    state_of,
    with_wrong_ones,
    without_credentials,
)
from tests.e2e.support import Cli, Json, Reply, check_document
from tests.reports.support import validate

FULL = RULE + HOOK


@pytest.fixture
def fleet(cli: Cli) -> Iterator[Fleet]:
    with serving(cli) as found:
        yield found


def refusing(status: int = 401) -> Reply:
    return Reply(status, b'{"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information"}')


def change(ran_document: Json, address: str) -> Json:
    [found] = [each for each in ran_document["changes"] if each["address"] == address]
    return dict(found)


# Saved plans


def save(fleet: Fleet, *arguments: str) -> str:
    return fleet.plan("manifest.yaml", "--out", "plan.json", *arguments).err


def test_a_saved_plan_over_two_accounts_makes_exactly_its_calls(fleet: Fleet):
    fleet.cli.write(both(FULL))
    said = save(fleet)
    assert said.endswith("make exactly these calls with: rtcctl apply plan.json\n")
    document = json.loads(Path("plan.json").read_text())
    check_document(document, "plan")
    assert [each["name"] for each in document["accounts"]] == ["edu", "events"]
    assert [each["plan"]["changes"][0]["address"] for each in document["accounts"]] == ["App/a", "App/a"]
    shown = fleet.cli("show", "plan.json")
    assert "+ events:App/a\n" in shown.out
    assert "account edu at http://127.0.0.1:" in shown.err
    fleet.forget()
    ran = fleet.cli("apply", "plan.json")
    assert ran.out.endswith("Applied: 6 added, 0 changed, 0 destroyed.\n")
    fleet.converged("manifest.yaml")
    for text in (Path("plan.json").read_text(), ran.text, shown.text):
        assert not any(secret in text for secret in SECRETS.values())


def test_two_plan_files_of_one_situation_differ_in_the_time_alone(fleet: Fleet):
    fleet.cli.write(both(FULL))
    save(fleet)
    one = json.loads(Path("plan.json").read_text())
    save(fleet)
    other = json.loads(Path("plan.json").read_text())
    for document in (one, other):
        del document["created"], document["digest"]
    assert json.dumps(one) == json.dumps(other)


def test_a_saved_plan_that_is_stale_in_one_account_is_refused_in_all(fleet: Fleet):
    fleet.cli.write(both())
    save(fleet)
    fleet.events.hand("POST", "/v2/apps", {"app_name": "a"})
    fleet.forget()
    ran = fleet.cli("apply", "plan.json", code=5)
    assert "account events: " in ran.err
    assert fleet.edu.writes == fleet.events.writes == []
    save(fleet)
    fleet.apply("manifest.yaml", "--account", "edu")
    fleet.forget()
    ran = fleet.cli("apply", "plan.json", code=5)
    assert "account edu: the state moved on" in ran.err
    assert fleet.events.writes == []
    fleet.cli.monkeypatch.setenv("EVENTS_RTCCTL_ENDPOINT", fleet.edu.server.url)
    assert "account events: the plan was made for endpoint" in fleet.cli("apply", "plan.json", code=5).err


def test_a_saved_plan_is_applied_as_a_whole_or_not_at_all(fleet: Fleet):
    fleet.cli.write(both())
    save(fleet)
    fleet.forget()
    ran = fleet.cli("apply", "plan.json", "--account", "edu", code=3)
    assert "the plan is for the account events too" in ran.err
    assert fleet.edu.told == fleet.events.told == []
    fleet.cli("apply", "plan.json", "--account", "edu", "--account", "events")


def test_a_saved_plan_of_one_account_names_it_in_the_command(fleet: Fleet):
    fleet.cli.write(both())
    assert save(fleet, "--account", "edu").endswith("rtcctl apply plan.json --account edu\n")
    fleet.cli("apply", "plan.json", "--account", "edu")
    assert fleet.events.told == []


def test_a_plan_that_lacks_an_account_is_shown_and_put_into_no_file(fleet: Fleet):
    fleet.cli.write(both())
    without_credentials(fleet)
    ran = fleet.plan("manifest.yaml", "--out", "plan.json", code=4)
    assert "+ edu:App/a\n" in ran.out
    assert "error: the plan lacks the account events: it is not put into plan.json" in ran.err
    assert "make exactly these calls" not in ran.err
    assert not Path("plan.json").exists()


def test_a_broken_account_does_not_stop_the_others_of_a_saved_plan(fleet: Fleet):
    fleet.cli.write(both())
    save(fleet)
    without_credentials(fleet)
    ran = fleet.cli("apply", "plan.json", "--output", "json", code=6)
    check_document(ran.document, "result")
    assert [each["account"] for each in ran.document["broken"]] == ["events"]
    assert list(fleet.edu.apps()) == ["a"]


def test_a_saved_plan_for_the_embedded_simulator(cli: Cli):
    cli.environ(SECRETS)
    manifest = cli.write(both(FULL))
    cli.sim("plan", manifest, "--out", "plan.json")
    assert cli("apply", "plan.json", "--simulator").out.endswith("Applied: 6 added, 0 changed, 0 destroyed.\n")
    cli.converged(manifest)
    ran = cli("apply", "plan.json", "--simulator", code=5)
    assert "account edu: the state moved on" in ran.err


# Jobs


def authorize(fleet: Fleet) -> None:
    grant = {"bucket": "b", "location": "cn-north-4", "operation": 1}
    for each in fleet:
        each.hand("PUT", "/v2/rtc-ops/buckets/authentication", grant)


def test_jobs_of_two_accounts_are_followed_under_their_names(fleet: Fleet):
    for each in fleet:
        each.hand(
            "PUT", "/v2/rtc-ops/buckets/authentication", {"bucket": "b", "location": "cn-north-4", "operation": 1}
        )
    manifest = fleet.cli.write(both(RULE + JOB))
    ran = fleet.apply(manifest, "--wait")
    for name in NAMES:
        assert f"{name}:MixStreamJob/a/lesson: RUNNING after" in ran.err
        assert f"  {name}:MixStreamJob/a/lesson  RUNNING after" in ran.out
    fleet.converged(manifest)
    ran = fleet.cli("jobs", "status", "-f", manifest, "events:MixStreamJob/a/lesson")
    assert "RUNNING" in ran.out
    fleet.cli("jobs", "stop", "-f", manifest, "events:App/a", "--auto-approve", "--allow-destroy")
    assert "STOPPED" in fleet.cli("jobs", "status", "-f", manifest, "--account", "events").out
    assert "STOPPED" not in fleet.cli("jobs", "status", "-f", manifest, "--account", "edu").out


def test_a_job_that_does_not_run_in_one_account_is_exit_1(fleet: Fleet):
    for each in fleet:
        each.hand(
            "PUT", "/v2/rtc-ops/buckets/authentication", {"bucket": "b", "location": "cn-north-4", "operation": 1}
        )
    fleet.events.before = lambda heard: (
        Reply(404, b'{"error_code": "RTC.00001003", "error_msg": "x"}')
        if heard.method == "GET" and "mix-stream-jobs" in heard.path
        else None
    )
    manifest = fleet.cli.write(both(RULE + JOB))
    ran = fleet.apply(manifest, "--wait", "--wait-timeout", "1s", "--output", "json", code=1)
    endings = {each["address"]: each["ending"] for each in ran.document["followed"]}
    assert endings == {"edu:MixStreamJob/a/lesson": "reached", "events:MixStreamJob/a/lesson": "late"}


# What is seen


def test_no_secret_of_an_account_is_ever_seen(fleet: Fleet):
    manifest = fleet.cli.write(both(FULL))
    texts = [
        fleet.plan(manifest, "--debug-http", "--verbose").text,
        fleet.apply(manifest, "--debug-http", "--output", "jsonl").text,
        fleet.cli("drift", "-f", manifest, "--debug-http").text,
    ]
    with_wrong_ones(fleet)
    texts.append(fleet.plan(manifest, "--debug-http", code=4).text)
    secrets = [*SECRETS.values(), *(each.account.secret_key for each in fleet), "fake-and-wrong"]
    texts += [path.read_text() for path in Path(".rtcctl").rglob("*") if path.is_file()]
    for secret in secrets:
        assert not any(secret in text for text in texts)


def test_events_of_a_stream_bear_their_accounts(fleet: Fleet):
    manifest = fleet.cli.write(both())
    without_credentials(fleet)
    lines = [json.loads(each) for each in fleet.apply(manifest, "--output", "jsonl", code=6).out.splitlines()]
    for line in lines:
        validate(line, "events")
    assert {each["address"] for each in lines if each.get("address")} == {"edu:App/a"}
    assert lines[-1]["type"] == "result"
    assert [each["account"] for each in lines[-1]["broken"]] == ["events"]


def test_a_question_names_the_accounts(fleet: Fleet):
    from tests.e2e.processes import Terminal

    manifest = fleet.cli.write(both())
    with Terminal("apply", "-f", manifest) as terminal:
        shown = terminal.until('Type "yes" to make these calls')
        terminal.type("no\n")
        assert terminal.end() == 130
        shown = " ".join(terminal.text.split())
    assert "in 2 accounts (edu, events)" in shown
    assert fleet.edu.writes == fleet.events.writes == []


def test_a_run_that_left_its_lock_is_told_of_under_its_account(fleet: Fleet):
    manifest = fleet.cli.write(both())
    fleet.apply(manifest)
    lock = state_of("events", simulator=False)
    gone = replace(Holder.me(), user="alice", host="elsewhere")
    lock.with_name(f"{lock.name}.lock").write_text(gone.text())
    ran = fleet.apply(manifest)
    assert "warning: events: the last run ended without giving up its lock: alice@elsewhere" in ran.err
    assert "edu: the last run" not in ran.err


# Commands for one account


def test_a_rehearsal_is_of_one_account(cli: Cli):
    cli.environ(SECRETS)
    manifest = cli.write(both(RULE))
    assert "the manifest has several accounts" in cli.sim("rehearse", manifest, code=3).err
    cli.sim("rehearse", manifest, "--account", "edu")
    cli.sim("plan", manifest, "--out", "plan.json")
    ran = cli("rehearse", "plan.json", "--simulator", code=3)
    assert "the plan is for several accounts (edu, events)" in ran.err
    cli.sim("plan", manifest, "--account", "edu", "--out", "plan.json")
    cli("rehearse", "plan.json", "--simulator", "--account", "edu")


def test_the_doctor_and_a_reconcile_loop_look_at_one_account(fleet: Fleet):
    manifest = fleet.cli.write(both())
    said = fleet.cli("doctor", "-f", manifest, code=3).text
    assert "name one with --account" in said
    assert fleet.cli("reconcile", "-f", manifest, "--once", code=3).text
    assert fleet.edu.told == fleet.events.told == []
    fleet.cli("reconcile", "-f", manifest, "--once", "--account", "edu")
    assert list(fleet.edu.apps()) == ["a"]
    assert fleet.events.told == []
