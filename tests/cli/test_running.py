"""Flags that say how a run shall go, and what is told meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Iterator
from typing import Any

import click
import pytest

from rtcctl.api.client import Client
from rtcctl.api.credentials import TokenCredentials
from rtcctl.applying.stop import Stop
from rtcctl.cli import output, reporting
from rtcctl.cli.interrupts import Interrupts, TimeLimit, within
from rtcctl.cli.running import Running
from rtcctl.cli.watching import Watch
from rtcctl.errors import RtcctlError
from rtcctl.model.happening import Waiting
from rtcctl.model.ledger import ThrottleModel
from rtcctl.model.limits import Limit
from rtcctl.model.values import Secret
from rtcctl.operations.pace import Pace
from rtcctl.operations.workflow import Session
from tests import virtual
from tests.e2e.support import EXAMPLE2, YES, Cli, calls

TWO = """apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: a}
spec: {record_callback: {url: "http://callback.example/"}}
"""


@pytest.mark.parametrize(
    "flags",
    [("--parallelism", "0"), ("--rate", "0"), ("--throttle", "both"), ("--timeout", "never"), ("--timeout", "0s")],
)
@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_a_flag_that_makes_no_sense_is_exit_3(cli: Cli, command: str, flags: tuple[str, str]) -> None:
    cli.sim(command, EXAMPLE2, *YES, *flags, code=3)


def test_a_run_with_every_flag_does_the_same(cli: Cli) -> None:
    flags = ("--parallelism", "1", "--rate", "0.5", "--throttle", "shared", "--fail-fast", "--timeout", "5m")
    assert cli.apply(EXAMPLE2, *flags).out.endswith("Applied: 5 added, 0 changed, 0 destroyed.\n")
    cli.converged(EXAMPLE2)


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_what_only_reads_goes_at_the_pace_that_is_asked_for(cli: Cli, command: str, monkeypatch) -> None:
    paces: list[tuple[int, float]] = []
    set_on = Pace.set_on

    def noted(pace: Pace, client: Client, remembered: ThrottleModel) -> None:
        paces.append((pace.parallelism, pace.rate))
        set_on(pace, client, remembered)

    monkeypatch.setattr(Pace, "set_on", noted)
    cli.sim(command, EXAMPLE2, "--parallelism", "3", "--rate", "2")
    assert set(paces) == {(3, 2.0)}
    cli.sim(command, EXAMPLE2, "--rate", "0", code=3)


def test_the_throttle_that_was_set_is_in_the_state(cli: Cli) -> None:
    cli.apply(EXAMPLE2, "--throttle", "shared")
    [state] = cli.folder.rglob("default.state.json")
    assert json.loads(state.read_text())["throttle"] == "shared"
    cli.apply(EXAMPLE2)
    assert json.loads(state.read_text())["throttle"] == "shared"
    cli.apply(EXAMPLE2, "--throttle", "category")
    assert json.loads(state.read_text())["throttle"] == "category"


def test_a_pace_is_set_on_the_client() -> None:
    running = Running(parallelism=3, rate=0.5, throttle=None, fail_fast=False, timeout=None)
    client = Client("http://127.0.0.1", "http://127.0.0.1", TokenCredentials(Secret("fake-token", "test")))
    running.pace.set_on(client, "shared")
    assert client.throttle.model == "shared"


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(60, 60.0), "waiting 12 s for the limit of 60 calls a minute (apps, callbacks)"),
        (Limit(10, 1.0), "waiting 12 s for the limit of 10 calls a second (apps, callbacks)"),
        (Limit(1, 100.0), "waiting 12 s for the limit of 1 calls in 100 s (apps, callbacks)"),
    ],
)
def test_a_wait_for_a_limit_is_told(capsys: pytest.CaptureFixture[str], limit: Limit, words: str) -> None:
    Watch().see(Waiting(("apps", "callbacks"), limit, 12.3))
    assert capsys.readouterr().err == words + "\n"


def test_the_time_limit_drains_once(capsys: pytest.CaptureFixture[str]) -> None:
    stop, earlier = Stop(), Stop()
    earlier.ask("SIGINT")

    async def work() -> None:
        await Interrupts(stop).watch(asyncio.sleep(5), 3.0)
        await Interrupts(earlier).watch(asyncio.sleep(5), -1.0)

    with asyncio.Runner(loop_factory=virtual.VirtualLoop) as runner:
        runner.run(work())
    assert (stop.reason, earlier.reason) == ("time limit", "SIGINT")
    assert capsys.readouterr().err == "the time limit is reached: calls under way have 10 s to end\n"


@pytest.mark.parametrize("earlier", ["", "SIGINT"])
def test_what_is_under_way_ten_seconds_after_the_time_limit_is_aborted(
    capsys: pytest.CaptureFixture[str], earlier: str
) -> None:
    stop = Stop()
    if earlier:
        stop.ask(earlier)

    async def call() -> str:
        try:
            await asyncio.sleep(180)
        except asyncio.CancelledError:
            return "unknown"
        return "done"

    async def work() -> tuple[str, float]:
        time = asyncio.get_running_loop().time
        begun = time()
        return await Interrupts(stop).watch(call(), 3.0), time() - begun

    outcome, seconds = virtual.run(work())
    assert outcome == "unknown"
    assert seconds == pytest.approx(13.0)
    assert capsys.readouterr().err.splitlines()[-1] == "10 s after the time limit: ending at once"


def test_a_time_limit_of_reads_before_the_first_call_is_an_error_that_says_so() -> None:
    with pytest.raises(RtcctlError, match="nothing was changed") as caught:
        virtual.run(Interrupts(Stop()).watch(asyncio.sleep(180), 3.0))
    assert caught.value.exit_code == 1


def test_a_second_signal_while_only_reading_is_an_abort() -> None:
    stop = Stop()

    async def work() -> None:
        with Interrupts(stop) as interrupts:
            asyncio.get_running_loop().call_later(1, signal.raise_signal, signal.SIGINT)
            asyncio.get_running_loop().call_later(2, signal.raise_signal, signal.SIGTERM)
            asyncio.get_running_loop().call_later(3, signal.raise_signal, signal.SIGTERM)
            await interrupts.watch(asyncio.sleep(180))

    with pytest.raises(click.Abort):
        virtual.run(work())
    assert stop.reason == "SIGINT"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_third_signal_and_a_time_limit_after_an_abort_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    stop = Stop()

    async def slow_to_end() -> str:
        try:
            await asyncio.sleep(180)
        except asyncio.CancelledError:
            await asyncio.sleep(60)
        return "told"

    async def work() -> str:
        with Interrupts(stop) as interrupts:
            for second in (1, 2, 3):
                asyncio.get_running_loop().call_later(second, signal.raise_signal, signal.SIGTERM)
            return await interrupts.watch(slow_to_end(), 5.0)

    assert virtual.run(work()) == "told"
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_signal_between_the_calls_and_the_outcome_waits_for_it() -> None:
    stop = Stop()
    with Interrupts(stop):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert stop.reason == "SIGTERM"


def test_an_outcome_is_told_although_a_signal_comes_right_before(cli: Cli) -> None:
    real = reporting.finished

    def late(*arguments: Any, **more: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return real(*arguments, **more)

    told = output.result

    def telling(text: str) -> None:
        signal.raise_signal(signal.SIGINT)
        told(text)

    close = Session.close

    async def closing(self: Session) -> None:
        signal.raise_signal(signal.SIGINT)
        await close(self)

    cli.monkeypatch.setattr(output, "show", lambda outcome, format_: None)
    cli.monkeypatch.setattr(Session, "close", closing)
    cli.monkeypatch.setattr(output, "result", telling)
    cli.monkeypatch.setattr("rtcctl.cli.apply.finished", late)
    ran = cli.apply(EXAMPLE2, "--report", "json=out.json")
    assert ran.out.endswith("Applied: 5 added, 0 changed, 0 destroyed.\n")
    assert "nothing was changed" not in ran.err
    assert json.loads((cli.folder / "out.json").read_text())["kind"] == "result"


def test_only_time_that_is_counted_counts() -> None:
    clock = iter((10.0, 14.0, 100.0, 130.0))
    limit = TimeLimit(5.0, lambda: next(clock))
    with limit.counted():
        pass
    assert (limit.left, limit.at_most(30.0), limit.at_most(0.5)) == (1.0, 1.0, 0.5)
    with limit.counted():
        pass
    assert limit.left == 0.0


def test_without_a_limit_none_is_left_over() -> None:
    limit = TimeLimit(None)
    with limit.counted():
        pass
    assert (limit.left, limit.at_most(30.0)) == (None, 30.0)


def test_a_time_limit_that_is_over_before_the_first_call_is_exit_1(cli: Cli) -> None:
    cli.monkeypatch.setattr(TimeLimit, "counted", over_at_once)
    found = cli.apply(EXAMPLE2, "--timeout", "5m", "--output", "json", code=1).document
    assert (found["ended"], {each["outcome"] for each in found["changes"]}) == ("time limit", {"not attempted"})
    assert calls() == []


@contextlib.contextmanager
def over_at_once(self: TimeLimit) -> Iterator[None]:
    yield
    self.left = 0.0


def test_a_time_limit_that_is_over_while_reading_is_an_error() -> None:
    async def read() -> str:
        await asyncio.sleep(10)
        return "read"

    assert virtual.run(within(11.0, read())) == "read"
    assert virtual.run(within(None, read())) == "read"
    with pytest.raises(RtcctlError, match="nothing was changed") as caught:
        virtual.run(within(9.0, read()))
    assert caught.value.exit_code == 1


def test_whoever_comes_late_is_told_at_once_that_the_end_was_asked_for() -> None:
    stop, told = Stop(), list[str]()
    stop.when_asked(lambda: told.append("first"))
    stop.ask("SIGINT")
    stop.ask("SIGTERM")
    stop.when_asked(lambda: told.append("second"))
    assert (stop.reason, told) == ("SIGINT", ["first", "second"])
