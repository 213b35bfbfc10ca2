"""Interrupts while calls are made: the first lets the call under way end, the second ends at once; both report."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from rtcctl.cli import interrupts
from rtcctl.simulator import create_app
from tests.e2e.processes import PATIENCE, started, until
from tests.e2e.support import (
    EXAMPLE2,
    SIMULATED_STATE,
    STATE,
    Cli,
    Heard,
    Loopback,
    Reply,
    check_document,
    ready_token,
    simulated,
)
from tests.simulator.driver import send, token

APPLY = ("apply", "-f", EXAMPLE2, "--auto-approve", "--output", "json")


@dataclass
class Slow:
    """The simulator, holding back the answer to one call until it is let go."""

    held: tuple[str, str]
    arrived: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.app = create_app()
        self._answer = simulated(self.app)

    def __call__(self, request: Heard) -> Reply:
        if (request.method, request.path) == self.held:
            self.arrived.set()
            assert self.release.wait(PATIENCE)
        return self._answer(request)


@pytest.fixture
def slow(request: pytest.FixtureRequest, cli: Cli) -> Iterator[tuple[Slow, Loopback]]:
    held = Slow(request.param)
    with Loopback(held) as server:
        cli.environ({**ready_token(held.app), "RTCCTL_ENDPOINT": server.url})
        try:
            yield held, server
        finally:
            held.release.set()


creating_the_app = pytest.mark.parametrize("slow", [("POST", "/v2/apps")], indirect=True, ids=["app"])
reading_the_account = pytest.mark.parametrize("slow", [("GET", "/v2/apps")], indirect=True, ids=["reading"])


@creating_the_app
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_the_call_end_and_reports_what_was_not_attempted(cli: Cli, slow, number):
    held, server = slow
    with started(*APPLY) as process:
        assert held.arrived.wait(PATIENCE)
        process.send_signal(number)
        shown = until(process.stderr, "once more ends at once")
        assert f"{number.name}: ending after the calls under way" in shown
        held.release.set()
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 6
    document = json.loads(out)
    check_document(document, "result")
    assert document["interrupted"] is True
    assert [each["outcome"] for each in document["changes"]] == ["done", "done", *["not attempted"] * 3]
    assert set(server.told[-2:]) == {"PUT /v2/rtc-ops/buckets/authentication", "POST /v2/apps"}
    assert "Traceback" not in shown + err
    assert "App/rtctest" in json.loads(STATE.read_text())["entries"]
    cli("apply", "-f", EXAMPLE2, "--auto-approve", "--start-unknown-jobs")
    assert server.told.count("POST /v2/apps") == 1


@creating_the_app
def test_the_second_signal_ends_at_once_and_calls_the_outcome_unknown(cli: Cli, slow):
    held, _ = slow
    with started(*APPLY) as process:
        assert held.arrived.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        until(process.stderr, "once more ends at once")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)  # the answer is still held back
        assert process.returncode == 6
    assert not held.release.is_set()
    document = json.loads(out)
    check_document(document, "result")
    assert document["interrupted"] is True
    # The authorization may have been under way as well.
    assert document["changes"][0]["outcome"] in ("done", "unknown")
    assert [each["outcome"] for each in document["changes"][1:]] == ["unknown", *["not attempted"] * 3]
    assert "Traceback" not in err
    # What arrived after all is found by the next run and not made twice.
    held.release.set()
    cli("apply", "-f", EXAMPLE2, "--auto-approve", "--start-unknown-jobs")
    assert cli("plan", "-f", EXAMPLE2, "--detailed-exitcode").out == "No changes.\n"
    answer = send(held.app, "GET", "/v2/apps", headers={"X-Auth-Token": token(held.app)})
    assert [each["app_name"] for each in answer.json()["apps"]] == ["rtctest"]


@creating_the_app
def test_a_call_that_outlasts_the_time_limit_and_its_grace_is_unknown(cli: Cli, slow):
    held, _ = slow
    cli.monkeypatch.setattr(interrupts, "GRACE", 0.2)
    ran = cli(*APPLY, "--parallelism", "1", "--timeout", "1s", code=6)  # the answer is still held back
    assert held.arrived.is_set()
    assert not held.release.is_set()
    check_document(ran.document, "result")
    assert (ran.document["interrupted"], ran.document["ended"]) == (True, "time limit")
    assert [each["outcome"] for each in ran.document["changes"]][1:] == ["unknown", *["not attempted"] * 3]
    assert "the time limit is reached" in ran.err


@reading_the_account
@pytest.mark.parametrize("command", [APPLY, ("jobs", "stop", "-f", EXAMPLE2, "App/rtctest", "--auto-approve")])
def test_a_time_limit_that_passes_while_reading_is_exit_1_and_nothing_is_sent(cli: Cli, slow, command):
    held, server = slow
    if command is not APPLY:
        cli.apply(EXAMPLE2)
        STATE.parent.mkdir(parents=True)
        document = json.loads(SIMULATED_STATE.read_text())
        document["endpoint"], document["identity"] = server.url, {}
        STATE.write_text(json.dumps(document))
    ran = cli(*command, "--timeout", "0.3s", code=1)
    assert held.arrived.is_set()
    assert "the time limit was reached while the account was read; nothing was changed" in ran.err
    assert {each.method for each in server.heard} == {"GET"}


@reading_the_account
@pytest.mark.parametrize("command", [APPLY, ("plan", "-f", EXAMPLE2)], ids=["apply", "plan"])
def test_an_interrupt_while_reading_is_130_and_nothing_was_sent(cli: Cli, slow, command):
    held, server = slow
    with started(*command) as process:
        assert held.arrived.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
    assert not out or json.loads(out)["exit_code"] == 130  # who asked for a document gets one
    assert "nothing was changed" in err
    assert "Traceback" not in err
    assert {each.method for each in server.heard} == {"GET"}
    assert not STATE.exists()


@creating_the_app
def test_a_run_that_is_killed_leaves_a_state_that_the_next_run_goes_on_from(cli: Cli, slow):
    held, _ = slow
    with started(*APPLY) as process:
        assert held.arrived.wait(PATIENCE)
        process.kill()
        process.wait(PATIENCE)
    held.release.set()
    ran = cli("plan", "-f", EXAMPLE2, "--output", "json")  # the lock went with its process
    [warning] = [each["message"] for each in ran.document["warnings"] if "App/rtctest" in each["message"]]
    assert "began to create App/rtctest" in warning
    cli("apply", "-f", EXAMPLE2, "--auto-approve", "--start-unknown-jobs")
    assert cli("plan", "-f", EXAMPLE2, "--detailed-exitcode").out == "No changes.\n"
    assert json.loads(STATE.read_text())["pending"] == []
