"""Whose turn it is to call: first come, first served, so many at once, and never more than the limits let through.

The whole allowance is used at first; then the limits are held. How calls are counted: `windows.py`.
"""

from __future__ import annotations

import asyncio
import random as dice
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TypeAlias

from msgspec import Struct

from rtcctl.api.windows import NEVER, Group, Windows
from rtcctl.errors import StoppedError
from rtcctl.model.call import Category
from rtcctl.model.ledger import ThrottleModel
from rtcctl.model.limits import LIMITS, Limit

PARALLEL = 10
"""Calls under way at once, unless asked otherwise."""
Told: TypeAlias = Callable[[Group, Limit, float], None]
"""Is told of a wait: which categories, their limit, and the seconds."""

_WORTH_TELLING = 1.0
"""Seconds from which on a wait is told."""
_AHEAD = 4
"""For so many calls under way one more has its turn."""
_OPEN: AbstractAsyncContextManager[object] = nullcontext()


class Turn(Struct):
    """One call's turn. A turn that is over without `left` was never used and does not count."""

    left: bool = False
    refused: bool = False
    retry_after: float | None = None


class Throttle:
    """The limits of one account, and of calls under way at once (`parallel`). Times are the event loop's.

    A call first gets its turn (`turn`), and when all that has to be written before it is written, its `way`. A few more
    have their turn than are under way, so that no way is left unused while others are still being written about.
    """

    def __init__(
        self,
        limits: Mapping[Category, Limit] | None = None,
        *,
        parallel: int = PARALLEL,
        random: Callable[[], float] = dice.random,
    ) -> None:
        """Hold `limits`, by default the documented ones; `random` gives the jitter."""
        self.told: Told = _nobody
        self.admit(parallel)
        self._windows = Windows(LIMITS if limits is None else limits, random)
        self._waiting: dict[Category, deque[tuple[int, asyncio.Future[None]]]] = {}
        self._ticket = 0
        self._timer: asyncio.TimerHandle | None = None
        self._told_until: dict[Group, float] = {}
        self._drained = False

    @property
    def model(self) -> ThrottleModel:
        """What counts together, as it was set or learned."""
        return self._windows.model

    def set(self, model: ThrottleModel, *, rate: float = 1.0, pinned: bool = False) -> None:
        """Choose a model, and a share of the documented limits.

        Args:
            model: what counts together.
            rate: 0.5 leaves half of every allowance to others; over 1 is for an account with higher limits.
            pinned: keep the model whatever a 429 says.
        """
        self._windows.set(model, rate=rate, pinned=pinned)

    def admit(self, parallel: int, gate: AbstractAsyncContextManager[object] = _OPEN) -> None:
        """Let so many calls be under way at once; `gate` is what those of several accounts go through together."""
        self._turns = parallel + parallel // _AHEAD
        self._ways = asyncio.Semaphore(parallel)
        self._gate = gate

    def least_seconds(self, calls: Mapping[Category, int]) -> float:
        """Return the least time that so many calls need where nothing was called before."""
        together: dict[Group, int] = {}
        for category, count in calls.items():
            group = self._windows.group(category)
            together[group] = together.get(group, 0) + count
        limits = {group: self._windows.limit(group) for group in together}
        each = (max(count - 1, 0) // limits[group].calls * limits[group].seconds for group, count in together.items())
        return max(each, default=0.0)

    @asynccontextmanager
    async def turn(self, category: Category) -> AsyncIterator[Turn]:
        """Wait until a call may leave; the call is over when the block is.

        Raises:
            StoppedError: `drain` was called before it was this call's turn.
        """
        if self._drained:
            raise _stopped()
        turn = Turn()
        await self._wait(category)
        try:
            yield turn
        finally:
            now = asyncio.get_running_loop().time()
            if not turn.left:
                self._windows.give_back(category)
            elif turn.refused:
                self._windows.end_refused(category, now, turn.retry_after)
            else:
                self._windows.end(category, now)
            self._let_through()

    @asynccontextmanager
    async def way(self, category: Category) -> AsyncIterator[bool]:
        """Wait until fewer than `parallel` calls are under way; this one is while the block lasts.

        The value is whether it may leave: after another's refusal it has to wait for another turn.
        """
        async with self._ways, self._gate:
            yield not self._windows.is_closed(self._windows.group(category), asyncio.get_running_loop().time())

    def drain(self) -> None:
        """Let no further call through; those that wait end with `StoppedError`."""
        self._drained = True
        for waiting in self._waiting.values():
            while waiting:
                _, waiter = waiting.popleft()
                if not waiter.done():
                    waiter.set_exception(_stopped())

    def resume(self) -> None:
        """Let calls through again after `drain`."""
        self._drained = False

    async def _wait(self, category: Category) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ticket += 1
        self._windows.group(category)
        self._waiting.setdefault(category, deque()).append((self._ticket, waiter))
        self._let_through()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:  # its turn came all the same
                self._windows.give_back(category)
                self._let_through()
            raise

    def _let_through(self) -> None:
        """Let every call go whose turn has come, and look again when time alone brings the next one's."""
        if self._windows.under_way >= self._turns:
            return  # whoever ends looks again
        loop = asyncio.get_running_loop()
        now = loop.time()
        groups = (self._windows.group(category) for category, waiting in self._waiting.items() if waiting)
        free = {group: self._windows.free(group, now) for group in dict.fromkeys(groups)}
        while self._windows.under_way < self._turns and (first := self._first(free)) is not None:
            group, category = first
            self._waiting[category].popleft()[1].set_result(None)
            self._windows.begin(category)
            free[group] -= 1
        full = [group for group, left in free.items() if left <= 0 and self._next(group) is not None]
        wake = min((self._opens(group, now) for group in full), default=NEVER)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(wake, self._let_through) if wake < NEVER else None

    def _first(self, free: Mapping[Group, int]) -> tuple[Group, Category] | None:
        """Return whose call has waited longest, among the groups that have room."""
        found = [(group, category) for group in free if free[group] > 0 and (category := self._next(group)) is not None]
        return min(found, key=lambda each: self._waiting[each[1]][0][0], default=None)

    def _next(self, group: Group) -> Category | None:
        """Return the category of the call that has waited longest in a group."""
        for category in group:
            waiting = self._waiting.get(category, ())
            while waiting and waiting[0][1].done():  # cancelled meanwhile
                self._waiting[category].popleft()
        found = [category for category in group if self._waiting.get(category)]
        return min(found, key=lambda category: self._waiting[category][0][0], default=None)

    def _opens(self, group: Group, now: float) -> float:
        opens = self._windows.opens(group, now)
        if _WORTH_TELLING <= opens - now < NEVER and self._told_until.get(group, 0.0) <= now:
            self._told_until[group] = opens
            self.told(group, self._windows.limit(group), opens - now)
        return opens


def _stopped() -> StoppedError:
    return StoppedError("the run ended before this call left")


def _nobody(_group: Group, _limit: Limit, _seconds: float) -> None:
    """Tell nobody."""
