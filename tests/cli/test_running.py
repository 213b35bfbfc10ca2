"""Flags that say how a run shall go, and what is told meanwhile."""

from __future__ import annotations

import asyncio
import json

import pytest

from rtcctl.api.client import Client
from rtcctl.api.credentials import TokenCredentials
from rtcctl.applying.stop import Stop
from rtcctl.cli.progress import Interrupts, tell_wait, within
from rtcctl.cli.running import Running
from rtcctl.errors import UsageError
from rtcctl.model.limits import Limit
from rtcctl.model.values import Secret
from tests import virtual
from tests.e2e.support import EXAMPLE2, YES, Cli

TWO = """apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: a}
spec: {record_callback: {url: "http://callback.example/"}}
"""


@pytest.mark.parametrize(
    "flags",
    [("--parallelism", "0"), ("--rate", "0"), ("--throttle", "both"), ("--timeout", "never")],
)
@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_a_flag_that_makes_no_sense_is_exit_3(cli: Cli, command: str, flags: tuple[str, str]) -> None:
    cli.sim(command, EXAMPLE2, *YES, *flags, code=3)


def test_a_run_with_every_flag_does_the_same(cli: Cli) -> None:
    flags = ("--parallelism", "1", "--rate", "0.5", "--throttle", "shared", "--fail-fast", "--timeout", "5m")
    assert cli.apply(EXAMPLE2, *flags).out.endswith("Applied: 5 added, 0 changed, 0 destroyed.\n")
    cli.converged(EXAMPLE2)


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
    assert (client.throttle.parallel, client.throttle.model) == (3, "shared")


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(60, 60.0), "waiting 12 s for the limit of 60 calls a minute (apps, callbacks)"),
        (Limit(10, 1.0), "waiting 12 s for the limit of 10 calls a second (apps, callbacks)"),
        (Limit(1, 100.0), "waiting 12 s for the limit of 1 calls in 100 s (apps, callbacks)"),
    ],
)
def test_a_wait_for_a_limit_is_told(capsys: pytest.CaptureFixture[str], limit: Limit, words: str) -> None:
    tell_wait(("apps", "callbacks"), limit, 12.3)
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
    assert capsys.readouterr().err == "the time limit is reached: ending after the calls under way\n"


def test_a_time_limit_that_is_over_while_reading_is_an_error() -> None:
    async def read() -> str:
        await asyncio.sleep(10)
        return "read"

    assert virtual.run(within(11.0, read())) == "read"
    assert virtual.run(within(None, read())) == "read"
    with pytest.raises(UsageError, match="nothing was changed"):
        virtual.run(within(9.0, read()))


def test_whoever_comes_late_is_told_at_once_that_the_end_was_asked_for() -> None:
    stop, told = Stop(), list[str]()
    stop.when_asked(lambda: told.append("first"))
    stop.ask("SIGINT")
    stop.ask("SIGTERM")
    stop.when_asked(lambda: told.append("second"))
    assert (stop.reason, told) == ("SIGINT", ["first", "second"])
