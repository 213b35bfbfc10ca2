"""Whose turn it is to call: so many at once, the whole allowance at first, then as fast as the limits let through.

A call may leave when fewer than the limit's calls are under way or were answered within its period. The service counts
a call at some moment between its leaving and its answer, so counting from the answer holds whatever the service's
window is: a sliding one that ends now, or a fixed one that begins whenever it likes (unconfirmed, NOTES section 4).

Whether apps, rules, automatic recording and callbacks share one allowance is unconfirmed too. "category" is assumed
until a 429 comes that only a common allowance explains; from then on the model is "shared".
"""

from __future__ import annotations

import asyncio
import random as dice
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from rtcctl.errors import StoppedError
from rtcctl.model.call import Category
from rtcctl.model.ledger import ThrottleModel
from rtcctl.model.limits import LIMITS, SHARED, Limit

PARALLEL = 10
"""Calls under way at once, unless asked otherwise."""

Group: TypeAlias = tuple[Category, ...]
Told: TypeAlias = Callable[[Group, Limit, float], None]
"""Is told of a wait: which categories, their limit, and the seconds."""

_MARGIN = 0.001
"""Clocks may run apart by so much, as a part of the period, and by as many seconds in any case."""
_WORTH_TELLING = 1.0
"""Seconds from which on a wait is told."""
_UNLIMITED = Limit(sys.maxsize, 0.0)
"""Of categories of which no limit is known, as IAM's."""
_LONGEST = 300.0
"""Seconds that a Retry-After is believed at most."""


@dataclass(slots=True)
class _Window:
    """The calls of one category. `answered` holds times; `closed_until` follows a 429, `probing` lets one call try."""

    limit: Limit
    answered: deque[float] = field(default_factory=deque)
    under_way: int = 0
    waiting: deque[tuple[int, asyncio.Future[None]]] = field(default_factory=deque)
    closed_until: float = 0.0
    probing: bool = False
    refusals: int = 0


@dataclass(slots=True)
class Turn:
    """One call's turn. A turn that is over without `left` was never used and does not count."""

    left: bool = False
    refused: bool = False
    retry_after: float | None = None


class Throttle:
    """The limits of one account, and of calls under way at once (`parallel`). Times are the event loop's."""

    def __init__(
        self,
        limits: Mapping[Category, Limit] | None = None,
        *,
        parallel: int = PARALLEL,
        random: Callable[[], float] = dice.random,
    ) -> None:
        """Hold `limits`, by default the documented ones; `random` gives the jitter."""
        limits = LIMITS if limits is None else limits
        self.model: ThrottleModel = "category"
        self.told: Told = _nobody
        self.parallel = parallel
        self._pinned = False
        self._documented = limits
        self._windows = {category: _Window(limit) for category, limit in limits.items()}
        self._random = random
        self._ticket = 0
        self._timer: asyncio.TimerHandle | None = None
        self._told_until: dict[Group, float] = {}
        self._drained = False

    def set(self, model: ThrottleModel, *, rate: float = 1.0, pinned: bool = False) -> None:
        """Choose a model, and a share of the documented limits.

        Args:
            model: what counts together.
            rate: 0.5 leaves half of every allowance to others; over 1 is for an account with higher limits.
            pinned: keep the model whatever a 429 says.
        """
        self.model = model
        self._pinned = pinned
        for category, limit in self._documented.items():
            calls = max(1, int(limit.calls * rate))
            self._windows[category].limit = Limit(calls, limit.seconds * calls / (limit.calls * rate))

    @asynccontextmanager
    async def turn(self, category: Category) -> AsyncIterator[Turn]:
        """Wait until a call may leave, first come, first served; the call is over when the block is.

        Raises:
            StoppedError: `drain` was called before it was this call's turn.
        """
        turn = Turn()
        window = self._windows.setdefault(category, _Window(_UNLIMITED))
        if self._drained:
            raise _stopped()
        await self._wait(window)
        try:
            yield turn
        finally:
            window.under_way -= 1
            self._over(category, window, turn)
            self._let_through()

    def drain(self) -> None:
        """Let no further call through; those that wait end with `StoppedError`."""
        self._drained = True
        for window in self._windows.values():
            while window.waiting:
                _, waiter = window.waiting.popleft()
                if not waiter.done():
                    waiter.set_exception(_stopped())

    async def _wait(self, window: _Window) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ticket += 1
        window.waiting.append((self._ticket, waiter))
        self._let_through()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:  # its turn came all the same
                window.under_way -= 1
                self._let_through()
            raise

    def _over(self, category: Category, window: _Window, turn: Turn) -> None:
        if not turn.left:
            return
        now = asyncio.get_running_loop().time()
        if turn.refused:
            self._refused(category, now, turn.retry_after)
        else:
            for each in self._group(category):
                self._windows[each].probing, self._windows[each].refusals = False, 0
        # Whether a refused call counts is unconfirmed; that it does costs little.
        window.answered.append(now)

    def _refused(self, category: Category, now: float, retry_after: float | None) -> None:
        if self._teaches(category, now):
            self.model = "shared"
        group = self._group(category)
        limit = self._limit(group)
        first = min((times[0] for each in group if (times := self._windows[each].answered)), default=now)
        refusals = max(self._windows[each].refusals for each in group) + 1
        if retry_after is not None:
            pause = min(retry_after, _LONGEST)
        elif self._count(group, now) >= self._documented.get(category, _UNLIMITED).calls:
            pause = max(0.0, first + limit.seconds - now)  # our own calls explain it: until the oldest counts no longer
        else:
            pause = limit.seconds * min(1.0, 2.0 ** (refusals - 3))  # somebody else's calls: look again now and then
        pause += self._random() * 0.05 * limit.seconds
        for each in group:
            window = self._windows[each]
            window.closed_until, window.probing = max(window.closed_until, now + pause), True
            window.refusals = refusals

    def _teaches(self, category: Category, now: float) -> bool:
        """Tell whether only a common allowance explains a refusal: this category's own is not used up, theirs is."""
        if self.model == "shared" or self._pinned or category not in SHARED:
            return False
        calls = self._documented[category].calls
        return self._count((category,), now) < calls <= self._count(self._together(), now)

    def _together(self) -> Group:
        return tuple(each for each in self._windows if each in SHARED)

    def _group(self, category: Category) -> Group:
        return self._together() if self.model == "shared" and category in SHARED else (category,)

    def _groups(self) -> list[Group]:
        return list(dict.fromkeys(self._group(category) for category in self._windows))

    def _limit(self, group: Group) -> Limit:
        return min((self._windows[each].limit for each in group), key=lambda limit: limit.calls)

    def _count(self, group: Group, now: float) -> int:
        found = 0
        for category in group:
            window = self._windows[category]
            period = window.limit.seconds * (1 + _MARGIN) + _MARGIN
            while window.answered and window.answered[0] <= now - period:
                window.answered.popleft()
            found += window.under_way + len(window.answered)
        return found

    def _free(self, group: Group, now: float) -> int:
        if now < max(self._windows[each].closed_until for each in group):
            return 0
        free = self._limit(group).calls - self._count(group, now)
        if any(self._windows[each].probing for each in group):
            return min(free, 1 - sum(self._windows[each].under_way for each in group))
        return free

    def _let_through(self) -> None:
        """Let every call go whose turn has come, and look again when time alone brings the next one's."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        free = {group: self._free(group, now) for group in self._groups()}
        under_way = sum(window.under_way for window in self._windows.values())
        while under_way < self.parallel and (group := self._first(free)) is not None:
            window = self._next(group)
            if window is None:
                raise AssertionError("a group without anybody waiting is not first")
            window.waiting.popleft()[1].set_result(None)
            window.under_way += 1
            under_way += 1
            free[group] -= 1
        wake = min((self._opens(group, now) for group in free if self._next(group) is not None), default=float("inf"))
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(wake, self._let_through) if wake < float("inf") else None

    def _first(self, free: Mapping[Group, int]) -> Group | None:
        """Return the group whose first call has waited longest, among those that have room."""
        waiting = {group: window for group in free if free[group] > 0 and (window := self._next(group)) is not None}
        return min(waiting, key=lambda group: waiting[group].waiting[0][0], default=None)

    def _next(self, group: Group) -> _Window | None:
        """Return the window of the call that has waited longest in a group."""
        for category in group:
            waiting = self._windows[category].waiting
            while waiting and waiting[0][1].done():
                waiting.popleft()
        windows = [self._windows[each] for each in group if self._windows[each].waiting]
        return min(windows, key=lambda window: window.waiting[0][0], default=None)

    def _opens(self, group: Group, now: float) -> float:
        """Return when a group may have room again; never, where only the end of a call brings it."""
        closed = max(self._windows[each].closed_until for each in group)
        limit = self._limit(group)
        if now < closed:
            opens = closed
        elif self._count(group, now) < limit.calls:  # one call tries whether the way is open again
            return float("inf")
        else:
            oldest = [self._windows[each].answered[0] for each in group if self._windows[each].answered]
            opens = min(oldest, default=float("inf")) + limit.seconds * (1 + _MARGIN) + _MARGIN
        if opens - now >= _WORTH_TELLING and opens != float("inf") and self._told_until.get(group, 0.0) <= now:
            self._told_until[group] = opens
            self.told(group, limit, opens - now)
        return opens


def _stopped() -> StoppedError:
    return StoppedError("the run ended before this call left")


def _nobody(_group: Group, _limit: Limit, _seconds: float) -> None:
    """Tell nobody."""
