"""`rtcctl jobs status|wait|stop`, on a simulator whose time passes only while they sleep."""

from __future__ import annotations

import functools
import json
import signal
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette

from rtcctl import simulator
from rtcctl.operations import pacing
from rtcctl.operations.pacing import Timer
from rtcctl.simulator import Options
from tests.cli.test_terminal import Typed
from tests.e2e.support import (
    DATA,
    EXAMPLE2,
    KEYS,
    SIMULATED_STATE,
    Cli,
    Loopback,
    Reply,
    Since,
    Stranger,
    calls,
    check_document,
    simulated,
)
from tests.e2e.watching import (
    CREATE_APP,
    JOB,
    START,
    STOPPING,
    Time,
    document,
    jobs,
    keep,
    own,
    path,
    stop_elsewhere,
    stored,
    time,
)
from tests.jobs_documents import check_jobs_document

__all__ = ["time"]
TEXT = EXAMPLE2.read_text()
STOP = "DELETE /v2/apps/{app}/mix-stream-jobs/{job}"


def test_status_tells_what_the_service_says(cli: Cli):
    cli.apply(EXAMPLE2)
    before = len(calls(writes=False))
    ran = jobs(cli, "status")
    assert [(each["method"], each["path"]) for each in calls(writes=False)[before:]] == [("GET", path())]
    first, second, third, last = ran.out.splitlines()
    assert (first, third, last) == (f"{JOB}  RUNNING", f"      job_id {own()['ids']['job_id']}", "1 job: 1 RUNNING.")
    assert second.startswith("      room room001, since 20")
    [job] = document(cli, "status", f"default:{JOB}")["jobs"]
    assert (job["state"], job["over"], job["room_id"], job["user_id"], job["declared"]) == (
        "RUNNING",
        False,
        "room001",
        None,
        True,
    )
    assert job["since"] == Stranger().send("GET", path())["start_time"]


def test_status_of_a_single_stream_job_names_its_user(cli: Cli):
    example = EXAMPLE2.with_name("single-stream-recording.yaml")
    cli.apply(example)
    [job] = document(cli, "status", "App/rtctest-single", manifest=example)["jobs"]
    assert (job["room_id"], job["user_id"]) == ("room001", "user001")


def test_status_of_what_is_known_to_be_over_asks_nobody(cli: Cli):
    cli.apply(EXAMPLE2)
    jobs(cli, "stop", JOB, *STOPPING)
    before = len(calls(writes=False))
    [job] = document(cli, "status")["jobs"]
    assert (job["state"], job["stop_reason"], job["over"]) == ("STOPPED", "TENANT_STOP", True)
    assert len(calls(writes=False)) == before


def test_status_of_what_ended_by_itself_writes_nothing(cli: Cli):
    cli.apply(EXAMPLE2)
    stop_elsewhere()
    before = SIMULATED_STATE.read_bytes()
    assert jobs(cli, "status").out.startswith(f"{JOB}  STOPPED (TENANT_STOP)\n")
    assert SIMULATED_STATE.read_bytes() == before


def test_status_of_an_empty_state_is_no_error(cli: Cli):
    assert jobs(cli, "status").out == "The state owns no job that is meant.\n"
    assert document(cli, "status")["jobs"] == []


def test_status_shows_a_predecessor_that_still_runs(cli: Cli):
    cli.apply(EXAMPLE2)
    old = own()["ids"]
    cli.apply(EXAMPLE2, "--replace", JOB, "--allow-destroy")
    keep({"deposed": [old, own()["ids"]]})
    [job] = document(cli, "status")["jobs"]
    assert [each["ids"] for each in job["predecessors"]] == [own()["ids"]]


@pytest.mark.parametrize("name", ["status", "wait", "stop"])
def test_what_is_no_job_of_the_state_is_exit_3(cli: Cli, name):
    cli.apply(EXAMPLE2)
    since = Since()
    ran = jobs(cli, name, f"{JOB}x", code=3)
    assert f"= did you mean {JOB}?" in ran.err
    found = jobs(cli, name, "\x1b[2J", "--output", "json", code=3)
    check_document(found.document, "result")
    assert "\x1b" not in found.text
    assert since.requests == []


def test_stop_asks_for_an_address(cli: Cli):
    assert "ADDRESS" in jobs(cli, "stop", code=3).err


def test_wait_follows_a_job_from_init_to_running(cli: Cli, time: Time):
    cli.apply(EXAMPLE2)
    ran = jobs(cli, "wait")
    assert ran.err.splitlines() == [f"{JOB}: INIT after 0.0 s", f"{JOB}: RUNNING after 3.5 s"]
    assert ran.out == f"  {JOB}  RUNNING after 3.5 s\n1 of 1 job running.\n"
    found = document(cli, "wait", "App/rtctest")
    assert (found["exit_code"], found["jobs"][0]["ending"], found["jobs"][0]["seconds"]) == (0, "reached", 0)


def test_wait_ends_with_1_when_time_is_over_and_names_the_job(cli: Cli, time: Time):
    cli.apply(EXAMPLE2)
    ran = jobs(cli, "wait", "--timeout", "1s", code=1)
    assert f"  {JOB}  NOT running after 1.0 s: INIT\n0 of 1 job running, 1 not.\n" in ran.out
    time.passed = 0
    found = document(cli, "wait", "--timeout", "1", code=1)
    assert (found["exit_code"], found["jobs"][0]["ending"]) == (1, "late")


def test_the_time_limit_is_five_minutes_unless_told_otherwise(cli: Cli, time: Time):
    cli.apply(EXAMPLE2)
    jobs(cli, "wait", "--for", "stopped", code=1)
    assert round(time.passed) == 300


def test_wait_ends_with_1_when_a_job_ends_instead_and_says_why(cli: Cli):
    cli.apply(EXAMPLE2)
    stop_elsewhere()
    ran = jobs(cli, "wait", code=1)
    assert "STOPPED (TENANT_STOP) after 0.0 s: it will not run any more" in ran.out
    assert jobs(cli, "wait", "--for", "stopped").out.endswith("1 of 1 job stopped.\n")


def test_wait_for_the_end_sees_a_job_idle_out(cli: Cli):
    time = Time()
    options = Options(now=time, start_delay=0, rooms_start_empty=True)
    cli.monkeypatch.setattr(simulator, "create_app", lambda data, **_: CREATE_APP(data, options=options))
    cli.monkeypatch.setattr(pacing, "REAL", Timer(lambda: time.passed, time.sleep))
    cli.apply(EXAMPLE2)
    found = document(cli, "wait", "--for", "stopped")
    assert found["jobs"][0]["stop_reason"] == "EXCEED_MAX_IDLE_TIME"
    assert 30 <= time.passed <= 36


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_waiting(cli: Cli, time: Time, number: signal.Signals):
    cli.apply(EXAMPLE2)

    async def interrupted(seconds: float) -> None:
        signal.raise_signal(number)
        await time.sleep(seconds)

    cli.monkeypatch.setattr(pacing, "REAL", Timer(lambda: time.passed, interrupted))
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # as the console script does
    try:
        assert "nothing was changed" in jobs(cli, "wait", code=130).err
    finally:
        signal.signal(signal.SIGTERM, before)


def test_wait_with_nothing_to_wait_for_is_done(cli: Cli):
    assert jobs(cli, "wait").out == "The state owns no job that is meant.\n"


@pytest.mark.parametrize("duration", ["x", "5 m", "-1s", ""])
def test_a_duration_that_is_none_is_exit_3(cli: Cli, duration):
    assert "such as 30s, 5m or 1h" in jobs(cli, "wait", "--timeout", duration, code=3).err
    assert "such as 30s, 5m or 1h" in cli.apply(EXAMPLE2, "--wait", "--wait-timeout", duration, code=3).err
    assert not DATA.exists()


def serving(cli: Cli, status: int) -> Loopback:
    """A server with the simulator's data, on which reading a job fails."""
    app: Starlette = CREATE_APP(cli.folder / DATA)
    answer = simulated(app)
    body = b'{"error_code": "RTC.00002002", "error_msg": "InternalError.DbErr"}'
    return Loopback(
        lambda request: Reply(status, body) if "stream-jobs/" in request.path else answer(request),
    )


@pytest.mark.parametrize(("status", "code"), [(500, 1), (403, 4)])
def test_a_read_that_fails_decides_the_exit_code(cli: Cli, status, code):
    cli.environ(KEYS)
    with serving(cli, status) as server:
        target = ("-f", str(EXAMPLE2), "--endpoint", server.url)
        cli("apply", *target, "--auto-approve")
        cli("jobs", "status", *target, code=code)
        ran = cli("jobs", "wait", *target, "--timeout", "0", "--output", "json", code=code)
        check_jobs_document(ran.document)
        assert ran.document["exit_code"] == code
        cli("jobs", "stop", *target, JOB, *STOPPING, code=code)
        ran = cli("apply", *target, "--replace", JOB, "--wait", "--wait-timeout", "0", *STOPPING, code=code)
    assert KEYS["HUAWEICLOUD_SDK_SK"] not in ran.text


def test_stop_is_a_plan_of_one_delete_that_leaves_the_job_owned(cli: Cli):
    cli.apply(EXAMPLE2)
    since, serial = Since(), stored()["serial"]
    ran = jobs(cli, "stop", JOB, *STOPPING)
    assert since.told == [STOP]
    assert f"  - {JOB}\n" in ran.out
    assert "! stops a live recording of room001" in ran.out
    assert "This would stop 1 running recording.\nPlan: 0 to add, 0 to change, 1 to destroy.\n" in ran.out
    assert ran.out.endswith("Applied: 0 added, 0 changed, 1 destroyed.\n")
    assert own()["stopped"] == "TENANT_STOP"
    assert stored()["serial"] > serial
    assert Stranger().send("GET", path())["stop_reason"] == "TENANT_STOP"


@pytest.mark.parametrize("restart", ["Never", "OnFailure", "Always"])
def test_a_stopped_job_is_left_alone_by_every_policy_and_started_by_replace(cli: Cli, restart):
    manifest = cli.write(TEXT.replace("    - name: room001\n", f"    - name: room001\n      restart: {restart}\n"))
    cli.apply(manifest)
    jobs(cli, "stop", JOB, *STOPPING, manifest=manifest)
    since = Since()
    cli.apply(manifest)
    assert "is not started again" in cli.sim("plan", manifest).out
    cli.converged(manifest)
    assert since.requests == []
    cli.apply(manifest, "--replace", JOB)
    assert since.told == [START]


def test_stop_says_what_it_did_in_json(cli: Cli):
    cli.apply(EXAMPLE2)
    found = jobs(cli, "stop", "App/rtctest", *STOPPING, "--output", "json").document
    check_document(found, "result")
    assert [(each["address"], each["action"], each["outcome"]) for each in found["changes"]] == [
        (JOB, "delete", "done")
    ]
    assert found["plan"]["changes"][0]["consequences"] == ["stops a live recording of room001"]


def test_stop_goes_at_the_pace_that_is_asked_for_and_reports(cli: Cli):
    cli.apply(EXAMPLE2)
    pace = ("--parallelism", "1", "--rate", "0.5", "--throttle", "shared", "--fail-fast", "--timeout", "5m")
    ran = jobs(cli, "stop", JOB, *STOPPING, *pace, "--report", "text=out.txt")
    assert ran.out.endswith("Applied: 0 added, 0 changed, 1 destroyed.\n")
    assert Path("out.txt").read_text() == ran.out
    assert stored()["throttle"] == "shared"


def test_stop_waits_for_a_job_that_is_about_to_start(cli: Cli):
    cli.monkeypatch.setattr(simulator, "create_app", functools.partial(CREATE_APP, start_delay=0.3))
    cli.apply(EXAMPLE2)
    since = Since()
    assert "stops a recording of room001 that is about to start" in jobs(cli, "stop", JOB, *STOPPING).out
    assert since.told == [STOP, STOP]
    assert own()["stopped"] == "TENANT_STOP"


def test_stopping_what_is_over_says_so_and_records_why(cli: Cli):
    cli.apply(EXAMPLE2)
    stop_elsewhere()
    since = Since()
    ran = jobs(cli, "stop", JOB)
    assert "# the job ended (TENANT_STOP)" in ran.out
    assert ran.out.endswith("No changes. 1 to record.\n")
    assert jobs(cli, "stop", JOB).out.endswith("No changes.\n")
    assert own()["stopped"] == "TENANT_STOP"
    assert since.requests == []


def test_stop_needs_consent_that_auto_approve_alone_does_not_give(cli: Cli):
    cli.apply(EXAMPLE2)
    since, before = Since(), SIMULATED_STATE.read_bytes()
    assert "a recording would be stopped" in jobs(cli, "stop", JOB, "--auto-approve", code=7).err
    assert "--auto-approve --allow-destroy" in jobs(cli, "stop", JOB, code=3).err
    assert since.requests == []
    assert SIMULATED_STATE.read_bytes() == before


@pytest.mark.parametrize(("answer", "code"), [("yes\ndestroy 1\n", 0), ("yes\ndestroy 2\n", 130), ("no\n", 130)])
def test_at_a_terminal_stop_asks_for_two_words(cli: Cli, answer, code):
    cli.apply(EXAMPLE2)
    since = Since()
    cli.monkeypatch.setattr(sys, "stdin", Typed(answer))
    jobs(cli, "stop", JOB, code=code)
    assert since.told == ([] if code else [STOP])


def test_a_protected_job_is_not_stopped(cli: Cli):
    manifest = cli.write(
        TEXT.replace("spec:\n  record_rules:", "spec:\n  lifecycle: {prevent_destroy: true}\n  record_rules:")
    )
    cli.apply(manifest)
    since = Since()
    assert "prevent_destroy" in jobs(cli, "stop", JOB, *STOPPING, manifest=manifest, code=7).err
    assert since.requests == []


def test_stop_is_refused_while_another_run_holds_the_state(cli: Cli):
    cli.apply(EXAMPLE2)
    with cli.holding():
        jobs(cli, "stop", JOB, *STOPPING, code=8)
        jobs(cli, "status")
        jobs(cli, "wait")


def test_another_projects_state_is_exit_5(cli: Cli):
    cli.apply(EXAMPLE2)
    kept = stored()
    kept["project"] = "other"
    SIMULATED_STATE.write_text(json.dumps(kept))
    for name in ("status", "wait", "stop"):
        jobs(cli, name, JOB, code=5)


def lose_the_start() -> None:
    """Leave the state as an apply does that never got the answer to the job's POST."""
    kept = stored()
    del kept["entries"][JOB]
    kept["pending"] = [{"address": JOB, "verb": "start", "started": "2024-01-15T08:30:00+00:00"}]
    SIMULATED_STATE.write_text(json.dumps(kept))


def test_a_start_that_was_lost_is_shown_and_can_be_neither_awaited_nor_stopped(cli: Cli):
    cli.apply(EXAMPLE2)
    lose_the_start()
    assert "a start was begun 2024-01-15T08:30:00+00:00 and never heard of" in jobs(cli, "status").out
    [job] = document(cli, "status")["jobs"]
    assert (job["state"], job["over"], job["begun"]) == (None, None, "2024-01-15T08:30:00+00:00")
    for name in ("wait", "stop"):
        assert f"rtcctl import {JOB} JOB_ID" in jobs(cli, name, JOB, code=1).err
