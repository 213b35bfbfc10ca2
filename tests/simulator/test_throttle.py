"""Throttles: the documented limits, what a counter covers, the windows, and the scaled minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtcctl.simulator import Options, create_app
from rtcctl.simulator.routes import OPERATIONS
from rtcctl.simulator.throttle import CATEGORY_OF, Throttle, ThrottleOptions

from .driver import Clock, Driver, send

if TYPE_CHECKING:
    from datetime import datetime

CONTROL = "/_simulator/throttle"


def throttled(clock: Clock, **options: Any) -> Driver:
    clock.moment = clock.moment.replace(microsecond=0)
    return Driver(create_app(options=Options(now=clock, throttle=ThrottleOptions(**options))), clock)


def allowed(throttle: Throttle, now: datetime, operation: str, account: str = "a") -> int:
    """How many calls pass until one is refused."""
    return next(number for number in range(1000) if throttle.take(account, operation, now))


def test_there_is_no_limit_by_default(sim: Driver) -> None:
    for _ in range(70):
        sim.done("GET", "/v2/apps")
    assert send(sim.app, "GET", CONTROL).json() == {"enabled": False, "counters": []}


def test_every_operation_has_its_category() -> None:
    assert set(CATEGORY_OF) == {operation.name for operation in OPERATIONS}


def test_sixty_first_call_of_a_minute_is_refused_and_the_next_minute_is_free(clock: Clock) -> None:
    sim = throttled(clock)
    for _ in range(60):
        sim.done("GET", "/v2/apps")
    message = sim.refused(429, "APIGW.0308", "GET", "/v2/apps")
    assert message.endswith(": policy user over ratelimit,limit:60,time:1 minute")
    assert "Retry-After" not in sim.send("GET", "/v2/apps").headers
    sim.clock.advance(60)
    sim.done("GET", "/v2/apps")


@pytest.mark.parametrize(
    ("operation", "limit", "period"),
    [("ShowMixJob", 10, 1), ("StopIndividualStreamJob", 10, 1), ("RemoveRoom", 60, 60), ("ListObsBuckets", 2, 1)],
)
def test_limits_are_those_of_the_table(clock: Clock, operation: str, limit: int, period: float) -> None:
    throttle = Throttle(ThrottleOptions())
    assert allowed(throttle, clock(), operation) == limit
    clock.advance(period)
    assert allowed(throttle, clock(), operation) == limit


@pytest.mark.parametrize(("scope", "free"), [("api", True), ("category", False), ("shared", False)])
def test_operations_of_a_category_share_unless_counted_per_api(clock: Clock, scope: Any, free: bool) -> None:
    throttle = Throttle(ThrottleOptions(scope=scope))
    allowed(throttle, clock(), "ListApps")
    assert (throttle.take("a", "CreateApp", clock()) is None) is free


@pytest.mark.parametrize(("scope", "free"), [("api", True), ("category", True), ("shared", False)])
def test_categories_of_one_cell_share_only_in_common(clock: Clock, scope: Any, free: bool) -> None:
    throttle = Throttle(ThrottleOptions(scope=scope))
    allowed(throttle, clock(), "ListApps")
    for operation in ("ListRecordRules", "UpdateAutoRecord", "ShowRecordCallback"):
        assert (throttle.take("a", operation, clock()) is None) is free
    for operation in ("RemoveUsers", "ShowMixJob", "ListObsBuckets"):
        assert throttle.take("a", operation, clock()) is None


def test_accounts_do_not_share(clock: Clock) -> None:
    throttle = Throttle(ThrottleOptions(scope="shared"))
    assert allowed(throttle, clock(), "ListApps", "a") == allowed(throttle, clock(), "ListApps", "b") == 60


def test_fixed_window_allows_two_bursts_around_its_border_and_a_sliding_one_does_not(clock: Clock) -> None:
    clock.moment = clock.moment.replace(second=59, microsecond=0)
    fixed, sliding = Throttle(ThrottleOptions()), Throttle(ThrottleOptions(window="sliding"))
    assert allowed(fixed, clock(), "ListApps") == allowed(sliding, clock(), "ListApps") == 60
    clock.advance(1)
    assert allowed(fixed, clock(), "ListApps") == 60
    assert allowed(sliding, clock(), "ListApps") == 0
    clock.advance(59)
    assert allowed(sliding, clock(), "ListApps") == 60


def test_minute_can_be_short_and_seconds_shrink_with_it(clock: Clock) -> None:
    throttle = Throttle(ThrottleOptions(minute=6, window="sliding"))
    assert allowed(throttle, clock(), "ListApps") == 60
    assert allowed(throttle, clock(), "ShowMixJob") == 10
    clock.advance(0.1)
    assert allowed(throttle, clock(), "ShowMixJob") == 10
    assert allowed(throttle, clock(), "ListApps") == 0
    clock.advance(5.9)
    assert allowed(throttle, clock(), "ListApps") == 60


@pytest.mark.parametrize(("window", "seconds"), [("fixed", "30"), ("sliding", "40")])
def test_retry_after_says_when_a_call_is_free_again(clock: Clock, window: str, seconds: str) -> None:
    sim = throttled(clock, window=window, retry_after=True)
    clock.moment = clock.moment.replace(second=10)
    for _ in range(60):
        sim.done("GET", "/v2/apps")
    clock.advance(20)
    assert sim.send("GET", "/v2/apps").headers["Retry-After"] == seconds
    clock.advance(int(seconds))
    sim.done("GET", "/v2/apps")


def test_clock_that_is_set_back_frees_what_lies_ahead(clock: Clock) -> None:
    throttle = Throttle(ThrottleOptions(window="sliding"))
    allowed(throttle, clock(), "ListApps")
    clock.advance(-3600)
    assert allowed(throttle, clock(), "ListApps") == 60


def test_refused_call_has_no_effect_and_does_not_count(clock: Clock) -> None:
    sim = throttled(clock, window="sliding", minute=6)
    for number in range(60):
        sim.send("GET", "/v2/apps" if number else "/v2/apps?limit=0")
    sim.refused(429, "APIGW.0308", "POST", "/v2/apps", {"app_name": "a"})
    counters = send(sim.app, "GET", CONTROL).json()["counters"]
    assert counters == [
        {"account": "simulator", "counter": "apps", "limit": 60, "period": 6.0, "used": 60, "refused": 1}
    ]
    sim.clock.advance(6)
    assert sim.done("GET", "/v2/apps")["count"] == 0


def test_calls_without_credentials_do_not_count(clock: Clock) -> None:
    sim = throttled(clock)
    for _ in range(70):
        assert sim.send("GET", "/v2/apps", headers={}).status_code == 401


def test_limits_are_set_and_lifted_while_serving(sim: Driver) -> None:
    answer = send(sim.app, "PUT", CONTROL, json={"scope": "api", "window": "sliding", "minute": 6})
    assert answer.json() == {
        "enabled": True,
        "scope": "api",
        "window": "sliding",
        "minute": 6,
        "retry_after": False,
        "counters": [],
    }
    for _ in range(2):
        sim.done("GET", "/v2/rtc-ops/buckets")
    sim.refused(429, "APIGW.0308", "GET", "/v2/rtc-ops/buckets")
    assert send(sim.app, "PUT", CONTROL, json={"scope": "all"}).status_code == 400
    assert send(sim.app, "DELETE", CONTROL).status_code == 204
    sim.done("GET", "/v2/rtc-ops/buckets")


def test_scenario_can_bring_its_limits(sim: Driver) -> None:
    put = {"faults": [], "throttle": {"scope": "shared"}}
    assert send(sim.app, "PUT", "/_simulator/faults", json=put).status_code == 200
    assert send(sim.app, "GET", CONTROL).json()["scope"] == "shared"
    send(sim.app, "PUT", "/_simulator/faults", json={"faults": []})
    assert send(sim.app, "GET", CONTROL).json()["enabled"] is True
