"""`apply --wait`: the jobs that were started are followed until they run; nothing is undone when they don't."""

from __future__ import annotations

import asyncio
import os
import signal

from starlette.applications import Starlette

from rtcctl.operations import pacing
from rtcctl.operations.pacing import Timer
from tests.e2e.support import (
    AUTH_KEY,
    DATA,
    EXAMPLE2,
    KEYS,
    Cli,
    Loopback,
    Reply,
    Since,
    check_document,
    simulated,
)
from tests.e2e.watching import CREATE_APP, JOB, Time, time

__all__ = ["time"]
TEXT = EXAMPLE2.read_text()


def test_apply_follows_the_jobs_that_it_starts(cli: Cli, time: Time):
    ran = cli.apply(EXAMPLE2, "--wait")
    assert f"\n\n  {JOB}  RUNNING after 3.5 s\n\nApplied: 5 added" in ran.out
    assert ran.err.endswith(f"{JOB}: INIT after 0.0 s\n{JOB}: RUNNING after 3.5 s\n")
    found = cli.apply(EXAMPLE2, "--wait", "--output", "json").document
    check_document(found, "result")
    assert (found["followed"], found["exit_code"]) == ([], 0)


def test_a_saved_plan_is_followed_too(cli: Cli, time: Time):
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    cli.sim("plan", EXAMPLE2, "--out", "plan.json")
    ran = cli("apply", "plan.json", "--simulator", "--wait", "--output", "json")
    check_document(ran.document, "result")
    [job] = ran.document["followed"]
    assert (job["address"], job["ending"], job["state"], job["seconds"]) == (JOB, "reached", "RUNNING", 3.5)
    assert AUTH_KEY not in ran.text


def test_without_wait_nothing_is_followed(cli: Cli, time: Time):
    ran = cli.apply(EXAMPLE2)
    assert "RUNNING" not in ran.text
    assert time.passed == 0


def test_a_job_that_does_not_get_there_in_time_fails_the_apply_and_nothing_is_undone(cli: Cli, time: Time):
    since = Since()
    ran = cli.apply(EXAMPLE2, "--wait", "--wait-timeout", "1s", "--output", "json", code=1)
    check_document(ran.document, "result")
    assert ran.document["exit_code"] == 1
    assert [each["ending"] for each in ran.document["followed"]] == ["late"]
    assert {each["outcome"] for each in ran.document["changes"]} == {"done"}
    assert len(since.told) == 5
    cli.converged(EXAMPLE2)


def test_a_job_that_ends_instead_fails_the_apply(cli: Cli, time: Time):
    """The rule's bucket was not authorized, so that the job fails when it starts to record."""
    _, _, text = TEXT.partition("---\n")
    manifest = cli.write(text)
    ran = cli.apply(manifest, "--wait", code=1)
    assert "STOPPED (INTERNAL_ERROR) after 3.5 s: it will not run any more" in " ".join(ran.out.split())


def test_where_something_else_failed_the_end_is_6(cli: Cli, time: Time):
    second = "\n---\n".join(
        ["", "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: other}\nspec: {app_name: rtctesu}\n"]
    )
    manifest = cli.write(TEXT + second)
    app: Starlette = CREATE_APP(cli.folder / DATA, now=time, start_delay=2)
    answer = simulated(app)
    refusing = Loopback(
        lambda request: (
            Reply(400, b'{"error_code": "RTC.00001003", "error_msg": "InvalidParameterValue"}')
            if b"rtctesu" in request.body
            else answer(request)
        )
    )
    cli.environ(KEYS)
    with refusing as server:
        target = ("apply", "-f", str(manifest), "--endpoint", server.url, "--auto-approve", "--output", "json")
        ran = cli(*target, "--wait", "--wait-timeout", "1s", code=6)
    assert [each["ending"] for each in ran.document["followed"]] == ["late"]


def test_a_signal_while_jobs_are_followed_ends_that_and_tells_what_was_done(cli: Cli, time: Time):
    begun = time.sleep

    async def interrupted(seconds: float) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await begun(seconds)
        await asyncio.sleep(0)  # the loop hears of signals between two steps

    cli.monkeypatch.setattr(pacing, "REAL", Timer(lambda: time.passed, interrupted))
    ran = cli.apply(EXAMPLE2, "--wait", code=6)
    assert "not followed any longer" in ran.out
    assert "Applied: 5 added" in ran.out


def test_the_state_is_free_while_jobs_are_followed(cli: Cli, time: Time):
    held: list[bool] = []

    async def sleep(seconds: float) -> None:
        with cli.holding():
            held.append(True)
        await time.sleep(seconds)

    cli.monkeypatch.setattr(pacing, "REAL", Timer(lambda: time.passed, sleep))
    cli.apply(EXAMPLE2, "--wait")
    assert held
