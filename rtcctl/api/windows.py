"""Counting calls against the documented limits; which categories count together, and what a refusal teaches.

A call may leave when fewer than the limit's calls are under way or were answered within its period. The service counts
a call at some moment between its leaving and its answer, so counting from the answer holds whatever the service's
window is: a sliding one that ends now, or a fixed one that begins whenever it likes (unconfirmed, NOTES section 4).

Whether apps, rules, automatic recording and callbacks share one allowance is unconfirmed too. "category" is assumed
until a 429 comes that only a common allowance explains; from then on the model is "shared".
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec import Struct, field

from rtcctl.model.call import Category
from rtcctl.model.ledger import ThrottleModel
from rtcctl.model.limits import SHARED, Limit

Group: TypeAlias = tuple[Category, ...]
"""Categories that have one allowance."""
NEVER = float("inf")

_MARGIN = 0.001
"""Clocks may run apart by so much, as a part of the period, and by as many seconds in any case."""
_UNLIMITED = Limit(sys.maxsize, 0.0)
"""Of categories of which no limit is known, as IAM's."""
_LONGEST = 300.0
"""Seconds that a Retry-After is believed at most."""
_JITTER = 0.05
"""Part of the period that a pause after a refusal is longer, at random, so that not everybody comes back at once."""


class _Window(Struct):
    """The calls of one category. `answered` holds times; `closed_until` follows a 429, `probing` lets one call try."""

    limit: Limit
    answered: deque[float] = field(default_factory=deque)
    under_way: int = 0
    closed_until: float = 0.0
    probing: bool = False
    refusals: int = 0


class Windows:
    """The calls of one account, by category. Every `now` is of one clock that never goes back."""

    def __init__(self, limits: Mapping[Category, Limit], random: Callable[[], float]) -> None:
        self.model: ThrottleModel = "category"
        self._pinned = False
        self._documented = limits
        self._windows = {category: _Window(limit) for category, limit in limits.items()}
        self._random = random

    def set(self, model: ThrottleModel, *, rate: float = 1.0, pinned: bool = False) -> None:
        """Choose a model, and a share of the documented limits; `pinned` keeps the model whatever a 429 says."""
        self.model = model
        self._pinned = pinned
        for category, limit in self._documented.items():
            calls = max(1, int(limit.calls * rate))
            self._windows[category].limit = Limit(calls, limit.seconds * calls / (limit.calls * rate))

    @property
    def under_way(self) -> int:
        """Calls under way, of all categories."""
        return sum(window.under_way for window in self._windows.values())

    def group(self, category: Category) -> Group:
        """Return the categories that a category shares its allowance with, itself among them."""
        self._windows.setdefault(category, _Window(_UNLIMITED))
        return self._together() if self.model == "shared" and category in SHARED else (category,)

    def begin(self, category: Category) -> None:
        """Count a call that leaves."""
        self._windows[category].under_way += 1

    def give_back(self, category: Category) -> None:
        """Forget a call that never left after all."""
        self._windows[category].under_way -= 1

    def end(self, category: Category, now: float) -> None:
        """Count a call that was answered, or whose answer was given up."""
        for each in self.group(category):
            self._windows[each].probing, self._windows[each].refusals = False, 0
        self.give_back(category)
        self._windows[category].answered.append(now)

    def end_refused(self, category: Category, now: float, retry_after: float | None) -> None:
        """Count a call that was answered with 429: its group pauses, and then lets one call try."""
        self.give_back(category)
        if self._teaches(category, now):
            self.model = "shared"
        group = self.group(category)
        refusals = max(self._windows[each].refusals for each in group) + 1
        pause = self._pause(group, now, refusals) if retry_after is None else min(retry_after, _LONGEST)
        pause += self._random() * _JITTER * self.limit(group).seconds
        for each in group:
            window = self._windows[each]
            window.closed_until, window.probing = max(window.closed_until, now + pause), True
            window.refusals = refusals
        # Whether a refused call counts is unconfirmed; that it does costs little.
        self._windows[category].answered.append(now)

    def limit(self, group: Group) -> Limit:
        """Return the one limit of a group."""
        return min((self._windows[each].limit for each in group), key=lambda limit: limit.calls)

    def free(self, group: Group, now: float) -> int:
        """Return how many calls of a group may leave."""
        if self.is_closed(group, now):
            return 0
        free = self.limit(group).calls - self._count(group, now)
        if any(self._windows[each].probing for each in group):
            return min(free, 1 - sum(self._windows[each].under_way for each in group))
        return free

    def is_closed(self, group: Group, now: float) -> bool:
        """Tell whether a refusal keeps a group closed."""
        return now < self._closed_until(group)

    def opens(self, group: Group, now: float) -> float:
        """Return when time alone makes room in a group that has none; `NEVER` where the end of a call does."""
        if self.is_closed(group, now):
            return self._closed_until(group)
        limit = self.limit(group)
        if self._count(group, now) < limit.calls:  # one call tries whether the way is open again
            return NEVER
        return self._oldest(group, NEVER) + _period(limit)

    def _pause(self, group: Group, now: float, refusals: int) -> float:
        limit = self.limit(group)
        if self._count(group, now) >= self._documented.get(group[0], _UNLIMITED).calls:
            return max(0.0, self._oldest(group, now) + limit.seconds - now)  # until the oldest of ours counts no longer
        return limit.seconds * min(1.0, 2.0 ** (refusals - 3))  # somebody else's calls: look again now and then

    def _teaches(self, category: Category, now: float) -> bool:
        """Tell whether only a common allowance explains a refusal: this category's own is not used up, theirs is."""
        if self.model == "shared" or self._pinned or category not in SHARED:
            return False
        calls = self._documented[category].calls
        return self._count((category,), now) < calls <= self._count(self._together(), now)

    def _together(self) -> Group:
        return tuple(each for each in self._windows if each in SHARED)

    def _closed_until(self, group: Group) -> float:
        return max(self._windows[each].closed_until for each in group)

    def _oldest(self, group: Group, default: float) -> float:
        return min((times[0] for each in group if (times := self._windows[each].answered)), default=default)

    def _count(self, group: Group, now: float) -> int:
        found = 0
        for category in group:
            window = self._windows[category]
            while window.answered and window.answered[0] + _period(window.limit) <= now:  # as `opens` reckons
                window.answered.popleft()
            found += window.under_way + len(window.answered)
        return found


def _period(limit: Limit) -> float:
    return limit.seconds * (1 + _MARGIN) + _MARGIN
