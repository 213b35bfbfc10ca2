"""Following jobs: when looks are made, what ends them, and who hears of it. No real time passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from rtcctl.errors import (
    BadAnswerError,
    FailedCall,
    NotAuthenticatedError,
    RtcctlError,
    ServerError,
    ThrottledError,
    UnreachableError,
)
from rtcctl.model.jobs import Aim, Followed, Standing
from rtcctl.model.ledger import Entry, Pending
from rtcctl.model.plan import Change, Plan
from rtcctl.model.result import ApplyResult, ChangeResult
from rtcctl.operations import waiting
from rtcctl.operations.workflow import Planned
from tests.planner.support import at, ledger, owned_app, owned_job

from .scripted import FAILED, Jobs, Reply, session

WHERE = "MixStreamJob/a/one"
STOPPED = {"state": "STOPPED", "stop_reason": "INTERNAL_ERROR"}


def followed(
    script: dict[str, list[Reply]],
    aim: Aim = "running",
    limit: float = 300,
    *,
    entries: dict[str, Entry] | None = None,
    stopping: Callable[[Jobs], bool] = lambda client: False,
    fresh: bool = False,
) -> tuple[dict[str, Followed], Jobs, list[str]]:
    client: Any = Jobs(script)
    told: list[str] = []
    owned = entries or {f"MixStreamJob/a/{job}": owned_job(job) for job in script}

    def tell(seen: Followed) -> None:
        state = seen.standing.state if seen.standing else ""
        told.append(f"{seen.address.child} {type(seen.error).__name__ if seen.error else state} {seen.ending}")

    follower = waiting.Follower(
        client,
        {at(where): entry for where, entry in owned.items()},
        aim,
        limit,
        tell,
        lambda: stopping(client),
        fresh=fresh,
        timer=client.time.timer,
    )
    asyncio.run(follower.run())
    return {each.address.child: each for each in follower.results()}, client, told


def test_a_job_is_followed_until_it_runs_and_each_change_is_told_once():
    found, client, told = followed({"j": ["INIT", "INIT", "RUNNING"]})
    assert (found["j"].ending, found["j"].standing, found["j"].seconds) == ("reached", Standing("RUNNING"), 1.5)
    assert [moment for moment, _ in client.looks] == [0.0, 0.5, 1.5]
    assert told == ["j INIT None", "j RUNNING reached"]


def test_pauses_double_from_half_a_second_to_five():
    _, client, _ = followed({"j": ["INIT"]}, limit=20)
    assert [moment for moment, _ in client.looks] == [0.0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5, 20.0]


def test_a_job_that_is_not_there_in_time_is_late_with_its_last_state():
    found, _, told = followed({"j": ["INIT"], "k": ["RUNNING"]}, limit=3)
    assert (found["j"].ending, found["j"].standing) == ("late", Standing("INIT"))
    assert round(found["j"].seconds, 3) == 3
    assert found["k"].ending == "reached"
    assert told == ["j INIT None", "k RUNNING reached"]


def test_no_time_at_all_is_one_look():
    found, client, _ = followed({"j": ["INIT"]}, limit=0)
    assert (found["j"].ending, len(client.looks)) == ("late", 1)


def test_what_is_there_is_not_looked_at_again():
    _, client, _ = followed({"j": ["RUNNING"], "k": ["INIT", "RUNNING"]})
    assert [each for _, each in client.looks] == ["j", "k", "k"]


def test_a_job_that_ends_instead_is_told_with_its_reason_and_not_waited_for():
    found, client, told = followed({"j": ["INIT", STOPPED]})
    assert (found["j"].ending, found["j"].standing) == ("ended", Standing("STOPPED", "INTERNAL_ERROR"))
    assert client.time.moment == 100.5
    assert told == ["j INIT None", "j STOPPED ended"]


def test_a_job_that_the_service_does_not_know_has_ended():
    found, _, _ = followed({"j": [None]})
    assert (found["j"].ending, found["j"].standing) == ("ended", Standing("", "no longer readable"))


@pytest.mark.parametrize("last", [STOPPED, None], ids=["STOPPED", "404"])
def test_waiting_for_the_end_ends_when_it_is_over(last):
    found, _, _ = followed({"j": ["INIT", "RUNNING", last]}, "stopped")
    assert (found["j"].ending, found["j"].seconds) == ("reached", 1.5)


@pytest.mark.parametrize(("aim", "ending"), [("running", "ended"), ("stopped", "reached")])
def test_what_is_known_to_be_over_is_not_looked_at(aim, ending):
    entries = {WHERE: owned_job("j", stopped="TENANT_STOP")}
    found, client, told = followed({}, aim, entries=entries)
    assert (found["one"].ending, client.looks, told) == (ending, [], [])


def test_a_job_that_was_just_started_may_not_be_found_at_first():
    found, _, _ = followed({"j": [None, None, "INIT", "RUNNING"]}, fresh=True)
    assert found["j"].ending == "reached"
    found, _, _ = followed({"j": ["INIT", None]}, fresh=True)
    assert found["j"].ending == "ended"
    found, _, _ = followed({"j": [None]}, fresh=True, limit=2)
    assert found["j"].ending == "late"


@pytest.mark.parametrize(
    "error",
    [
        ServerError(FAILED, "broken"),
        ThrottledError(FAILED, "too many"),
        UnreachableError(FAILED, "no connection"),
        BadAnswerError(FAILED, "a page"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_look_that_fails_for_a_passing_reason_is_repeated(error):
    found, _, told = followed({"j": ["INIT", error, error, "RUNNING"]})
    assert (found["j"].ending, found["j"].error) == ("reached", None)
    assert told == ["j INIT None", f"j {type(error).__name__} None", "j RUNNING reached"]


def test_a_job_that_could_not_be_read_in_time_is_late_and_says_why():
    error = ServerError(FAILED, "broken")
    found, _, _ = followed({"j": ["INIT", error]}, limit=5)
    assert (found["j"].ending, found["j"].standing, found["j"].error) == ("late", Standing("INIT"), error)


def test_a_look_that_is_not_permitted_is_not_repeated():
    error = NotAuthenticatedError(FailedCall("GET", "/x", 401), "no")
    found, client, told = followed({"j": [error], "k": ["INIT", "RUNNING"]})
    assert (found["j"].ending, found["j"].error) == ("failed", error)
    assert found["k"].ending == "reached"
    assert [each for _, each in client.looks] == ["j", "k", "k"]
    assert told[0] == "j NotAuthenticatedError failed"


@pytest.mark.parametrize(("slow", "quick"), [(12, 0), (4, 6), (6, 0), (5, 0), (3, 20)])
def test_many_jobs_are_looked_at_within_ten_a_second(slow: int, quick: int):
    script: dict[str, list[Reply]] = {f"s{n}": ["INIT", "INIT", "RUNNING"] for n in range(slow)}
    script |= {f"q{n}": ["RUNNING"] for n in range(quick)}
    found, client, _ = followed(script)
    assert {each.ending for each in found.values()} == {"reached"}
    moments = [moment for moment, _ in client.looks]
    busiest = max(sum(start <= each < start + 1 for each in moments) for start in moments)
    assert busiest <= 10


def test_asked_to_stop_it_ends_within_a_moment_with_what_was_seen():
    found, client, _ = followed({"j": ["INIT"]}, stopping=lambda client: client.time.moment >= 103)
    assert (found["j"].ending, found["j"].standing) == ("interrupted", Standing("INIT"))
    assert client.time.moment < 103.3
    assert len(client.looks) == 3


class Hanging(Jobs):
    """Never answers."""

    async def send(self, call: Any) -> Any:
        await asyncio.Event().wait()


def test_a_service_that_does_not_answer_does_not_hold_up_the_time_limit(monkeypatch):
    monkeypatch.setattr(waiting, "LOOK_LIMIT", 0.01)
    client: Any = Hanging()
    jobs = {at(WHERE): owned_job("j")}
    follower = waiting.Follower(client, jobs, "running", 0, lambda seen: None, timer=client.time.timer)
    asyncio.run(follower.run())
    [found] = follower.results()
    assert (found.ending, found.standing) == ("late", None)


OWNED = ledger({"App/a": owned_app(), WHERE: owned_job("j")})


def test_jobs_of_the_state_are_waited_for():
    client: Any = Jobs({"j": ["INIT", "RUNNING"]})
    work = waiting.wait(session(client, OWNED), (), "running", 10, lambda seen: None, client.time.timer)
    assert [each.ending for each in asyncio.run(work)] == ["reached"]


def test_a_job_without_an_id_is_not_waited_for():
    owned = replace(OWNED, pending=(Pending(at("MixStreamJob/a/lost"), "start", "then"),))
    client: Any = Jobs({})
    with pytest.raises(RtcctlError, match="never learned"):
        asyncio.run(waiting.wait(session(client, owned), (), "running", 10, lambda seen: None))
    assert client.looks == []


def result(ids: dict[str, str], **more: Any) -> ApplyResult:
    kinds = {WHERE: ids, "App/a": {"app_id": "new"}, "MixStreamJob/a/failed": {}}
    changes = (ChangeResult(Change(at(where), "create"), "done", ids=each) for where, each in kinds.items())
    return ApplyResult(tuple(changes), **more)


def after_apply(applied: ApplyResult, client: Any, stopping: Callable[[], bool] = lambda: False) -> ApplyResult:
    planned = Planned(Plan(), OWNED, OWNED)
    opened = session(client, OWNED)
    timer = client.time.timer
    return asyncio.run(
        waiting.follow_started(opened, planned, applied, lambda seen: None, 10, stopping, timer),
    )


NEW = {"app_id": "a1", "job_id": "new"}


def test_an_apply_follows_the_jobs_that_it_started():
    found = after_apply(result(NEW), Jobs({"new": [None, "INIT", "RUNNING"]}))
    assert [(str(each.address), each.ending) for each in found.followed] == [(WHERE, "reached")]
    assert found.exit_code == 0


@pytest.mark.parametrize(
    "applied", [result(dict(owned_job("j").ids)), result(NEW, interrupted=True)], ids=["not started", "interrupted"]
)
def test_an_apply_does_not_follow(applied):
    client = Jobs({"new": ["RUNNING"]})
    assert after_apply(applied, client).followed == ()
    assert client.looks == []


def test_asked_to_end_at_once_an_apply_still_tells_what_was_seen():
    client = Jobs({"new": ["INIT"]})

    def stopping() -> bool:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return False

    found = after_apply(result(NEW), client, stopping)
    assert [(each.ending, each.standing) for each in found.followed] == [("interrupted", Standing("INIT"))]
    assert found.exit_code == 6
