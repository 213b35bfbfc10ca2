"""Ended jobs: at most five restarts, later and later, forgotten once a job has run for an hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtcctl.operations.restarts import MOST
from tests.operations.looping import Json, Loop, manifest, nothing, outcomes
from tests.planner.support import (
    app,
    at,
    change_of,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_job,
    live_rule,
    owned_app,
    owned_job,
    owned_rule,
    planned,
    rule,
)


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    made = Loop(tmp_path)
    made.write(manifest(restart="OnFailure"))
    return made


def started(loop: Loop) -> list[float]:
    """When jobs were started, in intervals since the first round."""
    moments = [each["time"] for each in loop.told("call") if each["verb"] == "start"]
    clock = [int(moment[11:13]) * 60 + int(moment[14:16]) for moment in moments]
    return [minutes / 5 for minutes in clock]


def test_a_failing_job_is_restarted_five_times_with_longer_and_longer_pauses_and_then_left_alone(loop: Loop):
    found = loop.rounds(*[loop.end_jobs] * 24)
    assert started(loop) == [0, 1, 2, 4, 8, 16]
    assert sum(each["restarted"] for each in found) == MOST
    assert len(loop.jobs()) == 1 + MOST
    assert outcomes(found)[-1] == "converged"
    assert found[-1]["held"] == 1
    held = loop.told("restart-held")
    waiting = held[0]
    assert (waiting["address"], waiting["restarts"], waiting["may_restart_in"]) == ("MixStreamJob/a/room1", 2, 300.0)
    assert held[-1] | {"restarts": MOST, "given_up": True, "level": "warning"} == held[-1]


def test_a_job_that_has_run_for_an_hour_begins_at_nought(loop: Loop):
    loop.rounds(loop.end_jobs, loop.end_jobs, *[nothing] * 12, loop.end_jobs, loop.end_jobs)
    assert started(loop) == [0, 1, 2, 15, 16]


def test_a_job_that_fails_before_the_hour_goes_on_counting(loop: Loop):
    loop.rounds(loop.end_jobs, loop.end_jobs, *[nothing] * 10, loop.end_jobs, loop.end_jobs, *[nothing] * 3)
    assert started(loop) == [0, 1, 2, 13, 17]


def test_a_changed_declaration_begins_at_nought(loop: Loop):
    given_up: list[Json] = loop.rounds(*[loop.end_jobs] * 20)
    assert given_up[-1]["held"] == 1
    loop.write(manifest(restart="Always"))
    before = len(loop.jobs())
    assert loop.rounds()[0]["restarted"] == 1  # another loop, which has counted nothing
    assert len(loop.jobs()) == before + 1

    declared_otherwise = [lambda: loop.write(manifest(restart="OnFailure"))]
    found = loop.rounds(*[loop.end_jobs] * 20, *declared_otherwise)
    assert [each["held"] for each in found[-2:]] == [1, 0]
    assert found[-1]["restarted"] == 1


def test_a_job_that_is_no_longer_declared_is_forgotten(loop: Loop):
    found = loop.rounds(loop.end_jobs, loop.end_jobs, lambda: loop.write(manifest()), nothing)
    assert [each["held"] for each in found] == [0, 0, 0, 0, 0]
    assert loop.told("restart-held") == []


def test_a_dry_run_counts_nothing(loop: Loop):
    loop.rounds(loop.end_jobs)
    loop.rounds(loop.end_jobs, *[nothing] * 8, dry_run=True)
    assert loop.told("restart-held") == []
    assert loop.rounds()[0]["restarted"] == 1


def test_a_job_that_a_person_stopped_is_not_held_back_but_left(loop: Loop):
    def stop() -> object:
        return loop.by_hand("DELETE", f"/v2/apps/{{app}}/mix-stream-jobs/{loop.jobs()[-1]['job_id']}")

    found = loop.rounds(loop.end_jobs, stop, nothing)
    assert [each["restarted"] for each in found] == [0, 1, 0, 0]
    assert [each["held"] for each in found] == [0, 0, 0, 0]


def test_the_plan_tells_that_a_restart_is_held_back() -> None:
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()})
    account = live(live_app(), live_rule(), live_job(state="STOPPED", stop_reason="INTERNAL_ERROR"))
    wanted = desired(app(), rule(), job(restart="OnFailure"))
    held = frozenset({at("MixStreamJob/a/room1")})
    change = change_of(planned(wanted, account, owned, held=held), "MixStreamJob/a/room1")
    assert change.action == "no-op"
    assert change.reason == "the job ended (INTERNAL_ERROR) and its restart is held back"
    assert change.entry is not None
    assert change.entry.stopped == "INTERNAL_ERROR"
    assert change_of(planned(wanted, account, owned), "MixStreamJob/a/room1").action == "create"
    # Asked for by a person, it is started all the same.
    asked = planned(wanted, account, owned, held=held, replace=held)
    assert change_of(asked, "MixStreamJob/a/room1").action == "create"
