"""Several accounts through the command line: one plan, and to each its own credentials, place, state and end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from tests.e2e.accounts import (
    BUCKET,
    HOOK,
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
from tests.e2e.support import Cli, Json, Reply

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
        assert sorted(each.told) == ["GET /v2/apps", "GET /v2/apps/{app}/record-rules"]
    fleet.forget()
    fleet.cli.write(both(FULL).replace("record_cycle: 3600", "record_cycle: 7000", 1))
    fleet.plan(manifest, "--refresh", "changed")
    assert sorted(fleet.edu.told) == ["GET /v2/apps", "GET /v2/apps/{app}/record-rules"]
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


def test_where_nothing_is_declared_anywhere_the_plan_is_empty_and_needs_no_credentials(fleet: Fleet):
    for name in ("EDU", "EVENTS"):
        fleet.cli.monkeypatch.delenv(f"{name}_HUAWEICLOUD_SDK_AK")
    manifest = fleet.cli.write(PROJECT)
    fleet.converged(manifest)
    assert fleet.apply(manifest).out == "No changes.\n"
    assert fleet.edu.told == fleet.events.told == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--target", "edu:App/typo"), "account edu: --target App/typo: neither manifest nor state has it"),
        (("--target", "edu:App/a", "--replace", "edu:App/a"), "account edu: --replace App/a: only jobs can be made"),
        (("--replace", "edu:App/a"), "--replace edu:App/a is outside of --target"),
    ],
)
def test_what_is_typed_wrong_for_one_account_ends_all(fleet: Fleet, wrong: tuple[str, ...], said: str):
    ran = fleet.apply(fleet.cli.write(both()), "--target", "events:App/a", *wrong, code=3)
    assert f"error: {said}" in " ".join(ran.err.split())
    assert fleet.edu.writes == fleet.events.writes == []


def test_two_names_for_one_account_are_refused_before_anything_is_called(fleet: Fleet):
    for name in ("AK", "SK", "PROJECT_ID"):
        fleet.cli.monkeypatch.setenv(f"EVENTS_HUAWEICLOUD_SDK_{name}", os.environ[f"EDU_HUAWEICLOUD_SDK_{name}"])
    fleet.cli.monkeypatch.setenv("EVENTS_RTCCTL_ENDPOINT", fleet.edu.server.url)
    manifest = fleet.cli.write(both())
    for command in (fleet.plan, fleet.apply):
        ran = command(manifest, code=3)
        assert "the accounts edu and events are one: the credentials of both are for project_id " in ran.err
    assert fleet.edu.told == []
    fleet.apply(manifest, "--account", "edu")


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
