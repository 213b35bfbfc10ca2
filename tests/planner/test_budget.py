"""What a plan costs: calls by category, and the least time at the documented limits."""

from __future__ import annotations

import pytest

from rtcctl.model.address import Address
from rtcctl.model.call import Call, Category
from rtcctl.model.ledger import ThrottleModel
from rtcctl.model.limits import LIMITS, SHARED
from rtcctl.model.plan import Change, Step
from rtcctl.planner.budget import budget, least_time

from .support import app, desired, ledger, live, planned, whole_account, whole_ledger, whole_set

WHERE = Address("App", "a")


def changes(*made: tuple[Category, int], only_if_refused: str = "") -> list[Change]:
    steps = [
        Step(f"{category} {index}", WHERE, "x", Call("PUT", "/", category), "none", only_if_refused=only_if_refused)
        for category, count in made
        for index in range(count)
    ]
    return [Change(WHERE, "update", steps=tuple(steps))]


@pytest.mark.parametrize(
    ("calls", "seconds"), [(0, 0), (1, 0), (60, 0), (61, 60), (120, 60), (121, 120), (180, 120), (181, 180)]
)
def test_a_whole_allowance_is_used_at_once_then_the_next(calls: int, seconds: float) -> None:
    assert least_time(calls, LIMITS["apps"]) == seconds


@pytest.mark.parametrize(("calls", "seconds"), [(2, 0), (3, 1), (5, 2)])
def test_buckets_are_changed_two_a_second(calls: int, seconds: float) -> None:
    assert budget(changes(("rtc-ops", calls)), "category").seconds == seconds


def test_no_change_costs_nothing() -> None:
    found = planned(whole_set(), whole_account(), whole_ledger()).budget
    assert (found.calls, found.at_most, found.categories, found.seconds) == (0, 0, (), 0)


def test_what_is_made_only_after_a_refusal_counts_as_a_maximum() -> None:
    found = budget(changes(("apps", 61)) + changes(("apps", 2), only_if_refused="other"), "category")
    [apps] = found.categories
    assert (apps.calls, apps.at_most, apps.seconds) == (61, 63, 60)
    assert (found.calls, found.at_most) == (61, 63)


def test_categories_take_their_time_side_by_side() -> None:
    found = budget(changes(("apps", 61), ("record-rules", 121), ("mix-stream-jobs", 11)), "category")
    assert [(each.category, each.seconds) for each in found.categories] == [
        ("apps", 60),
        ("record-rules", 120),
        ("mix-stream-jobs", 1),
    ]
    assert found.seconds == 120


def test_a_shared_limit_counts_what_shares_it_together_and_the_rest_by_itself() -> None:
    found = budget(changes(("apps", 20), ("record-rules", 20), ("auto-record", 11), ("callbacks", 10)), "category")
    assert (found.seconds, found.shared_seconds) == (0, 60)
    jobs = budget(changes(("apps", 1), ("individual-stream-jobs", 600)), "category")
    assert (jobs.seconds, jobs.shared_seconds) == (59, 59)
    assert {"apps", "record-rules", "auto-record", "callbacks"} == SHARED


@pytest.mark.parametrize("model", ["category", "shared"])
def test_what_was_learned_of_the_throttle_is_assumed(model: ThrottleModel) -> None:
    assert planned(desired(app()), live(), ledger(throttle=model)).budget.assumes == model
