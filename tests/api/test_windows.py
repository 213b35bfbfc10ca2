"""Counting against limits: never more than the service lets through, whatever its window and the time of calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcctl.api.windows import NEVER, Windows
from rtcctl.model.call import Category
from rtcctl.model.limits import LIMITS, SHARED, Limit


def nothing() -> float:
    return 0.0


def windows(calls: int = 3, seconds: float = 10.0, random: Callable[[], float] = nothing) -> Windows:
    shared: dict[Category, Limit] = {category: Limit(calls, seconds) for category in sorted(SHARED)}
    return Windows({**shared, "rtc-ops": Limit(calls, seconds)}, random)


def fill(found: Windows, category: Category, count: int, now: float = 0.0) -> None:
    for _ in range(count):
        found.begin(category)
        found.end(category, now)


def test_the_whole_allowance_is_free_at_first_and_then_the_limit_is_held() -> None:
    found = windows()
    assert found.free(("apps",), 0.0) == 3
    fill(found, "apps", 2)
    found.begin("apps")
    assert found.free(("apps",), 0.0) == 0
    assert found.free(("callbacks",), 0.0) == 3
    found.end("apps", 4.0)
    assert found.free(("apps",), 9.9) == 0
    assert found.opens(("apps",), 9.9) == pytest.approx(10.0, abs=0.02)
    assert found.free(("apps",), 10.02) == 2
    assert found.free(("apps",), 14.02) == 3


def test_a_call_that_never_left_does_not_count() -> None:
    found = windows(calls=1)
    found.begin("apps")
    found.give_back("apps")
    assert found.free(("apps",), 0.0) == 1


def test_in_common_all_four_categories_count() -> None:
    found = windows()
    found.set("shared")
    fill(found, "apps", 2)
    group = found.group("callbacks")
    assert set(group) == SHARED
    assert found.free(group, 0.0) == 1
    assert found.group("rtc-ops") == ("rtc-ops",)


@pytest.mark.parametrize(("rate", "calls", "seconds"), [(0.5, 30, 60), (2.0, 120, 60), (0.01, 1, 100), (0.26, 15, 58)])
def test_a_rate_changes_the_calls_and_below_one_call_the_time(rate: float, calls: int, seconds: float) -> None:
    found = Windows(LIMITS, nothing)
    found.set("category", rate=rate)
    limit = found.limit(("apps",))
    assert limit.calls == calls
    assert limit.seconds == pytest.approx(seconds, rel=0.01)
    assert limit.calls / limit.seconds == pytest.approx(rate)


def refuse(found: Windows, category: Category = "apps", now: float = 0.0, after: float | None = None) -> None:
    found.begin(category)
    found.end_refused(category, now, after)


def test_a_refusal_that_only_a_common_allowance_explains_teaches_it() -> None:
    found = windows()
    fill(found, "apps", 2)
    fill(found, "callbacks", 1)
    refuse(found, "callbacks")
    assert found.model == "shared"


@pytest.mark.parametrize("used", [0, 1])
def test_a_refusal_that_others_must_have_caused_teaches_nothing(used: int) -> None:
    found = windows()
    fill(found, "apps", used)
    refuse(found, "callbacks")
    assert found.model == "category"


def test_a_model_that_was_pinned_and_a_category_by_itself_learn_nothing() -> None:
    found = windows()
    found.set("category", pinned=True)
    fill(found, "apps", 3)
    refuse(found, "callbacks")
    refuse(found, "rtc-ops")
    assert found.model == "category"


def test_after_a_refusal_a_category_waits_as_long_as_it_was_told() -> None:
    found = windows()
    refuse(found, after=7.0)
    assert found.free(("apps",), 6.9) == 0
    assert found.opens(("apps",), 1.0) == 7.0
    assert found.free(("callbacks",), 0.0) == 3
    refuse(found, now=7.0, after=1e9)
    assert found.opens(("apps",), 8.0) == 307.0


def test_a_refusal_that_our_own_calls_explain_ends_with_their_window() -> None:
    found = windows()
    found.set("shared")
    fill(found, "apps", 3, now=4.0)
    refuse(found, "callbacks", now=5.0)
    assert found.opens(found.group("apps"), 6.0) == 14.0


def test_refusals_by_others_calls_are_waited_for_longer_each_time_and_one_call_tries() -> None:
    found = windows(random=lambda: 1.0)
    pauses = []
    now = 0.0
    for _ in range(5):
        refuse(found, now=now)
        pauses.append(found.opens(("apps",), now) - now)
        now += 100.0
    assert pauses == pytest.approx([3.0, 5.5, 10.5, 10.5, 10.5])  # a 20th of the period is jitter
    assert found.free(("apps",), now) == 1
    found.begin("apps")
    assert found.free(("apps",), now) == 0
    assert found.opens(("apps",), now) == NEVER
    found.end("apps", now)
    assert found.free(("apps",), now) == 2


def test_a_category_without_a_known_limit_is_always_free() -> None:
    found = windows()
    group = found.group("iam")
    fill(found, "iam", 1000)
    assert found.free(group, 0.0) > 1000
    refuse(found, "iam")
    assert found.free(group, 0.1) == 1


Calls = list[tuple[float, float, float]]


@given(
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2), st.floats(0, 1)), min_size=1, max_size=60),
    st.integers(1, 5),
)
def test_no_period_of_the_services_holds_more_calls_than_the_limit(calls: Calls, limit: int) -> None:
    """Calls come after a pause, take some time, and are counted by the service at some moment in it."""
    found = windows(calls=limit, seconds=5.0)
    now, under_way, counted = 0.0, list[float](), list[float]()
    for pause, takes, when in calls:
        now += pause
        while True:
            for end in sorted(end for end in under_way if end <= now):
                found.end("apps", end)
                under_way.remove(end)
            if found.free(("apps",), now) > 0:
                break
            now = min([found.opens(("apps",), now), *under_way])
        found.begin("apps")
        under_way.append(now + takes)
        counted.append(now + takes * when)
    counted.sort()
    for index, time in enumerate(counted):
        assert sum(time <= other < time + 5.0 for other in counted[index:]) <= limit
