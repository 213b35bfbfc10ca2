"""Several accounts through the command line: one plan, and to each its own credentials, place, state and end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rtcctl.state.holder import Holder
from tests.e2e.accounts import (
    BUCKET,
    HOOK,
    JOB,
    NAMES,
    PROJECT,
    RULE,
    SECRETS,
    Fleet,
    app,
    both,
    serving,
    state_of,
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


# What a plan does


def test_the_same_app_in_two_accounts_is_made_in_both_and_a_plan_right_after_is_empty(fleet: Fleet):
    manifest = fleet.cli.write(both(FULL))
    ran = fleet.apply(manifest)
    assert "  + edu:App/a\n" in ran.out
    assert "  + events:App/a\n" in ran.out
    assert ran.out.endswith("Applied: 6 added, 0 changed, 0 destroyed.\n")
    for each in fleet:
        assert list(each.apps()) == ["a"]
        hook = each.apps()["a"]["callbacks"]["record_callback"]["url"]
        assert hook == f"http://{each.account.name}.example/hook"
    fleet.converged(manifest)


def test_update_and_destroy_concern_one_account_or_both(fleet: Fleet):
    manifest = fleet.cli.write(both(FULL))
    fleet.apply(manifest)
    fleet.forget()
    fleet.cli.write(both(FULL).replace("http://edu.example", "http://new.example"))
    assert fleet.apply(manifest).out.endswith("Applied: 0 added, 1 changed, 0 destroyed.\n")
    assert fleet.edu.writes == ["PUT /v2/apps/{app}/record-callback"]
    assert fleet.events.writes == []
    fleet.cli.write(PROJECT + app("edu", "a", FULL) + app("events", "a", RULE))
    fleet.apply(manifest)
    assert "record_callback" in fleet.edu.apps()["a"]["callbacks"]
    assert fleet.cli("destroy", "-f", manifest, "--auto-approve", code=7).out.count("- ") >= 4
    fleet.cli("destroy", "-f", manifest, "--auto-approve", "--allow-destroy")
    assert [each.apps() for each in fleet] == [{}, {}]
    fleet.cli("destroy", "-f", manifest, "--auto-approve")


def test_calls_are_the_fewest_and_nothing_is_read_twice(fleet: Fleet):
    manifest = fleet.cli.write(both(FULL))
    fleet.apply(manifest)
    wanted = [
        "GET /v2/apps",
        "POST /v2/apps",
        "POST /v2/apps/{app}/record-rules",
        "PUT /v2/apps/{app}/record-callback",
    ]
    for each in fleet:
        assert sorted(each.told) == sorted(wanted)
    fleet.forget()
    fleet.converged(manifest)
    for each in fleet:
        assert each.told == ["GET /v2/apps", "GET /v2/apps/{app}/record-rules"]
    fleet.forget()
    fleet.cli.write(both(FULL).replace("record_cycle: 3600", "record_cycle: 7000", 1))
    fleet.plan(manifest, "--refresh", "changed")
    assert fleet.edu.told == ["GET /v2/apps", "GET /v2/apps/{app}/record-rules"]
    assert fleet.events.told == ["GET /v2/apps"]


def test_each_account_has_its_own_state_with_what_is_its_own(fleet: Fleet):
    fleet.apply(fleet.cli.write(both(FULL) + app("edu", "more")))
    states = {each: json.loads(state_of(each, simulator=False).read_text()) for each in NAMES}
    assert "App/more" in states["edu"]["entries"]
    assert sorted(states["events"]["entries"]) == ["App/a", "RecordCallback/a", "RecordRule/a/default"]
    for each in fleet:
        mine = states[each.account.name]
        assert (mine["account"], mine["endpoint"]) == (each.account.name, each.server.url)
        assert mine["identity"]["project_id"] == each.account.project_id
    assert states["edu"]["lineage"] != states["events"]["lineage"]


def test_a_quota_is_an_accounts_own(fleet: Fleet):
    text = both().replace(
        'events: {credentials: "env:EVENTS"}', 'events: {credentials: "env:EVENTS", quota: {apps: 1}}'
    )
    text += app("edu", "two")
    fleet.plan(fleet.cli.write(text))
    ran = fleet.plan(fleet.cli.write(text + app("events", "two")))
    assert "Refused: events:" in ran.out
    fleet.forget()
    fleet.apply("manifest.yaml", code=7)
    assert fleet.edu.writes == fleet.events.writes == []


def test_a_bucket_is_authorized_in_its_own_account(fleet: Fleet):
    fleet.apply(fleet.cli.write(PROJECT + BUCKET.replace("ACCOUNT", "events") + app("edu")))
    assert fleet.events.writes == ["PUT /v2/rtc-ops/buckets/authentication"]
    assert fleet.edu.writes == ["POST /v2/apps"]
    fleet.converged("manifest.yaml")


def test_an_account_with_nothing_declared_and_nothing_owned_is_left_alone(fleet: Fleet):
    for name in ("AK", "SK", "PROJECT_ID"):
        fleet.cli.monkeypatch.delenv(f"EVENTS_HUAWEICLOUD_SDK_{name}")
    manifest = fleet.cli.write(PROJECT + app("edu"))
    fleet.apply(manifest)
    fleet.converged(manifest)
    assert fleet.events.told == []
    assert not state_of("events", simulator=False).exists()


def test_where_nothing_is_declared_anywhere_the_plan_is_empty(fleet: Fleet):
    fleet.converged(fleet.cli.write(PROJECT))


def test_an_account_that_lost_its_last_app_is_not_emptied_by_mistake(fleet: Fleet):
    manifest = fleet.cli.write(both())
    fleet.apply(manifest)
    fleet.cli.write(PROJECT + app("edu"))
    ran = fleet.plan(manifest)
    assert "Refused: events: the manifest declares no App while the state owns some" in ran.out
    fleet.forget()
    fleet.apply(manifest, "--allow-destroy", code=7)
    assert fleet.edu.writes == fleet.events.writes == []
    fleet.cli("destroy", "-f", manifest, "--account", "events", "--auto-approve", "--allow-destroy")
    assert fleet.events.apps() == {}
    assert list(fleet.edu.apps()) == ["a"]
    fleet.converged(manifest)


def test_max_deletes_counts_all_accounts_together(fleet: Fleet):
    text = PROJECT.replace("spec:\n", "spec:\n  safety: {max_deletes: 1}\n")
    kept = app("edu", "kept") + app("events", "kept")
    manifest = fleet.cli.write(text + kept + app("edu", "gone") + app("events", "gone"))
    fleet.apply(manifest)
    fleet.cli.write(text + kept)
    ran = fleet.plan(manifest)
    assert "2 objects would be deleted or replaced, max_deletes is 1" in ran.out
    assert "This would delete 2 apps.\n" in ran.out
    fleet.forget()
    fleet.apply(manifest, code=7)
    assert fleet.edu.writes == fleet.events.writes == []
    fleet.apply(manifest, "--allow-destroy")
    assert [list(each.apps()) for each in fleet] == [["kept"], ["kept"]]


def test_what_is_protected_in_one_account_blocks_all(fleet: Fleet):
    protected = "  lifecycle: {prevent_destroy: true}\n"
    manifest = fleet.cli.write(both() + app("edu", "kept") + app("edu", "gone", protected))
    fleet.apply(manifest)
    fleet.forget()
    fleet.cli.write(both() + app("edu", "kept") + app("events", "new"))
    ran = fleet.apply(manifest, "--allow-destroy", code=7)
    assert "edu:App/gone is protected by lifecycle.prevent_destroy" in ran.err
    assert fleet.edu.writes == fleet.events.writes == []


# Where an account is


def test_who_says_last_where_an_account_is(fleet: Fleet):
    cli = fleet.cli
    here, elsewhere = fleet.edu.server.url, "http://127.0.0.1:9"
    manifest = cli.write(
        (PROJECT + app("edu")).replace('{credentials: "env:EDU"}', f'{{credentials: "env:EDU", endpoint: "{here}"}}')
    )
    cli.monkeypatch.delenv("EDU_RTCCTL_ENDPOINT")
    fleet.plan(manifest)  # the manifest
    cli.monkeypatch.setenv("RTCCTL_ENDPOINT", elsewhere)
    fleet.plan(manifest, "--fail-fast", code=1)  # the variable before the manifest
    cli.monkeypatch.setenv("EDU_RTCCTL_ENDPOINT", here)
    fleet.plan(manifest)  # the account's own variable before that
    fleet.plan(manifest, "--endpoint", elsewhere, code=1)  # and the flag before all
    cli.monkeypatch.setenv("EDU_RTCCTL_ENDPOINT", elsewhere)
    fleet.plan(manifest, "--endpoint", here)


def test_one_service_for_all_accounts_tells_them_apart_by_their_keys(cli: Cli):
    cli.write("accounts: [{name: edu}, {name: events}]", "accounts.yaml")
    from rtcctl.simulator.accounts import account_named
    from tests.e2e.accounts import credentials
    from tests.e2e.processes import first_line, started

    serve = ("simulator", "serve", "--port", "0", "--data", "served.db", "--accounts", "accounts.yaml")
    with started(*serve) as process:
        url = first_line(process.stdout).partition(": ")[2].strip()
        cli.environ({"RTCCTL_ENDPOINT": url, "HUAWEICLOUD_SDK_IAM_ENDPOINT": url, **SECRETS})
        for name in NAMES:
            cli.environ(credentials(account_named(name)))
        manifest = cli.write(both(FULL))
        cli("apply", "-f", manifest, "--auto-approve")
        assert cli("plan", "-f", manifest).out.endswith("No changes.\n")
        process.terminate()
        process.wait(20)


def test_the_embedded_simulator_has_every_account(cli: Cli):
    cli.environ(SECRETS)
    manifest = cli.write(both(FULL))
    cli.apply(manifest)
    cli.converged(manifest)
    for name in NAMES:
        assert json.loads(state_of(name).read_text())["account"] == name
        cli.converged(manifest, "--account", name)
    assert cli.sim("drift", manifest).out.endswith("No drift: 6 objects looked at.\n")


def test_two_names_for_the_simulators_own_account_are_refused(cli: Cli):
    text = both().replace("edu", "default").replace("events", "simulator")
    ran = cli.sim("plan", cli.write(text), code=3)
    assert "the accounts default and simulator are one in the embedded simulator" in ran.err
    cli.sim("plan", "manifest.yaml", "--account", "simulator")


# What is limited


def test_account_limits_to_one_to_several_and_not_to_none(fleet: Fleet):
    manifest = fleet.cli.write(both())
    assert "+ App/a\n" in fleet.apply(manifest, "--account", "edu").out
    assert fleet.events.told == []
    ran = fleet.apply(manifest, "--account", "edu", "--account", "events")
    assert "+ events:App/a" in ran.out
    assert "edu:App/a" not in ran.out
    fleet.converged(manifest, "--account", "edu", "--account", "edu")
    ran = fleet.plan(manifest, "--account", "ed", code=3)
    assert "--account ed: the manifest has no such account" in ran.err
    assert "did you mean 'edu'" in ran.err


@pytest.mark.parametrize("command", [("state", "list"), ("jobs", "status"), ("jobs", "wait"), ("recordings",)])
def test_commands_for_one_account_want_to_know_which(cli: Cli, command: tuple[str, ...]):
    cli.environ(SECRETS)
    manifest = cli.write(both(RULE))
    cli.apply(manifest)
    ran = cli(*command, "-f", manifest, "--simulator", code=3)
    assert "the manifest has several accounts (edu, events)" in ran.err
    assert "name one with --account" in ran.err
    cli(*command, "-f", manifest, "--simulator", "--account", "edu")


def test_an_address_with_its_account_says_which(cli: Cli):
    cli.environ(SECRETS)
    manifest = cli.write(both(RULE))
    cli.apply(manifest)
    one = cli("state", "show", "edu:App/a", "-f", manifest, "--simulator").out
    other = cli("state", "show", "events:App/a", "-f", manifest, "--simulator").out
    assert one.splitlines()[0] == other.splitlines()[0]
    assert one != other
    cli("state", "show", "events:App/a", "-f", manifest, "--simulator", "--account", "edu", code=3)
    cli("state", "show", "nowhere:App/a", "-f", manifest, "--simulator", code=3)
    cli("state", "mv", "events:App/a", "events:App/b", "-f", manifest, "--simulator")
    assert "App/b" in state_of("events").read_text()
    assert "App/b" not in state_of("edu").read_text()


def test_a_target_tells_its_account_or_there_is_only_one(fleet: Fleet):
    manifest = fleet.cli.write(both() + app("events", "only"))
    ran = fleet.plan(manifest, "--target", "App/a", code=3)
    assert "App/a: several accounts declare it" in ran.err
    assert "edu:App/a" in ran.err
    assert "no account declares it" in fleet.plan(manifest, "--target", "App/none", code=3).err
    fleet.plan(manifest, "--target", "none:App/a", code=3)
    ran = fleet.apply(manifest, "--target", "App/only")
    assert "PARTIAL PLAN: only events:App/only" in ran.out
    assert list(fleet.events.apps()) == ["only"]
    assert fleet.edu.told == []
    fleet.apply(manifest, "--target", "edu:App/a", "--target", "events:App/a")
    fleet.converged(manifest)


def test_a_target_needs_nothing_of_other_accounts(fleet: Fleet):
    manifest = fleet.cli.write(both())
    fleet.events.before = lambda _: refusing()
    fleet.apply(manifest, "--target", "edu:App/a")
    with fleet.cli.holding(state_of("edu", simulator=False)):
        fleet.events.before = lambda _: None
        fleet.apply(manifest, "--target", "events:App/a")
    fleet.converged(manifest)


def test_a_target_of_an_account_that_is_left_alone_is_none(fleet: Fleet):
    ran = fleet.plan(fleet.cli.write(PROJECT + app("edu")), "--target", "events:App/a", code=3)
    assert "App/a" in ran.err
    assert ran.out == ""
    fleet.plan("manifest.yaml", "--replace", "events:MixStreamJob/a/x", code=3)


def test_a_target_of_an_account_that_is_not_meant_is_refused(fleet: Fleet):
    manifest = fleet.cli.write(both())
    ran = fleet.plan(manifest, "--account", "edu", "--target", "events:App/a", code=3)
    assert "is of the account 'events'" in ran.err
    assert fleet.edu.told == fleet.events.told == []


# What is broken


def without_credentials(fleet: Fleet) -> None:
    fleet.cli.monkeypatch.delenv("EVENTS_HUAWEICLOUD_SDK_AK")


def with_wrong_ones(fleet: Fleet) -> None:
    fleet.cli.monkeypatch.setenv("EVENTS_HUAWEICLOUD_SDK_SK", "fake-and-wrong")


def unreachable(fleet: Fleet) -> None:
    fleet.events.server.__exit__()


def with_a_foreign_state(fleet: Fleet) -> None:
    path = fleet.cli.folder / state_of("events", simulator=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{")


broken = pytest.mark.parametrize(
    ("breaking", "code"),
    [(without_credentials, 4), (with_wrong_ones, 4), (unreachable, 1), (with_a_foreign_state, 5)],
    ids=["no credentials", "wrong credentials", "unreachable", "damaged state"],
)


@broken
def test_a_broken_account_is_told_of_and_the_others_are_done(fleet: Fleet, breaking, code: int):
    manifest = fleet.cli.write(both())
    fleet.apply(manifest)
    fleet.cli.write(both(FULL))
    breaking(fleet)
    planned = fleet.plan(manifest, "--output", "json", code=code)
    check_document(planned.document, "plan")
    assert planned.document["has_changes"] is True
    assert [each["account"] for each in planned.document["broken"]] == ["events"]
    ran = fleet.apply(manifest, "--output", "json", code=6)
    check_document(ran.document, "result")
    assert [each["account"] for each in ran.document["broken"]] == ["events"]
    assert {each["outcome"] for each in ran.document["changes"]} == {"done"}
    assert list(fleet.edu.apps()) == ["a"]
    # Nothing is left to do but in the account that is broken: that is no "No changes".
    said = fleet.plan(manifest, "--detailed-exitcode", code=code)
    assert "account events is missing: " in said.out
    assert said.out.endswith("No changes in the accounts that were planned.\n")
    assert fleet.plan(manifest, "--output", "json", code=code).document["has_changes"] is None
    again = fleet.apply(manifest, code=code)
    assert "account events is missing: " in again.out
    drifted = fleet.cli("drift", "-f", manifest, "--output", "json", code=code).document
    validate(drifted, "drift")
    assert (drifted["has_changes"], [each["account"] for each in drifted["broken"]]) == (None, ["events"])


@broken
def test_with_fail_fast_the_first_broken_account_ends_it_all(fleet: Fleet, breaking, code: int):
    manifest = fleet.cli.write(both())
    fleet.apply(manifest)
    fleet.forget()
    fleet.cli.write(both(RULE))
    breaking(fleet)
    for command in (("plan",), ("apply", "--auto-approve"), ("drift",)):
        ran = fleet.cli(*command, "-f", manifest, "--fail-fast", code=code)
        assert ran.err.startswith("error: account events: ")
        assert ran.out == ""
    assert fleet.edu.writes == []


def test_a_locked_account_does_not_keep_the_others_waiting(fleet: Fleet):
    manifest = fleet.cli.write(both())
    with fleet.cli.holding(state_of("events", simulator=False)):
        ran = fleet.apply(manifest, code=6)
        assert "account events is missing: " in ran.out
        assert ran.out.endswith("Incomplete: 1 added, 0 changed, 0 destroyed, 1 account missing.\n")
        fleet.apply(manifest, code=8)
        fleet.apply(manifest, "--fail-fast", code=8)
    assert fleet.events.writes == []
    fleet.apply(manifest)
    fleet.converged(manifest)


def test_when_all_are_broken_one_error_names_each(fleet: Fleet):
    manifest = fleet.cli.write(both())
    fleet.apply(manifest)
    without_credentials(fleet)
    fleet.edu.server.__exit__()
    for command in (("plan",), ("apply", "--auto-approve"), ("drift",), ("destroy", "--auto-approve")):
        ran = fleet.cli(*command, "-f", manifest, code=4)
        assert ran.err.startswith("error: account events: ")
        assert "\n  account edu: " in ran.err
        assert ran.err.count("error: ") == 1
        assert ran.out == ""
    found = fleet.plan(manifest, "--output", "json", code=4).document
    validate(found, "result")
    assert found["kind"] == "error"


def test_a_second_run_does_what_the_first_could_not(fleet: Fleet):
    manifest = fleet.cli.write(both(FULL))
    fleet.events.before = lambda heard: refusing() if heard.method == "POST" else None
    ran = fleet.apply(manifest, code=6)
    assert ran.out.endswith("Incomplete: 3 added, 0 changed, 0 destroyed, 1 failed, 2 not attempted.\n")
    fleet.events.before = lambda _: None
    fleet.forget()
    fleet.apply(manifest)
    assert fleet.edu.writes == []
    fleet.converged(manifest)


def test_a_call_that_fails_in_one_account_ends_the_others_with_fail_fast(fleet: Fleet):
    manifest = fleet.cli.write(both(FULL))
    fleet.events.before = lambda heard: Reply(400, b"{}") if heard.method == "POST" else None
    ran = fleet.apply(manifest, "--fail-fast", "--output", "json", code=6)
    outcomes = {each["address"]: each["outcome"] for each in ran.document["changes"]}
    assert outcomes["events:App/a"] == "failed"
    assert outcomes["events:RecordRule/a/default"] == "not attempted"
    fleet.events.before = lambda _: None
    fleet.apply(manifest)
    fleet.converged(manifest)


def test_what_is_stale_in_one_account_is_told_and_the_others_are_done(fleet: Fleet):
    """Without a file there is nothing that was approved as a whole."""
    text = both() + BUCKET.replace("ACCOUNT", "edu")
    manifest = fleet.cli.write(text + app("edu", "r", RULE) + app("events", "r", RULE))
    fleet.apply(manifest)
    grant = {"bucket": "b", "location": "cn-north-4", "operation": 0}
    fleet.edu.hand("PUT", "/v2/rtc-ops/buckets/authentication", grant)
    fleet.forget()
    manifest.write_text(manifest.read_text().replace("record_cycle: 3600", "record_cycle: 7000"))
    ran = fleet.apply(manifest, "--refresh", "none", "--output", "json", code=6)
    check_document(ran.document, "result")
    [missing] = ran.document["broken"]
    assert (missing["account"], missing["error"]["type"]) == ("edu", "StalePlanError")
    assert fleet.edu.writes == []
    assert fleet.events.writes == ["PUT /v2/apps/{app}/record-rules/{rule}"]
    ran = fleet.apply(manifest, "--refresh", "none", code=5)
    assert "account edu" in ran.text
    assert "it is gone" in " ".join(ran.text.split())


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
