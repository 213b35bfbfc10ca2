"""What a plan costs: its calls by throttle category, and the least time that the documented limits leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rtcctl.model.budget import Budget, Calls
from rtcctl.model.call import Category
from rtcctl.model.ledger import ThrottleModel
from rtcctl.model.limits import LIMITS, SHARED, Limit
from rtcctl.model.plan import Change


def budget(changes: Iterable[Change], assumes: ThrottleModel) -> Budget:
    """Count the calls; a step that is made only after a refusal counts as a maximum."""
    certain: Counter[Category] = Counter()
    most: Counter[Category] = Counter()
    for change in changes:
        for step in change.steps:
            most[step.call.category] += 1
            certain[step.call.category] += not step.only_if_refused
    categories = tuple(
        Calls(category, certain[category], most[category], least_time(most[category], LIMITS[category]))
        for category in LIMITS
        if most[category]
    )
    alone = [each.seconds for each in categories]
    together = [each.seconds for each in categories if each.category not in SHARED]
    shared = least_time(sum(most[category] for category in SHARED), LIMITS["apps"])
    return Budget(categories, max(alone, default=0.0), max([*together, shared]), assumes)


def least_time(calls: int, limit: Limit) -> float:
    """Return the seconds from the first call to the last where a whole allowance is used at once, then the next."""
    return max(calls - 1, 0) // limit.calls * limit.seconds
