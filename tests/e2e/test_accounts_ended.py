"""Ended early while two accounts are worked on: each tells what is done, and nothing is lost."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from rtcctl.cli import interrupts
from tests.e2e.accounts import HOOK, NAMES, RULE, Fleet, both, serving, state_of
from tests.e2e.processes import PATIENCE, started, until
from tests.e2e.support import Cli, Heard, Reply, check_document

FULL = RULE + HOOK


@dataclass
class Held:
    """Holds calls of a kind back until they are let go."""

    method: str
    path: str
    arrived: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def __call__(self, heard: Heard) -> Reply | None:
        if (heard.method, heard.path) == (self.method, self.path):
            self.arrived.set()
            assert self.release.wait(PATIENCE)
        return None


@dataclass
class Slow:
    """Two accounts whose calls are held back; `reading` at the list of apps, else where an app is made."""

    fleet: Fleet
    edu: Held
    events: Held

    def holding(self, method: str, *accounts: str) -> None:
        for name in accounts:
            held = Held(method, "/v2/apps")
            setattr(self, name, held)
            getattr(self.fleet, name).before = held

    def arrived(self) -> bool:
        return self.edu.arrived.wait(PATIENCE) and self.events.arrived.wait(PATIENCE)

    def release(self) -> None:
        self.edu.release.set()
        self.events.release.set()


@pytest.fixture
def slow(cli: Cli) -> Iterator[Slow]:
    with serving(cli) as fleet:
        found = Slow(fleet, Held("", ""), Held("", ""))
        found.holding("POST", *NAMES)
        cli.write(both(FULL))
        try:
            yield found
        finally:
            found.release()


APPLY = ("apply", "-f", "manifest.yaml", "--auto-approve", "--output", "json")


def test_the_first_signal_lets_the_calls_of_both_accounts_end(slow: Slow):
    with started(*APPLY) as process:
        assert slow.arrived()
        process.send_signal(signal.SIGINT)
        shown = until(process.stderr, "once more ends at once")
        slow.release()
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 6, err
    document = json.loads(out)
    check_document(document, "result")
    assert document["interrupted"] is True
    outcomes = {each["address"]: each["outcome"] for each in document["changes"]}
    for name in NAMES:
        assert outcomes[f"{name}:App/a"] == "done"
        assert outcomes[f"{name}:RecordCallback/a"] == "not attempted"
        assert "App/a" in json.loads(state_of(name, simulator=False).read_text())["entries"]
    assert "Traceback" not in shown + err
    slow.fleet.forget()
    slow.fleet.apply("manifest.yaml")
    assert all("POST /v2/apps" not in each.writes for each in slow.fleet)
    slow.fleet.converged("manifest.yaml")


def test_the_second_signal_ends_both_at_once_and_calls_what_left_unknown(slow: Slow):
    with started(*APPLY) as process:
        assert slow.arrived()
        process.send_signal(signal.SIGINT)
        until(process.stderr, "once more ends at once")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)  # the answers are still held back
        assert process.returncode == 6, err
    document = json.loads(out)
    check_document(document, "result")
    outcomes = {each["address"]: each["outcome"] for each in document["changes"]}
    for name in NAMES:
        assert outcomes[f"{name}:App/a"] == "unknown"
    assert "Traceback" not in err
    slow.release()
    slow.fleet.apply("manifest.yaml")
    slow.fleet.converged("manifest.yaml")
    assert [list(each.apps()) for each in slow.fleet] == [["a"], ["a"]]


def test_what_one_account_has_done_is_told_when_the_other_is_cut_off(slow: Slow):
    slow.edu.release.set()
    with started(*APPLY[:-2], "--output", "jsonl") as process:
        assert slow.arrived()
        shown = ""
        for step in ("RecordCallback/a set", "RecordRule/a/default create"):
            words = f'"type":"step_finished","id":"edu:{step}"'
            shown += until(process.stdout, words) if words not in shown else ""
        process.send_signal(signal.SIGINT)
        until(process.stderr, "once more ends at once")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 6, err
    lines = [json.loads(each) for each in (shown + out).splitlines()]
    outcomes = {each["address"]: each["outcome"] for each in lines if each["type"] == "outcome"}
    assert {outcomes[f"edu:{each}/a"] for each in ("App", "RecordCallback")} == {"done"}
    assert outcomes["events:App/a"] == "unknown"


@pytest.mark.parametrize("accounts", [NAMES, ("events",)], ids=["both", "one of them"])
def test_a_signal_while_reading_makes_no_call_in_any_account(slow: Slow, accounts: tuple[str, ...]):
    """What was read by then is not applied: nobody has seen the plan of that alone."""
    slow.holding("", *NAMES)
    slow.holding("GET", *accounts)
    with started(*APPLY) as process:
        assert slow.events.arrived.wait(PATIENCE)
        while not slow.fleet.edu.told:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, err
    slow.release()
    assert slow.fleet.edu.writes == slow.fleet.events.writes == []
    assert not state_of("edu", simulator=False).exists()


@pytest.mark.parametrize("accounts", [NAMES, ("events",)], ids=["both", "one of them"])
def test_a_time_limit_that_passes_while_reading_makes_no_call_in_any_account(slow: Slow, accounts: tuple[str, ...]):
    slow.holding("", *NAMES)
    slow.holding("GET", *accounts)
    ran = slow.fleet.cli(*APPLY, "--timeout", "0.5s", code=1)
    assert "the time limit was reached while the account was read; nothing was changed" in ran.text
    slow.release()
    assert slow.fleet.edu.writes == slow.fleet.events.writes == []


def test_a_time_limit_ends_the_accounts_that_are_not_done(slow: Slow):
    slow.edu.release.set()
    slow.fleet.cli.monkeypatch.setattr(interrupts, "GRACE", 0.2)
    ran = slow.fleet.cli(*APPLY, "--timeout", "2s", code=6)
    check_document(ran.document, "result")
    assert (ran.document["interrupted"], ran.document["ended"]) == (True, "time limit")
    outcomes = {each["address"]: each["outcome"] for each in ran.document["changes"]}
    assert {found for address, found in outcomes.items() if address.startswith("edu:")} == {"done"}
    assert outcomes["events:App/a"] == "unknown"
