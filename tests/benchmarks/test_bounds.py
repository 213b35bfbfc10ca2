"""The arithmetic of what is the least that can be reached."""

from __future__ import annotations

import pytest

from benchmarks.converge import scenarios
from benchmarks.throttle import least


def test_calls_and_bounds_of_100_apps_are_those_of_counting_by_hand():
    found = [(each.calls, round(each.bound, 2)) for each in scenarios(100)]
    assert found == [(401, 1.23), (101, 0.33), (111, 0.36), (21, 0.09)]


def test_a_round_that_is_not_full_takes_as_long():
    assert scenarios(11)[1].bound == pytest.approx(0.03 * 3)


@pytest.mark.parametrize(
    ("scope", "apps", "seconds"), [("category", 100, 64), ("shared", 100, 360), ("category", 10, 0), ("shared", 10, 0)]
)
def test_limits_ask_for_whole_windows_and_then_for_the_last_jobs(scope, apps, seconds):
    assert least(scope, apps) == seconds
