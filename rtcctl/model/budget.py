"""What a plan costs in calls: a value of the plan, computed once and shown by every report."""

from __future__ import annotations

from msgspec import Struct

from rtcctl.model.call import Category
from rtcctl.model.ledger import ThrottleModel


class Calls(Struct, frozen=True):
    """The calls of one throttle category.

    `at_most` also counts the steps that are made only after a refusal. `seconds` is the least time in which the
    documented limit lets that many through.
    """

    category: Category
    calls: int
    at_most: int
    seconds: float


class Budget(Struct, frozen=True):
    """All calls of a plan.

    `seconds` is the least time, in seconds, where each category has its limit for itself, `shared_seconds` where apps,
    rules, automatic recording and callbacks have one in common. `assumes` tells which of the two is taken to hold.
    """

    categories: tuple[Calls, ...] = ()
    seconds: float = 0.0
    shared_seconds: float = 0.0
    assumes: ThrottleModel = "category"

    @property
    def calls(self) -> int:
        """The calls that are made in any case."""
        return sum(each.calls for each in self.categories)

    @property
    def at_most(self) -> int:
        """The calls that are made at most."""
        return sum(each.at_most for each in self.categories)
