"""Which jobs are meant, how they stand, and the plan that stops them; every read is one that is needed."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from rtcctl.errors import FailedCall, ForeignStateError, NotFoundError, RtcctlError, ServerError, UsageError
from rtcctl.model.jobs import JobStatus, Standing
from rtcctl.model.ledger import Entry, Ledger, Pending
from rtcctl.model.resource import Desired
from rtcctl.operations import jobs
from tests.planner.support import MIX, actions, app, at, declared, desired, job, ledger, owned_app, owned_job, rule

from .scripted import FAILED, Jobs, Reply, Time, session

ONE, TWO, USER = "MixStreamJob/a/one", "MixStreamJob/b/two", "IndividualStreamJob/a/user"
BEGUN = "2024-01-15T08:30:00+00:00"
OWNED = ledger(
    {
        "App/a": owned_app(),
        "App/empty": owned_app("e1"),
        ONE: owned_job("j1"),
        TWO: owned_job("j2"),
        USER: Entry({"app_id": "a1", "job_id": "j3"}),
    }
)
LOST = replace(OWNED, pending=(Pending(at("MixStreamJob/a/lost"), "start", BEGUN),))


def chosen(*texts: str, owned: Ledger = LOST) -> list[str]:
    return [str(each) for each in jobs.chosen(owned, Desired(), texts)]


def status(
    script: dict[str, list[Reply]], *texts: str, owned: Ledger = OWNED, wanted: Desired | None = None
) -> tuple[dict[str, JobStatus], Jobs]:
    client = Jobs(script)
    found = asyncio.run(jobs.status(session(client, owned, wanted), texts, client.time.timer))
    return {str(each.address): each for each in found}, client


def test_all_jobs_that_the_state_speaks_of_are_meant_where_none_is_named():
    assert chosen() == [USER, "MixStreamJob/a/lost", ONE, TWO]


def test_an_app_stands_for_its_jobs_and_nothing_is_meant_twice():
    assert chosen("default:App/a", ONE, TWO, TWO) == [USER, "MixStreamJob/a/lost", ONE, TWO]
    assert chosen("App/empty") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MixStreamJob/a/on", "the state has no MixStreamJob/a/on"),
        ("App/zzz", "the state has no App/zzz"),
        ("RecordRule/a/default", "RecordRule/a/default is not a job"),
        ("edu:App/a", "of the account 'edu'"),
        ("App/\x1b[2J", "is not an address"),
    ],
)
def test_what_is_no_job_of_the_state_is_refused(text, words):
    with pytest.raises(UsageError) as caught:
        chosen(text)
    assert words in caught.value.message
    assert "\x1b" not in caught.value.message


def test_the_mend_guesses_what_was_meant():
    with pytest.raises(UsageError) as caught:
        chosen("MixStreamJob/a/onne")
    assert caught.value.mend == f"did you mean {ONE}?"
    with pytest.raises(UsageError) as caught:
        chosen("MixStreamJob/a/one", owned=ledger())
    assert caught.value.mend == "it owns no job"


def test_each_job_is_read_once_and_told_as_the_service_has_it():
    wanted = desired(app(), rule(), job(ONE), declared(USER, {"room_id": "r3", "user_id": "u3"}))
    running = {"state": "RUNNING", "start_time": "2024-01-15T08:30:00Z", "mix_param": {"room_id": "live"}}
    found, client = status({"j1": [running], "j2": ["STOPPED"], "j3": ["INIT"]}, wanted=wanted)
    assert sorted(client.looks) == [(0.0, "j1"), (0.0, "j2"), (0.0, "j3")]
    one = found[ONE]
    assert one.standing == Standing("RUNNING", "", "2024-01-15T08:30:00Z")
    assert (one.room, one.user, one.declared, one.ids["job_id"]) == ("live", "", True, "j1")
    assert found[TWO].standing == Standing("STOPPED", "no longer readable")
    assert (found[TWO].room, found[TWO].declared) == (MIX["room_id"], False)
    assert (found[USER].room, found[USER].user) == ("r3", "u3")


def test_a_job_that_is_known_to_be_over_is_not_read():
    owned = replace(OWNED, entries={at(ONE): owned_job("j1", stopped="TENANT_STOP")})
    found, client = status({}, owned=owned)
    assert client.looks == []
    assert found[ONE].standing == Standing("STOPPED", "TENANT_STOP")


@pytest.mark.parametrize("known", [False, True])
def test_a_job_that_the_service_does_not_know_is_over_without_a_state(known):
    entry = owned_job("j1", stopped="no longer readable" if known else "")
    found, _ = status({}, owned=replace(OWNED, entries={at(ONE): entry}))
    assert found[ONE].standing == Standing("", "no longer readable")


def test_predecessors_are_read_and_told_as_long_as_they_are_not_over():
    deposed = tuple({"app_id": "a1", "job_id": each} for each in ("left", "over", "gone"))
    entry = owned_job("j1", stopped="TENANT_STOP", deposed=deposed)
    found, client = status({"left": ["RUNNING"], "over": ["STOPPED"]}, owned=replace(OWNED, entries={at(ONE): entry}))
    assert sorted(each for _, each in client.looks) == ["gone", "left", "over"]
    assert [(each.ids["job_id"], each.standing.state) for each in found[ONE].predecessors] == [("left", "RUNNING")]


def test_a_start_that_was_never_heard_of_again_is_told_without_a_read():
    found, client = status({}, "MixStreamJob/a/lost", owned=LOST, wanted=desired(app(), job("MixStreamJob/a/lost")))
    lost = found["MixStreamJob/a/lost"]
    assert (lost.standing, lost.begun, lost.room, lost.declared) == (None, BEGUN, MIX["room_id"], True)
    assert client.looks == []


def test_more_than_ten_jobs_are_read_within_the_limit_of_ten_a_second():
    entries = {at(f"MixStreamJob/a/j{n}"): owned_job(f"j{n}") for n in range(23)}
    _, client = status({}, owned=replace(OWNED, entries=entries))
    assert [moment for moment, _ in client.looks] == [0.0] * 10 + [1.0] * 10 + [2.0] * 3


def test_a_read_that_fails_is_an_error_and_nothing_is_assumed():
    with pytest.raises(ServerError):
        status({"j1": ["RUNNING"], "j2": [ServerError(FAILED, "broken")]})


def test_what_the_gateway_does_not_know_says_nothing_about_the_job():
    unknown = NotFoundError(FailedCall("GET", "/x", 404, "APIGW.0101"), "no such API")
    with pytest.raises(NotFoundError):
        status({"j1": [unknown]}, ONE)


def planned_stop(client: Jobs, *texts: str, owned: Ledger = OWNED):
    return asyncio.run(jobs.plan_stop(session(client, owned), texts, client.time.timer))


def test_stopping_reads_the_apps_for_the_accounts_name_and_each_job_once():
    client = Jobs({"j1": ["RUNNING"], "j3": ["INIT"]}, tenant="us")
    planned = planned_stop(client, "App/a")
    assert [each for _, each in client.looks] == ["/v2/apps", "j3", "j1"]
    assert actions(planned.plan) == {ONE: "delete", USER: "delete"}
    assert planned.ledger.binding.identity == {"tenant_name": "us"}
    assert planned.stored is OWNED
    assert [each.message for each in planned.plan.warnings] == ["the state is a local file"]


def test_another_account_that_answers_is_refused_before_a_job_is_taken_for_gone():
    binding = replace(OWNED.binding, identity={"tenant_name": "us"})
    client = Jobs({}, tenant="them")
    with pytest.raises(ForeignStateError):
        planned_stop(client, ONE, owned=replace(OWNED, binding=binding))
    assert [each for _, each in client.looks] == ["/v2/apps"]


def test_a_job_without_an_id_can_not_be_stopped_and_the_mend_says_what_settles_it():
    client = Jobs({})
    with pytest.raises(RtcctlError) as caught:
        planned_stop(client, "MixStreamJob/a/lost", owned=LOST)
    assert caught.value.exit_code == 1
    assert "rtcctl import MixStreamJob/a/lost JOB_ID" in caught.value.mend
    assert client.looks == []


def test_an_entry_without_ids_is_not_asked_for():
    found, client = status({}, owned=replace(OWNED, entries={at(ONE): Entry({})}))
    assert client.looks == []
    assert found[ONE].standing == Standing("", "no longer readable")


def test_time_passes_by_sleeping():
    time = Time()
    asyncio.run(time.sleep(2))
    assert time.timer.now() == 102
