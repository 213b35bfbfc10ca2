"""The reconcile loop: how each kind of round ends, when the next one comes, and what is told."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from rtcctl.errors import CredentialsError, ExitCode, NotAuthenticatedError, UsageError
from rtcctl.operations import rounds
from rtcctl.operations.reconciling import Reconciler, Wish
from rtcctl.operations.rounds import Round
from rtcctl.simulator import request_log
from tests.operations.looping import HOOK, KEY, OTHER_HOOK, Loop, manifest, nothing, outcomes

HOLD = """
import sys
from pathlib import Path
from rtcctl.state.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    return Loop(tmp_path)


def test_the_first_round_applies_and_the_next_ones_find_nothing_to_do(loop: Loop):
    found = loop.rounds(nothing, nothing)
    assert outcomes(found) == ["applied", "converged", "converged"]
    assert found[0]["applied"] == {"create": 2}
    assert loop.writes() == ["CreateApp", "UpdateRecordCallback"]
    assert loop.clock.pauses == [300.0, 300.0, 300.0]
    assert [each["next_in"] for each in found] == [300.0, 300.0, 300.0]


def test_a_round_tells_its_calls_reads_included(loop: Loop):
    loop.rounds(nothing)
    before = len(request_log(loop.app))
    [found] = loop.rounds()
    assert found["calls"] == len(request_log(loop.app)) - before > 0


def test_events_tell_each_call_and_each_change(loop: Loop):
    loop.rounds()
    assert [(each["address"], each["outcome"]) for each in loop.told("call")] == [
        ("App/a", "done"),
        ("RecordCallback/a", "done"),
    ]
    [app_id] = {each["ids"]["app_id"] for each in loop.told("change")}
    assert [(each["action"], each["outcome"]) for each in loop.told("change")] == [("create", "done")] * 2
    assert app_id
    assert loop.events[0]["event"] == "started"
    assert loop.events[-1] == {"time": "2026-01-01T00:05:00.000Z", "level": "info", "event": "ended", "exit_code": 0}


def test_drift_is_repaired_in_the_next_round(loop: Loop):
    path = "/v2/apps/{app}/record-callback"
    drift = [lambda: loop.by_hand("PUT", path, {"url": OTHER_HOOK, "auth_key": KEY})]
    found = loop.rounds(*drift, nothing)
    assert outcomes(found) == ["applied", "applied", "converged"]
    assert [each["drift"] for each in found] == [0, 1, 0]
    assert loop.told("change")[-1] | {"repairs_drift": True, "address": "RecordCallback/a"} == loop.told("change")[-1]
    assert asyncio.run(loop.by_hand("GET", path))["record_callback"]["url"] == HOOK


def test_a_changed_manifest_is_applied_in_the_next_round(loop: Loop):
    found = loop.rounds(lambda: loop.write(manifest(url=OTHER_HOOK)))
    assert outcomes(found) == ["applied", "applied"]
    assert found[1]["drift"] == 0


def test_a_broken_manifest_is_told_and_nothing_is_done_until_it_is_mended(loop: Loop):
    mend = [lambda: loop.write(manifest(url=OTHER_HOOK))]
    found = loop.rounds(lambda: loop.write("kind: Ap\n"), nothing, *mend)
    assert outcomes(found) == ["applied", "failed", "failed", "applied"]
    assert found[1]["error"]["type"] == "ManifestError"
    assert "pending" not in found[1]
    assert found[1]["calls"] == 0
    told = loop.told("diagnostic")
    assert {(each["file"], each["line"], each["level"]) for each in told} == {("manifest.yaml", 1, "error")}
    assert all("source" not in each for each in told)
    assert loop.clock.pauses == [300.0] * 4  # no other try mends it sooner


def test_dry_run_tells_what_is_due_and_writes_nothing(loop: Loop):
    with loop.holding():  # as plan, it needs no lock
        found = loop.rounds(nothing, dry_run=True)
    assert outcomes(found) == ["dry-run", "dry-run"]
    assert [each["address"] for each in loop.told("pending")] == ["App/a", "RecordCallback/a"] * 2
    assert loop.writes() == []
    assert not loop.state.path.exists()
    loop.rounds()
    assert outcomes(loop.rounds(dry_run=True)) == ["converged"]


def test_an_unsafe_plan_is_told_and_never_run_not_even_in_part(loop: Loop):
    loop.rounds()
    writes = loop.writes()
    renamed = manifest(url=OTHER_HOOK).replace("spec:", "spec:\n  app_name: another")
    loop.write(renamed)
    found = loop.rounds(nothing)
    assert outcomes(found) == ["refused", "refused"]
    assert found[0]["refusals"] == 1
    assert found[0]["level"] == "warning"
    assert loop.writes() == writes
    refusal = loop.told("refusal")[0]
    assert (refusal["rule"], refusal["address"]) == ("destroy", "App/a")
    assert ("App/a", "replace") in {(each["address"], each["action"]) for each in loop.told("pending")}
    assert loop.clock.pauses[-2:] == [300.0, 300.0]
    assert loop.once()[0] == ExitCode.REFUSED


def test_another_process_with_the_lock_makes_it_stand_by(loop: Loop):
    path = loop.state.path.with_name(loop.state.path.name + ".lock")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert loop.once()[0] == ExitCode.LOCKED

        def release() -> None:
            holder.communicate()

        found = loop.rounds(nothing, release)
    assert outcomes(found) == ["standby", "standby", "applied"]
    assert f"process {holder.pid}" in found[0]["reason"]
    assert found[0]["level"] == "info"
    assert "error" not in found[0]
    assert found[0]["calls"] == 0
    assert loop.clock.pauses == [300.0] * 3


def test_of_two_replicas_one_works_until_it_ends(loop: Loop, tmp_path: Path):
    other = Loop(tmp_path)
    other.app = loop.app
    other.clock.passed = loop.clock.passed

    async def meanwhile() -> None:
        assert await other.reconciler(once=True).run() == ExitCode.LOCKED

    found = loop.rounds(meanwhile, meanwhile)
    assert outcomes(found) == ["applied", "converged", "converged"]
    assert {each["leader"] for each in found} == {True}
    assert [(each["outcome"], each["leader"]) for each in other.told("round")] == [("standby", False)] * 2
    assert "locked by" in other.told("round")[0]["reason"]
    code, ended = other.once()
    assert (code, ended["outcome"], ended["leader"]) == (ExitCode.OK, "converged", True)


def test_a_replica_that_can_not_work_lets_another_one(loop: Loop, tmp_path: Path):
    other = Loop(tmp_path)
    other.app = loop.app

    async def meanwhile() -> None:
        await other.reconciler(once=True).run()

    (tmp_path / "good").mkdir()
    settings = replace(other.settings, files=("good",))
    (tmp_path / "good" / "manifest.yaml").write_text(manifest())

    async def meanwhile_elsewhere() -> None:
        other.clock.passed = loop.clock.passed
        await other.reconciler(settings=settings, once=True).run()

    broken = [lambda: loop.write("kind: Ap\n")]
    found = loop.rounds(meanwhile, *broken, meanwhile_elsewhere, lambda: loop.write(manifest()))
    assert [(each["outcome"], each["leader"]) for each in found] == [
        ("applied", True),
        ("converged", True),
        ("failed", False),
        ("failed", False),
        ("converged", True),
    ]
    assert outcomes(other.told("round")) == ["standby", "converged"]


def test_people_can_use_the_state_between_rounds(loop: Loop):
    def by_a_person() -> None:
        with loop.state.locked():
            loop.state.save(loop.state.load())

    assert outcomes(loop.rounds(by_a_person)) == ["applied", "converged"]


def test_while_the_service_is_down_the_next_try_comes_later_and_later_up_to_the_interval(loop: Loop):
    loop.break_down()
    found = loop.rounds(*[nothing] * 6, loop.mend, nothing)
    assert outcomes(found) == [*["failed"] * 7, "applied", "converged"]
    assert loop.clock.pauses == [10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0, 300.0]
    error = found[0]["error"]
    assert (error["type"], error["status"], error["method"]) == ("ServerError", 503, "GET")
    assert error["request_id"]
    loop.break_down()
    loop.clock.pauses.clear()
    loop.rounds(nothing)
    assert loop.clock.pauses == [10.0, 20.0]  # the success in between counts from the beginning


def test_a_shorter_interval_is_the_limit_of_waiting(loop: Loop):
    loop.break_down()
    loop.rounds(nothing, interval=15.0)
    assert loop.clock.pauses == [10.0, 15.0]


def test_pauses_differ_by_a_tenth_so_that_replicas_do_not_meet(loop: Loop):
    made = loop.reconciler()
    for chance, seconds in ((float, 270.0), (lambda: 1.0, 330.0)):
        made._times = replace(made._times, random=chance)
        assert made._pause() == pytest.approx(seconds)


def test_a_write_that_fails_is_a_failed_round_that_tells_what_was_done(loop: Loop):
    loop.break_down(calls=("UpdateRecordCallback",))
    found = loop.rounds(loop.mend)
    assert outcomes(found) == ["failed", "applied"]
    assert found[0]["applied"] == {"create": 1}
    assert found[0]["error"]["status"] == 503
    assert found[0]["error"]["path"].endswith("/record-callback")
    told = [each for each in loop.told("change") if each["level"] == "error"]
    assert [(each["address"], each["outcome"]) for each in told] == [("RecordCallback/a", "unknown")]
    assert [each["outcome"] for each in loop.told("call")] == ["done", "failed", "done"]
    assert loop.writes().count("CreateApp") == 1


def test_a_single_round_ends_with_its_own_exit_code(loop: Loop):
    assert loop.once(dry_run=True)[0] == ExitCode.CHANGES_PENDING
    loop.break_down(calls=("UpdateRecordCallback",))
    assert loop.once()[0] == ExitCode.PARTIAL
    loop.mend()
    code, ended = loop.once()
    assert (code, ended["outcome"]) == (ExitCode.OK, "applied")
    assert "next_in" not in ended
    loop.write("{")
    assert loop.once()[0] == ExitCode.INVALID
    assert loop.clock.pauses == []


def test_what_only_the_state_learns_is_recorded_without_a_call(loop: Loop):
    loop.rounds()
    loop.state.path.unlink()
    [found] = loop.rounds()
    assert (found["outcome"], found["recorded"]) == ("converged", 2)
    assert loop.state.path.exists()


def test_a_warning_is_told_once_until_it_changes(loop: Loop):
    loop.write(manifest().replace("${env:KEY}", "short"))
    loop.rounds(nothing, lambda: loop.write(manifest(url=OTHER_HOOK)), nothing)
    warnings = [each for each in loop.told("diagnostic") if each["level"] == "warning"]
    assert len(warnings) == len({each["message"] for each in warnings}) > 0


def test_a_stop_while_reading_ends_the_round_at_once_and_cleanly(loop: Loop):
    async def run() -> ExitCode:
        made = loop.reconciler()
        client = loop.client()

        async def held_back(*_: object) -> None:
            made.stop()
            await asyncio.Event().wait()

        client.send = held_back  # type: ignore[method-assign, assignment]
        loop.client = lambda: client  # type: ignore[method-assign]
        return await made.run()

    assert asyncio.run(run()) == ExitCode.OK
    [found] = loop.told("round")
    assert found["outcome"] == "stopped"
    assert "next_in" not in found
    assert loop.told("ended")


def test_a_stop_while_applying_ends_after_the_call_under_way(loop: Loop):
    made = loop.reconciler()
    write = made.events._write

    def stop_at_the_first_call(line: str) -> None:
        write(line)
        if json.loads(line)["event"] == "call":
            made.stop()

    made.events._write = stop_at_the_first_call
    assert asyncio.run(made.run()) == ExitCode.OK
    [found] = loop.told("round")
    assert (found["outcome"], found["applied"]) == ("stopped", {"create": 1})
    assert [each["outcome"] for each in loop.told("change")] == ["done", "not attempted"]
    assert loop.writes() == ["CreateApp"]
    assert outcomes(loop.rounds()) == ["applied"]


def test_an_end_at_once_is_told_by_the_exit_code(loop: Loop):
    made = loop.reconciler()
    write = made.events._write

    def abort_at_the_first_call(line: str) -> None:
        write(line)
        if json.loads(line)["event"] == "call":
            made.stop()
            made.abort()

    made.events._write = abort_at_the_first_call
    assert asyncio.run(made.run()) == ExitCode.PARTIAL


def test_no_secret_and_no_control_character_gets_into_an_event(loop: Loop):
    loop.rounds(lambda: loop.write("kind: \x7f\x1b[31mApp\u009b\nauth_key: " + KEY))
    made = loop.reconciler()
    made.events.tell("odd", text="\x7f\x1b\x9b\n", empty="", none=None)
    assert json.loads(loop.lines[-1])["text"] == "\x7f\x1b\x9b\n"
    assert "empty" not in loop.events[-1]
    for line in loop.lines:
        assert line.isascii()
        assert line.isprintable()
        assert KEY not in line


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(interval=9.9), "--interval is 9.9 s"),
        (Wish(health="here"), "'here' is no ADDRESS:PORT"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(loop: Loop, wish: Wish, words: str):
    with pytest.raises(UsageError, match=words):
        Reconciler(loop.settings, wish, loop.lines.append)


def test_standard_input_can_be_read_for_a_single_round_only(loop: Loop):
    settings = replace(loop.settings, files=("-",))
    with pytest.raises(UsageError, match="read only once"):
        loop.reconciler(settings=settings)
    assert loop.reconciler(settings=settings, once=True, interval=1.0)


def test_only_failures_that_may_be_over_soon_are_tried_again_sooner():
    assert Round("failed", error=UsageError("x")).may_pass is False
    assert Round("failed", error=CredentialsError("x")).may_pass is False
    assert Round("failed").may_pass
    assert not Round("standby").may_pass
    assert issubclass(NotAuthenticatedError, rounds._LASTING)
