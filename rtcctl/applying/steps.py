"""One step from its turn to its record: pending on record, the call, and what its end means.

What is recorded is in the book at once and durable when the step is over; nothing that depends on it leaves before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from rtcctl.api.client import Client, Leaving
from rtcctl.api.retrying import may_have_arrived
from rtcctl.applying import record
from rtcctl.applying.book import Book
from rtcctl.applying.calls import filled, perform
from rtcctl.applying.honesty import not_as_asked
from rtcctl.applying.journal import Journal
from rtcctl.applying.lost import look_for
from rtcctl.errors import ApiError, RejectedError, RtcctlError, ServerError, StoppedError
from rtcctl.kinds import KINDS, Item
from rtcctl.model.call import Call
from rtcctl.model.jobs import room_of, settle_lost
from rtcctl.model.ledger import Delta
from rtcctl.model.plan import Change, Step

Status: TypeAlias = Literal["done", "not as asked", "skipped", "refused", "failed", "unknown", "not attempted"]
"""`refused`: with 400, and another step is the remedy. `not as asked`: it took effect, but not all of it."""

_RULES_FIRST = "RTC.00001019"


class Observer(Protocol):
    """Who watches an apply."""

    def started(self, step: Step) -> None:
        """Be told that a call leaves; several may be under way."""

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Be told how a call ended."""


class Ended(Struct, frozen=True):
    """How a step ended. `seconds` is None where its request never left, `told` what the service said of the object."""

    status: Status
    error: RtcctlError | None = None
    seconds: float | None = None
    told: Mapping[str, str] = field(default_factory=dict)


class Steps(Struct):
    """Takes steps, any number at a time; the client says how many calls leave."""

    client: Client
    book: Book
    journal: Journal
    observer: Observer

    async def take(self, change: Change, step: Step, *, last: bool) -> Ended:
        """Take a step. `last` says that its change is over when the step is done."""
        try:
            call = filled(step.call, self.book)
        except KeyError:
            raise AssertionError(f"{step.id} was due before what it refers to") from None
        way = _Way(self, step)
        error: RtcctlError | None = None
        try:
            ended = await self._sent(way, change, step, call, last=last)
            error = ended.error
        except asyncio.CancelledError:
            # Asked to end at once: what the call under way did is not known, and the report must still be given.
            error = RtcctlError("interrupted while the call was under way", mend=self._mend(step, call))
            ended = Ended("unknown", error) if way.is_gone else await self._not_sent(step)
        seconds = way.seconds()
        if seconds is None:
            return ended
        self.observer.finished(step, seconds, error)
        return replace(ended, seconds=seconds)

    async def keep(self, delta: Delta) -> None:
        """Enter a delta into the book and the journal; a throttle model that was learned goes along.

        Raises:
            RtcctlError: the journal can't be written.
        """
        if self.client.throttle.model != self.book.throttle:
            delta = replace(delta, throttle=self.client.throttle.model)
        self.book.take(delta)
        await self.journal.write(delta)

    async def _sent(self, way: _Way, change: Change, step: Step, call: Call, *, last: bool) -> Ended:
        try:
            answer = await perform(self.client, step, call, way)
        except StoppedError as stopped:  # also before a call was repeated that had been refused with 401
            return await self._not_sent(step, stopped if way.is_gone else None)
        except ApiError as failure:
            return await self._failed(way, change, step, call, failure, last=last)
        except RtcctlError as failure:
            if failure is self.journal.error:
                self.book.take(record.settled(step.address))
                return Ended("not attempted")
            return Ended("failed", failure)  # an id that can't stand in a path
        return await self._done(change, step, call, answer.data, last=last)

    async def _done(self, change: Change, step: Step, call: Call, answer: Item, *, last: bool) -> Ended:
        ids = {name: str(value) for name, value in call.ids.items()}
        told = record.told_by(KINDS[change.address.kind], answer, ids)
        error = not_as_asked(change, step, call, told) if answer else None
        await self.settle(record.after_step(self.book, change, step, ids, answer, last=last and error is None))
        return Ended("done" if error is None else "not as asked", error, told=told.status)

    async def _failed(
        self, way: _Way, change: Change, step: Step, call: Call, failure: ApiError, *, last: bool
    ) -> Ended:
        if not way.is_gone:
            if step.address in self.book.pending:  # it was about to leave, and what authenticates it failed meanwhile
                await self.settle(record.settled(step.address))
            return Ended("failed", failure)
        if _may_go_on(change, step, failure):
            await self.settle(record.settled(step.address))
            return Ended("refused", failure)
        if not may_have_arrived(failure):
            await self.settle(record.settled(step.address))
            return Ended("failed", failure)
        look = await look_for(self.client, step, call, self.book)
        if look.found is not None:
            return await self._done(change, step, call, look.found, last=last)
        failure.mend = self._mend(step, call)
        # It stays pending, and the next run looks. A 5xx is believed where nothing was found; it may come after the
        # effect, too.
        return Ended("failed" if look.looked and isinstance(failure, ServerError) else "unknown", failure)

    def _mend(self, step: Step, call: Call) -> str:
        """Say what to do where it is not known what a call did."""
        pending = self.book.pending.get(step.address)
        if pending is None or not (KINDS[step.address.kind].job and step.effect == "created"):
            return "plan again: it shows what is in force now"
        room = room_of(call.body or {})
        return f"{step.address} may run in {room} since {pending.started}: {settle_lost(step.address)}"

    async def _not_sent(self, step: Step, error: RtcctlError | None = None) -> Ended:
        """Take back that a call was about to leave: what never left, or was refused for its token, did nothing."""
        if step.address in self.book.pending:
            await self.settle(record.settled(step.address))
        return Ended("not attempted", error)

    async def settle(self, delta: Delta) -> None:
        """Record an outcome. A failure or a cancellation changes nothing in what happened: the book has it."""
        try:
            await self.keep(delta)
        except (RtcctlError, asyncio.CancelledError):
            return


class _Way(Leaving):
    """A step's request on its way out: before it leaves for the first time, it is pending on record."""

    def __init__(self, steps: Steps, step: Step) -> None:
        self._steps = steps
        self._step = step
        self._begun: float | None = None
        self._is_pending = False

    @property
    def is_gone(self) -> bool:
        """Tell whether it has left."""
        return self._begun is not None

    async def ready(self) -> None:
        if not self._is_pending:
            await self._steps.keep(record.before_step(self._step, datetime.now(UTC)))
            self._is_pending = True

    def left(self) -> None:
        if self._begun is None:
            self._begun = asyncio.get_running_loop().time()
            self._steps.observer.started(self._step)

    def seconds(self) -> float | None:
        """Return the time since it left; None where it has not."""
        return None if self._begun is None else asyncio.get_running_loop().time() - self._begun


def _may_go_on(change: Change, step: Step, error: ApiError) -> bool:
    """Tell whether a refusal is what a conditional step waits for. 1019 has a remedy of its own: rules first."""
    waits = any(each.only_if_refused == step.id for each in change.steps)
    return waits and isinstance(error, RejectedError) and error.status == 400 and error.error_code != _RULES_FIRST
