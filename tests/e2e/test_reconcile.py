"""`rtcctl reconcile` as a process: events on stdout, a clean stop, replicas."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator

import pytest

from rtcctl.operations.reconciling import Reconciler
from tests.e2e.processes import PATIENCE, first_line, run, started
from tests.e2e.support import AUTH_KEY, EXAMPLE2, KEYS, SIMULATED_STATE, STATE, Cli, Json, Loopback, ready_token
from tests.e2e.test_signals import Slow

RECONCILE = ("reconcile", "-f", EXAMPLE2, "--simulator")


def event(process: subprocess.Popen[str], name: str) -> Json:
    """Read events until one of this name."""
    while True:
        line = first_line(process.stdout)
        assert line, f"it ended without {name}"
        found: Json = json.loads(line)
        if found["event"] == name:
            return found


def events(text: str) -> list[Json]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_between_rounds_is_a_clean_stop(cli: Cli, number):
    with started(*RECONCILE) as process:
        assert event(process, "round")["outcome"] == "applied"
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    stopping, last = events(out)
    assert (stopping["event"], stopping["signal"]) == ("stopping", number.name)
    assert (last["event"], last["exit_code"]) == ("ended", 0)
    assert err == ""
    cli.converged(EXAMPLE2)


def test_every_line_is_json_and_no_secret_is_in_it(cli: Cli):
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    ran = run(*RECONCILE, "--once")
    assert ran.returncode == 0
    assert {each["event"] for each in events(ran.stdout)} == {"started", "call", "change", "round", "ended"}
    for each in events(ran.stdout):
        assert set(each) >= {"time", "level", "event"}
    assert AUTH_KEY not in ran.stdout + ran.stderr


def test_a_single_round_ends_as_it_went(cli: Cli):
    assert cli(*RECONCILE, "--once", "--dry-run", code=2).out.count('"event": "pending"') == 5
    with cli.holding():
        assert '"outcome": "standby"' in cli(*RECONCILE, "--once", code=8).out
    cli(*RECONCILE, "--once")
    cli.converged(EXAMPLE2)
    manifest = cli.write("apiVersion: rtcctl.dev/v1\nkind: Ap\n")
    ran = cli("reconcile", "-f", manifest, "--simulator", "--once", code=3)
    assert '"event": "diagnostic"' in ran.out


def test_a_loop_goes_at_the_pace_that_is_asked_for(cli: Cli):
    cli(*RECONCILE, "--once", "--parallelism", "1", "--rate", "0.5", "--throttle", "shared")
    assert json.loads(SIMULATED_STATE.read_text())["throttle"] == "shared"
    cli(*RECONCILE, "--once", "--rate", "0", code=3)
    cli(*RECONCILE, "--once", "--timeout", "5m", code=3)


def test_a_set_that_lost_its_app_is_refused_and_nothing_is_deleted(cli: Cli):
    cli.apply(EXAMPLE2)
    manifest = cli.write(EXAMPLE2.read_text().partition("---")[0])
    ran = cli("reconcile", "-f", manifest, "--simulator", "--once", code=7)
    assert "empty-set" in {each["rule"] for each in events(ran.out) if each["event"] == "refusal"}
    cli.converged(EXAMPLE2)


def test_a_second_replica_stands_by_and_works_after_the_first_one_has_ended(cli: Cli):
    with started(*RECONCILE) as process:
        assert event(process, "round")["leader"] is True
        ran = cli(*RECONCILE, "--once", code=8)
        [found] = [each for each in events(ran.out) if each["event"] == "round"]
        assert (found["outcome"], found["leader"]) == ("standby", False)
        assert f"process {process.pid}" in found["reason"]
        cli("state", "list", "-f", EXAMPLE2, "--simulator")
        cli.apply(EXAMPLE2)  # between rounds people can work
        process.kill()
        process.wait(PATIENCE)
    cli(*RECONCILE, "--once")
    leader = SIMULATED_STATE.with_name("default~reconcile.state.json")
    assert not leader.exists()  # there is a lock of that name, and nothing else


def test_health_and_metrics_are_answered_on_loopback(cli: Cli):
    with started(*RECONCILE, "--health", "0") as process:
        url = event(process, "listening")["url"]
        assert url.startswith("http://127.0.0.1:")
        event(process, "round")
        with urllib.request.urlopen(f"{url}/healthz", timeout=PATIENCE) as answer:
            assert json.load(answer)["last_round"]["outcome"] == "applied"
        with urllib.request.urlopen(f"{url}/metrics", timeout=PATIENCE) as answer:
            assert b'rtcctl_reconcile_rounds_total{outcome="applied"} 1.0' in answer.read()
        process.terminate()
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--interval", "9s"), "at least 10s"),
        (("--interval", "soon"), "not a duration"),
        (("--health", "here"), "ADDRESS:PORT"),
        (("-f", "-"), "read only once"),
    ],
)
def test_flags_that_make_no_sense_are_refused_before_anything_begins(cli: Cli, flags, words):
    ran = cli(*RECONCILE, *flags, code=3)
    assert words in ran.err
    assert ran.out == ""


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
def test_a_signal_while_applying_lets_the_call_under_way_end(cli: Cli, slow):
    held, server = slow
    with started("reconcile", "-f", EXAMPLE2) as process:
        assert held.arrived.wait(PATIENCE)
        process.terminate()
        event(process, "stopping")
        held.release.set()
        found = event(process, "round")
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert (found["outcome"], found["applied"]) == ("stopped", {"create": 2})
    assert [each["event"] for each in events(out)] == ["ended"]
    assert err == ""
    assert sorted(server.told[-2:]) == ["POST /v2/apps", "PUT /v2/rtc-ops/buckets/authentication"]
    assert "App/rtctest" in json.loads(STATE.read_text())["entries"]


@creating_the_app
def test_a_second_signal_ends_at_once_and_the_exit_code_tells_that_something_is_unknown(cli: Cli, slow):
    held, _ = slow
    with started("reconcile", "-f", EXAMPLE2) as process:
        assert held.arrived.wait(PATIENCE)
        process.terminate()
        event(process, "stopping")
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE)  # the answer is still held back
        assert process.returncode == 6
    assert "unknown" in {each["outcome"] for each in events(out) if each["event"] == "change"}
    assert events(out)[-1]["exit_code"] == 6
    assert "Traceback" not in err


@reading_the_account
def test_a_signal_while_reading_cuts_it_off(cli: Cli, slow):
    held, server = slow
    with started("reconcile", "-f", EXAMPLE2) as process:
        assert held.arrived.wait(PATIENCE)
        process.terminate()
        assert event(process, "round")["outcome"] == "stopped"
        assert process.wait(PATIENCE) == 0
    assert {each.method for each in server.heard} == {"GET"}
    assert not STATE.exists()


def test_credentials_that_are_missing_are_told_and_looked_for_again(cli: Cli):
    cli.environ({"RTCCTL_ENDPOINT": "http://127.0.0.1:9"})
    ran = cli("reconcile", "-f", EXAMPLE2, "--once", code=4)
    [found] = [each for each in events(ran.out) if each["event"] == "round"]
    assert found["error"]["type"] == "CredentialsError"
    assert found["error"]["mend"]
    assert not set(KEYS.values()) & set(ran.text.split())


def test_an_end_at_once_outside_of_an_apply_is_130(cli: Cli, monkeypatch: pytest.MonkeyPatch):
    async def run(self: Reconciler) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(Reconciler, "run", run)
    found = events(cli(*RECONCILE, code=130).out)
    assert [each["event"] for each in found] == ["stopping", "stopping", "ended"]
    assert found[1]["at_once"] is True
    assert found[2]["exit_code"] == 130
