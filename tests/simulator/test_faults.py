"""Faults in-process: what a call suffers, whether the service did it all the same, and how they are set and counted."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from rtcctl.simulator import Options, create_app, scenario
from rtcctl.simulator.faultlayer import FaultLayer, ResetByFaultError, TimedOutByFaultError
from rtcctl.simulator.faults import Fault, FaultBoard, Scenario

from .driver import Clock, Driver, Json, send

CONTROL = "/_simulator/faults"


def suffer(sim: Driver, *faults: Json, **members: Any) -> None:
    assert send(sim.app, "PUT", CONTROL, json={"faults": list(faults), **members}).status_code == 200


def names(sim: Driver) -> list[str]:
    return [app["app_name"] for app in sim.done("GET", "/v2/apps")["apps"]]


def test_status_is_answered_without_effect_as_often_as_said(sim: Driver) -> None:
    suffer(sim, {"fault": "status", "status": 503, "calls": ["CreateApp"], "count": 2})
    statuses = [sim.send("POST", "/v2/apps", {"app_name": "a"}).status_code for _ in range(3)]
    assert statuses == [503, 503, 201]
    assert names(sim) == ["a"]


def test_body_of_a_call_that_was_not_seen_is_in_the_log_without_secrets(sim: Driver) -> None:
    suffer(sim, {"fault": "status", "calls": ["UpdateRecordCallback"]})
    sim.send("PUT", "/v2/apps/x/record-callback", {"url": "http://a/", "auth_key": "k" * 32})
    assert sim.log()[-1]["body"] == {"url": "http://a/", "auth_key": "(secret)"}


def test_status_after_the_effect_hides_what_was_done(sim: Driver) -> None:
    suffer(sim, {"fault": "status", "status": 500, "when": "after", "calls": ["CreateApp"], "count": 1})
    sim.refused(500, "RTC.00002001", "POST", "/v2/apps", {"app_name": "a"})
    sim.refused(400, "RTC.00001020", "POST", "/v2/apps", {"app_name": "a"})


def test_429_has_the_gateway_s_code_and_says_when_to_come_again_if_told(sim: Driver) -> None:
    suffer(
        sim,
        {"fault": "status", "status": 429, "count": 1},
        {"fault": "status", "status": 429, "retry_after": 7, "count": 1},
        {"fault": "status", "status": 418, "count": 1},
    )
    plain, later, odd = (sim.send("GET", "/v2/apps") for _ in range(3))
    assert (plain.json()["error_code"], plain.headers.get("Retry-After")) == ("APIGW.0308", None)
    assert later.headers["Retry-After"] == "7"
    assert odd.status_code == 418


def test_faults_are_in_the_log(sim: Driver) -> None:
    suffer(
        sim,
        {"fault": "status", "calls": ["ListApps"]},
        {"fault": "reset", "when": "before", "calls": ["ListObsBuckets"]},
        {"fault": "html", "when": "after", "calls": ["CreateApp"]},
    )
    sim.send("GET", "/v2/apps?limit=5")
    with pytest.raises(ResetByFaultError):
        sim.send("GET", "/v2/rtc-ops/buckets")
    send(sim.app, "POST", "/v2/apps", json={"app_name": "a"}, headers=sim.headers)
    unseen, unanswered, done = sim.log()[1:]
    assert (unseen["status"], unseen["fault"], unseen["query"]) == (503, "status", {"limit": "5"})
    assert (unanswered["status"], unanswered["fault"], unanswered["operation"]) == (None, "reset", "ListObsBuckets")
    assert (done["status"], done["fault"], done["body"]) == (201, "html", {"app_name": "a"})


@pytest.mark.parametrize(("when", "done"), [("before", []), ("after", ["a"])])
@pytest.mark.parametrize(("kind", "error"), [("reset", ResetByFaultError), ("timeout", TimedOutByFaultError)])
def test_connection_breaks_before_or_after_the_effect(
    sim: Driver, kind: str, error: type[OSError], when: str, done: list[str]
) -> None:
    how_long = {"seconds": 0} if kind == "timeout" else {}
    suffer(sim, {"fault": kind, "when": when, "calls": ["POST /v2/apps"], "count": 1, **how_long})
    with pytest.raises(error) as caught:
        sim.send("POST", "/v2/apps", {"app_name": "a"})
    assert isinstance(caught.value, OSError)
    assert names(sim) == done


def test_html_page_comes_instead_of_an_answer(sim: Driver) -> None:
    suffer(sim, {"fault": "html", "count": 1}, {"fault": "html", "status": 404, "count": 1})
    answers = [send(sim.app, "GET", "/v2/apps", headers=sim.headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [502, 404]
    assert answers[0].headers["Content-Type"] == "text/html"
    assert answers[0].text.startswith("<!DOCTYPE html>")


def test_body_is_emptied_or_cut_in_half(sim: Driver) -> None:
    sim.new_app()
    whole = sim.send("GET", "/v2/apps")
    suffer(sim, {"fault": "empty-body", "count": 1}, {"fault": "truncated-json", "count": 1})
    empty, half = (send(sim.app, "GET", "/v2/apps", headers=sim.headers) for _ in range(2))
    assert (empty.status_code, empty.content, empty.headers["Content-Length"]) == (200, b"", "0")
    assert half.content == whole.content[: len(whole.content) // 2]
    assert half.headers["Content-Length"] == str(len(half.content))


def test_empty_answer_stays_what_it_is(sim: Driver) -> None:
    path = sim.new_app()
    suffer(sim, {"fault": "truncated-json"})
    answer = sim.send("DELETE", path)
    assert (answer.status_code, answer.content, answer.headers.get("Content-Length")) == (204, b"", None)


def with_sleep(sim: Driver, *faults: Fault, seed: int = 0, calls: int = 1) -> list[list[float]]:
    sim.app.state.simulator.faults.set(Scenario(faults, seed))
    naps: list[list[float]] = []

    async def sleep(seconds: float) -> None:
        naps[-1].append(seconds)

    own: Any = sim.app.build_middleware_stack()
    layer = FaultLayer(own._app, sim.app.state.simulator, sleep)

    async def run() -> None:
        transport = httpx.ASGITransport(app=layer)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for _ in range(calls):
                naps.append([])
                assert (await client.get("/v2/apps", headers=sim.headers)).status_code == 200

    asyncio.run(run())
    return naps


def test_latency_is_fixed_and_jitter_comes_on_top(sim: Driver) -> None:
    assert with_sleep(sim, Fault("latency", seconds=2)) == [[2]]
    jittered = with_sleep(sim, Fault("latency", seconds=1, jitter=0.5), calls=20)
    assert all(1 <= each[0] <= 1.5 for each in jittered)
    assert len({each[0] for each in jittered}) > 10


def test_same_seed_gives_the_same_run_and_another_seed_another(sim: Driver) -> None:
    faults = (Fault("latency", seconds=1, probability=0.5), Fault("latency", jitter=1))
    first, again, other = (with_sleep(sim, *faults, seed=seed, calls=30) for seed in (7, 7, 8))
    assert first == again != other


def test_chances_of_one_fault_do_not_depend_on_another() -> None:
    chance = Fault("latency", seconds=1, probability=0.5)

    def run(*faults: Fault) -> list[float]:
        board = FaultBoard(Scenario(faults))
        return [board.meet("ListApps", "GET /v2/apps").delay for _ in range(50)]

    assert [delay % 10 for delay in run(chance, Fault("latency", seconds=10, probability=0.3))] == run(chance)


def test_slow_body_takes_its_time_in_parts(sim: Driver) -> None:
    sim.new_app()
    naps = with_sleep(sim, Fault("slow-body", seconds=4))[0]
    assert len(naps) > 10
    assert sum(naps) == pytest.approx(4)


def test_time_out_ends_early_when_the_client_hangs_up(sim: Driver) -> None:
    suffer(sim, {"fault": "timeout", "seconds": 3600})
    scope = {"type": "http", "method": "GET", "path": "/v2/apps", "raw_path": b"/v2/apps", "query_string": b""}
    messages: list[Json] = [
        {"type": "http.request", "body": b"", "more_body": True},
        {"type": "http.request", "body": b""},
    ]
    messages += [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def nothing(_: Any) -> None:
        raise AssertionError("no answer is due")

    with pytest.raises(TimedOutByFaultError):
        asyncio.run(asyncio.wait_for(sim.app({**scope, "headers": []}, receive, nothing), 60))


def test_skipped_calls_pass_and_probability_is_met_about_as_often(sim: Driver) -> None:
    suffer(sim, {"fault": "status", "skip": 2, "count": 1, "calls": ["GET /v2/apps/{app_id}"]})
    statuses = [sim.send("GET", "/v2/apps/x").status_code for _ in range(4)]
    assert statuses == [404, 404, 503, 404]
    board = FaultBoard(Scenario((Fault("status", probability=0.25),), seed=1))
    struck = [board.meet("ListApps", "GET /v2/apps").fault is not None for _ in range(2000)]
    assert 400 < sum(struck) < 600


def test_first_fault_that_strikes_is_the_only_one(sim: Driver) -> None:
    suffer(
        sim,
        {"fault": "status", "status": 500, "count": 1},
        {"fault": "status", "status": 503, "count": 1},
    )
    assert [sim.send("GET", "/v2/apps").status_code for _ in range(3)] == [500, 503, 200]
    shown = send(sim.app, "GET", CONTROL).json()["faults"]
    assert [(fault["met"], fault["struck"]) for fault in shown] == [(3, 1), (2, 1)]


def test_token_call_suffers_too_and_control_routes_do_not(sim: Driver) -> None:
    suffer(sim, {"fault": "status"})
    assert send(sim.app, "POST", "/v3/auth/tokens", json={}).status_code == 503
    assert send(sim.app, "GET", "/nowhere").status_code == 404
    assert send(sim.app, "GET", CONTROL).json()["faults"][0]["struck"] == 1
    assert send(sim.app, "DELETE", CONTROL).status_code == 204
    assert send(sim.app, "GET", CONTROL).json() == {"seed": 0, "faults": []}
    sim.done("GET", "/v2/apps")


def test_scenario_of_the_options_is_in_force_from_the_start(clock: Clock) -> None:
    options = Options(now=clock, scenario=Scenario((Fault("status", calls=("ListApps",)),)))
    assert Driver(create_app(options=options), clock).send("GET", "/v2/apps").status_code == 503


def test_what_is_shown_can_be_put_back(sim: Driver) -> None:
    document = {
        "description": "everything",
        "seed": 3,
        "faults": [
            {"fault": "latency", "calls": [], "seconds": 0.0, "jitter": 0.5, "skip": 0, "count": 2, "probability": 0.5},
            {"fault": "status", "calls": ["ListApps"], "status": 429, "when": "before", "retry_after": 2, "skip": 1,
             "probability": 1.0},
            {"fault": "timeout", "calls": [], "seconds": 60.0, "when": "after", "skip": 0, "probability": 1.0},
        ],
    }  # fmt: skip
    assert scenario.shown(scenario.parsed(document).scenario) == document


def test_bad_scenario_is_refused_and_the_old_one_stays(sim: Driver) -> None:
    suffer(sim, {"fault": "status"})
    answer = send(sim.app, "PUT", CONTROL, json={"faults": [{"fault": "rest"}]})
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "faults[0].fault: no fault is called 'rest', did you mean 'reset'?",
    )
    assert sim.send("GET", "/v2/apps").status_code == 503
