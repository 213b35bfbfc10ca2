"""`rtcctl simulator serve`: what flags make of the simulator's behaviour."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import httpx
import pytest

from rtcctl.errors import UsageError
from rtcctl.operations.simulating import Behaviour
from rtcctl.simulator import ACCOUNT, VirtualClock

from .running import ROOT, line_with, rtcctl, started

BUSY = ROOT / "examples" / "faults" / "busy-service.yaml"


def test_without_flags_nothing_is_special() -> None:
    options = Behaviour().options()
    assert (options.throttle, options.scenario.faults, options.accounts) == (None, (), (ACCOUNT,))
    assert (options.variants, options.deliver_callbacks, options.rooms_start_empty) == (frozenset(), "loopback", False)


def test_flags_are_taken_over() -> None:
    behaviour = Behaviour(clock="virtual", rooms="empty", variants=("masked-keys",), deliver_callbacks="none")
    options = behaviour.options()
    assert isinstance(options.now, VirtualClock)
    assert options.rooms_start_empty
    assert (set(options.variants), options.deliver_callbacks) == ({"masked-keys"}, "none")


def test_faults_of_flags_come_before_those_of_the_file_and_latency_first_of_all() -> None:
    options = Behaviour(faults=BUSY, single_faults=("reset:when=after,calls=CreateApp",), latency=0.5).options()
    kinds = [fault.kind for fault in options.scenario.faults]
    assert kinds[:2] == ["latency", "reset"]
    assert options.scenario.faults[0].seconds == 0.5
    assert options.throttle is not None
    assert options.throttle.scope == "shared"


@pytest.mark.parametrize(("flag", "scope"), [("off", None), ("category", "category"), ("api", "api")])
def test_flag_wins_over_the_limits_of_the_file(flag: str, scope: str | None) -> None:
    throttle = Behaviour(faults=BUSY, throttle=flag).options().throttle
    assert (throttle.scope if throttle else None) == scope


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (Behaviour(variants=("masked-key",)), "did you mean 'masked-keys'?"),
        (Behaviour(single_faults=("explode",)), "no fault is called 'explode'"),
        (Behaviour(faults=Path("missing.yaml")), "missing.yaml can't be read: No such file"),
        (Behaviour(accounts=Path("missing.yaml")), "missing.yaml can't be read: No such file"),
        (Behaviour(faults=ROOT / "examples" / "demo.yaml"), "demo.yaml"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(behaviour: Behaviour, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        behaviour.options()


def test_served_simulator_says_how_to_reach_each_account_and_warns_of_open_callbacks(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.yaml"
    accounts.write_text("accounts:\n  - name: edu\n  - name: events\n")
    flags = ("--accounts", str(accounts), "--deliver-callbacks", "any", "--latency", "0.01")
    with started("simulator", "serve", "--port", "0", *flags) as process:
        url = line_with(process.stdout, "SparkRTC simulator").split()[-1]
        line_with(process.stdout, "account edu:")
        line_with(process.stdout, "account events:")
        assert "warning: callbacks are sent to any host" in line_with(process.stderr, "warning")
        state = httpx.get(f"{url}/_simulator/state").json()
        (fault,) = httpx.get(f"{url}/_simulator/faults").json()["faults"]
    assert [account["name"] for account in state["accounts"]] == ["edu", "events"]
    assert (fault["fault"], fault["seconds"]) == ("latency", 0.01)


def test_command_serves_until_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    statuses: list[int] = []
    workers: list[threading.Thread] = []

    def work(url: str) -> None:
        statuses.append(httpx.get(url).status_code)
        os.kill(os.getpid(), signal.SIGTERM)

    def echo(text: str) -> None:
        said.append(text)
        if "PROJECT_ID" in text:
            workers.append(threading.Thread(target=work, args=(said[0].split()[-1],)))
            workers[0].start()

    monkeypatch.setattr("rtcctl.cli.serve.output.result", echo)
    assert rtcctl("simulator", "serve", "--port", "0") == 0
    workers[0].join()
    assert statuses == [200]
    assert any(ACCOUNT.access_key in line for line in said)


@pytest.mark.parametrize("data", [(), ("--data", "kept.db")])
def test_what_is_gone_at_the_end_is_said_at_the_start(data, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with started("simulator", "serve", "--port", "0", *data) as process:
        url = line_with(process.stdout, "SparkRTC simulator").split()[-1]
        assert httpx.get(f"{url}/_simulator/clock").status_code == 200
        process.terminate()
        assert process.stdout is not None
        assert ("kept in memory" in process.stdout.read()) is not bool(data)


def test_page_that_is_open_does_not_hold_up_the_end() -> None:
    with started("simulator", "serve", "--port", "0") as process:
        url = line_with(process.stdout, "SparkRTC simulator").split()[-1]
        with httpx.stream("GET", f"{url}/_simulator/events") as response:
            events = response.iter_text()
            assert next(events).startswith("event: change")
            process.terminate()
            assert list(events)[-1:] in ([], ["event: change\ndata: 1\n\n"])
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_address_beyond_loopback_is_warned_about_and_a_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts: list[str] = []
    monkeypatch.setattr("rtcctl.simulator.serve", lambda *_, host, **__: hosts.append(host))
    assert rtcctl("simulator", "serve", "--host", "0.0.0.0") == 0
    assert "whoever reaches 0.0.0.0" in capsys.readouterr().err
    assert rtcctl("simulator", "serve", "--host", "::1") == 0
    assert "warning" not in capsys.readouterr().err
    assert rtcctl("simulator", "serve", "--host", "example.com") == 3
    assert hosts == ["0.0.0.0", "::1"]
