"""An account that is broken is told of, and the others are done unless something asks for all or nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.accounts import (
    BUCKET,
    HOOK,
    RULE,
    Fleet,
    app,
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


# What is broken


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
