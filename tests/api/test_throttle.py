"""Whose turn it is: first come, first served; what waits can be told of, cancelled and sent away."""

from __future__ import annotations

import asyncio

import pytest

from rtcctl.api.throttle import Throttle
from rtcctl.errors import StoppedError
from rtcctl.model.call import Category
from rtcctl.model.limits import Limit
from tests import virtual


def throttle(calls: int = 2, seconds: float = 60.0, parallel: int = 10) -> Throttle:
    limits: dict[Category, Limit] = {name: Limit(calls, seconds) for name in ("apps", "callbacks", "record-rules")}
    return Throttle(limits, parallel=parallel, random=lambda: 0.0)


async def call(
    found: Throttle, category: Category, log: list[tuple[str, float]], name: str, *, takes: float = 0
) -> None:
    async with found.turn(category) as turn:
        turn.left = True
        log.append((name, round(asyncio.get_running_loop().time() - 1_000_000, 1)))
        await asyncio.sleep(takes)


def test_calls_leave_in_the_order_in_which_they_came() -> None:
    async def work() -> list[tuple[str, float]]:
        found, log = throttle(), list[tuple[str, float]]()
        await asyncio.gather(*(call(found, "apps", log, str(n)) for n in range(5)))
        return log

    assert virtual.run(work()) == [("0", 0.0), ("1", 0.0), ("2", 60.1), ("3", 60.1), ("4", 120.1)]


def test_what_waits_for_a_limit_does_not_hold_up_another_category() -> None:
    async def work() -> list[tuple[str, float]]:
        found, log = throttle(calls=1, parallel=1), list[tuple[str, float]]()
        calls = [call(found, "apps", log, f"app {n}", takes=1) for n in range(3)]
        await asyncio.gather(*calls, call(found, "callbacks", log, "callback"))
        return log

    assert virtual.run(work()) == [("app 0", 0.0), ("callback", 1.0), ("app 1", 61.1), ("app 2", 122.1)]


def test_in_common_the_longest_waiting_call_comes_first_whatever_its_category() -> None:
    async def work() -> list[str]:
        found, log = throttle(calls=1), list[tuple[str, float]]()
        found.set("shared")
        names: tuple[Category, ...] = ("apps", "callbacks", "record-rules", "apps")
        await asyncio.gather(*(call(found, name, log, f"{name} {n}") for n, name in enumerate(names)))
        return [name for name, _ in log]

    assert virtual.run(work()) == ["apps 0", "callbacks 1", "record-rules 2", "apps 3"]


def test_a_refusal_keeps_those_back_that_have_not_left() -> None:
    async def work() -> list[tuple[str, float]]:
        found, log = throttle(calls=9, parallel=1), list[tuple[str, float]]()

        async def refused() -> None:
            async with found.turn("apps") as turn:
                turn.left = turn.refused = True
                turn.retry_after = 7.0

        await asyncio.gather(refused(), *(call(found, "apps", log, str(n)) for n in range(2)))
        return log

    assert virtual.run(work()) == [("0", 7.0), ("1", 7.0)]


def test_a_wait_is_told_once() -> None:
    told: list[tuple[tuple[Category, ...], int, float]] = []

    async def work() -> None:
        found, log = throttle(), list[tuple[str, float]]()
        found.told = lambda group, limit, seconds: told.append((group, limit.calls, round(seconds)))
        await asyncio.gather(*(call(found, "apps", log, str(n)) for n in range(4)))

    virtual.run(work())
    assert told == [(("apps",), 2, 60)]


def test_a_drain_sends_away_what_waits_and_what_comes_later_and_lets_the_rest_finish() -> None:
    async def work() -> tuple[list[object], list[tuple[str, float]]]:
        found, log = throttle(), list[tuple[str, float]]()
        tasks = [asyncio.ensure_future(call(found, "apps", log, str(n), takes=5)) for n in range(3)]
        await asyncio.sleep(1)
        tasks[2].cancel()
        tasks.append(asyncio.ensure_future(call(found, "apps", log, "3")))
        await asyncio.sleep(1)
        found.drain()
        tasks.append(asyncio.ensure_future(call(found, "iam", log, "4")))
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        return [type(each) for each in ended], log

    ended, log = virtual.run(work())
    assert ended == [type(None), type(None), asyncio.CancelledError, StoppedError, StoppedError]
    assert [name for name, _ in log] == ["0", "1"]


def test_a_call_that_is_cancelled_at_its_turn_gives_it_back() -> None:
    async def work() -> list[str]:
        found, log = throttle(calls=1, parallel=1), list[tuple[str, float]]()
        async with found.turn("apps"):
            gone = asyncio.ensure_future(call(found, "callbacks", log, "gone"))
            await asyncio.sleep(0)
        gone.cancel()  # it is its turn by now, but it has not noticed
        with pytest.raises(asyncio.CancelledError):
            await gone
        await call(found, "callbacks", log, "next")
        return [name for name, _ in log]

    assert virtual.run(work()) == ["next"]


def test_a_turn_that_is_not_used_costs_nothing() -> None:
    async def work() -> float:
        found = throttle(calls=1)
        for _ in range(3):
            async with found.turn("apps"):
                pass
        return asyncio.get_running_loop().time() - 1_000_000

    assert virtual.run(work()) == 0.0
