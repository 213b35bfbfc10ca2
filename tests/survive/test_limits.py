"""A hundred apps with everything against enforced limits: no refusal with the right model, one burst while it learns.

Minutes are virtual, so that they are whole minutes and take no time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rtcctl.model.ledger import ThrottleModel
from rtcctl.model.limits import LIMITS
from rtcctl.model.result import ApplyResult
from rtcctl.operations.pace import Pace
from rtcctl.operations.workflow import Session
from rtcctl.planner.options import Options
from rtcctl.simulator.faults import Fault, Scenario
from rtcctl.simulator.throttle import Scope, ThrottleOptions, Window
from tests import virtual
from tests.properties.world import Silent, World
from tests.survive.manifests import many

APPS = 100
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
CONFIGURATION = 4 * APPS + 1
"""Apps, rules, automatic recordings and callbacks, and the listing."""


@dataclass
class Ran:
    """How an apply went: its result, seconds, refused calls, and what was learned."""

    result: ApplyResult
    seconds: float
    refused: int
    model: ThrottleModel


def run_many(scope: Scope, window: Window, pace: Pace, *, latency: float = 0.05, phase: float = 0.0) -> Ran:
    async def work() -> Ran:
        loop = asyncio.get_running_loop()
        begun = loop.time()

        def now() -> datetime:
            return EPOCH + timedelta(seconds=loop.time() - begun + phase)

        throttle = ThrottleOptions(scope=scope, window=window)
        slow = Scenario((Fault("latency", seconds=latency / 2, jitter=latency),))
        world = World.new(now=now, throttle=throttle, scenario=slow, app_quota=APPS)
        session = world.session(many(APPS))
        session = Session(session.connection, session.desired, pace)
        planned = await session.plan(Options())
        result = await session.apply(planned, Silent(), allow_destroy=True)
        counters: list[dict[str, Any]] = world.app.state.simulator.throttle.shown(now())["counters"]
        refused = sum(counter["refused"] for counter in counters)
        return Ran(result, loop.time() - begun, refused, world.ledger.throttle)

    return virtual.run(work())


def least(scope: Scope) -> float:
    """The least time that the limits allow: windows to wait for, and then the jobs of the apps that came last."""
    calls, per_app = (CONFIGURATION, 4) if scope == "shared" else (APPS + 1, 1)
    windows = -(-calls // LIMITS["apps"].calls) - 1
    in_last = (calls - windows * LIMITS["apps"].calls) // per_app
    return windows * 60 + max(0, -(-in_last // LIMITS["mix-stream-jobs"].calls) - 1)


@pytest.mark.parametrize("window", ["fixed", "sliding"])
@pytest.mark.parametrize("scope", ["category", "shared"])
@pytest.mark.parametrize("phase", [0.0, 31.7, 59.9])
def test_the_right_model_meets_no_refusal_and_takes_no_longer_than_the_limits(
    scope: ThrottleModel, window: Window, phase: float
) -> None:
    ran = run_many(scope, window, Pace(throttle=scope), phase=phase)
    assert ran.result.exit_code == 0
    assert ran.refused == 0
    assert ran.seconds <= 1.05 * least(scope)


@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_a_common_limit_is_learned_from_one_burst_and_remembered(window: Window) -> None:
    ran = run_many("shared", window, Pace())
    assert ran.result.exit_code == 0
    assert 0 < ran.refused <= 10  # those that were under way
    assert ran.model == "shared"


def test_a_limit_for_each_category_is_not_mistaken_for_a_common_one() -> None:
    ran = run_many("category", "sliding", Pace())
    assert (ran.refused, ran.model) == (0, "category")


def test_half_the_rate_takes_twice_the_time() -> None:
    ran = run_many("category", "sliding", Pace(rate=0.5))
    assert ran.refused == 0
    assert 180 <= ran.seconds <= 1.05 * 190  # four windows of 30, and 10 of 5 jobs


def test_the_model_that_was_set_is_remembered_and_kept() -> None:
    ran = run_many("category", "fixed", Pace(throttle="shared"))
    assert (ran.refused, ran.model) == (0, "shared")
    assert ran.seconds > 300
