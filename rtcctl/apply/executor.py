"""Walking the plan's graph: each step when what it waits for is done, each recorded before the next.

A step that fails stops only what depends on it. Steps run one at a time for now; the graph already says which could
run together.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from heapq import heapify, heappop, heappush
from typing import Literal, Protocol, TypeAlias

from rtcctl.api.client import Client
from rtcctl.apply import record
from rtcctl.apply.calls import filled, perform
from rtcctl.errors import ApiError, BadAnswerError, RejectedError, RtcctlError, ServerError, UnreachableError
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Change, Plan, Step
from rtcctl.model.result import ApplyResult, ChangeResult, Outcome

_Status: TypeAlias = Literal["done", "skipped", "refused", "failed", "unknown", "not attempted"]
_RULES_FIRST = "RTC.00001019"


class Observer(Protocol):
    """Who watches an apply."""

    def started(self, step: Step) -> None:
        """Be told that a call is about to be made."""

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Be told how a call ended."""


class Store(Protocol):
    """Where the ledger is kept."""

    def save(self, ledger: Ledger) -> None:
        """Keep a ledger durably."""


async def apply(
    plan: Plan,
    client: Client,
    ledger: Ledger,
    store: Store,
    observer: Observer,
    stopping: Callable[[], bool] = lambda: False,
    *,
    stored: Ledger | None = None,
) -> ApplyResult:
    """Make the calls of a plan and record each; `stopping` is asked before every call.

    `stored` is the ledger as it was loaded, where more has been learned since (such as who answered): without anything
    to call or to record, nothing is saved.

    Whether the plan may be applied at all has been judged before. Failures are in the result, not raised.

    Raises:
        RtcctlError: the ledger can't be saved before the first call.
    """
    booked = record.bookkeeping(plan, ledger)
    if booked == replace(stored or ledger, serial=booked.serial) and not plan.has_changes:
        return ApplyResult()
    store.save(booked)
    run = _Run(plan, client, booked, store, observer, stopping)
    await run.walk()
    return run.result()


@dataclass(slots=True)
class _Run:
    plan: Plan
    client: Client
    ledger: Ledger
    store: Store
    observer: Observer
    stopping: Callable[[], bool]
    status: dict[str, _Status] = field(default_factory=dict)
    errors: dict[str, RtcctlError] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    told: dict[Address, dict[str, str]] = field(default_factory=dict)
    interrupted: bool = False
    unsaved: RtcctlError | None = None

    async def walk(self) -> None:
        """Run every step in an order that the graph allows, the plan's own order wherever there is a choice."""
        owner = {step.id: (change, step) for change in self.plan.changes for step in change.steps}
        rank = {step_id: index for index, step_id in enumerate(owner)}
        sorter = TopologicalSorter({step_id: step.after for step_id, (_, step) in owner.items()})
        sorter.prepare()
        ready = [(rank[step_id], step_id) for step_id in sorter.get_ready()]
        heapify(ready)
        while ready:
            _, step_id = heappop(ready)
            change, step = owner[step_id]
            self.status[step_id] = await self._step(change, step)
            if all(each.id in self.status for each in change.steps) and self._outcome(change) == "done":
                self._keep(record.after_change(self.ledger, change))
            sorter.done(step_id)
            for unlocked in sorter.get_ready():
                heappush(ready, (rank[unlocked], unlocked))

    async def _step(self, change: Change, step: Step) -> _Status:
        if step.only_if_refused:
            if self.status[step.only_if_refused] != "refused":
                return "skipped"
        elif any(self.status[before] == "refused" for before in step.after):
            return "not attempted"
        if any(self.status[before] in ("failed", "unknown", "not attempted") for before in step.after):
            return "not attempted"
        if self.unsaved:
            return "not attempted"
        if self.interrupted or self.stopping():
            self.interrupted = True
            return "not attempted"
        return await self._send(change, step)

    async def _send(self, change: Change, step: Step) -> _Status:
        call = filled(step.call, self.ledger)
        self._keep(record.before_step(self.ledger, step, datetime.now(UTC)))
        if self.unsaved:
            return "not attempted"
        self.observer.started(step)
        begun = time.monotonic()
        error: RtcctlError | None = None
        try:
            answer = await perform(self.client, step, call)
        except ApiError as failure:
            error = failure
            return self._failed(change, step, failure)
        except asyncio.CancelledError:
            # Asked to end at once: what the call under way did is not known, and the report must still be given.
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
            error = self.errors[step.id] = RtcctlError("interrupted while the call was under way")
            self.interrupted = True
            return "unknown"
        else:
            ids = {name: str(value) for name, value in call.ids.items()}
            self._keep(record.after_step(self.ledger, change, step, ids, answer.data))
            told = record.told_by(KINDS[change.address.kind], answer.data, ids)
            self.told.setdefault(change.address, {}).update(told.status)
            return "done"
        finally:
            self.seconds[step.id] = time.monotonic() - begun
            self.observer.finished(step, self.seconds[step.id], error)

    def _keep(self, ledger: Ledger) -> None:
        """Save a new ledger. Where that fails no further call is made, and the report still names every id."""
        if ledger is not self.ledger:
            self.ledger = ledger
            try:
                self.store.save(ledger)
            except RtcctlError as error:
                self.unsaved = self.unsaved or error

    def _failed(self, change: Change, step: Step, failure: ApiError) -> _Status:
        if self._may_go_on(change, step, failure):
            return "refused"
        self.errors[step.id] = failure
        lost = isinstance(failure, BadAnswerError) or (isinstance(failure, UnreachableError) and failure.sent)
        if not lost and not isinstance(failure, ServerError):  # a 5xx may come after the effect
            self._keep(record.without_pending(self.ledger, step.address))
        return "unknown" if lost else "failed"

    def _may_go_on(self, change: Change, step: Step, error: ApiError) -> bool:
        """Tell whether a refusal is what a conditional step waits for. 1019 has a remedy of its own: rules first."""
        waits = any(each.only_if_refused == step.id for each in change.steps)
        return waits and isinstance(error, RejectedError) and error.status == 400 and error.error_code != _RULES_FIRST

    def _outcome(self, change: Change) -> Outcome:
        found = [self.status[step.id] for step in change.steps]
        if "unknown" in found:
            return "unknown"
        if "failed" in found:
            return "failed"
        return "not attempted" if "not attempted" in found else "done"

    def result(self) -> ApplyResult:
        """Put together what became of each change that had calls to make."""
        changes = tuple(self._changed(change) for change in self.plan.changes if change.steps)
        done = sum(status == "done" for status in self.status.values())
        return ApplyResult(changes, self.plan.to_record, len(self.seconds), self.interrupted, done, self.unsaved)

    def _changed(self, change: Change) -> ChangeResult:
        entry = self.ledger.entries.get(change.address)
        return ChangeResult(
            change=change,
            outcome=self._outcome(change),
            error=next((self.errors[step.id] for step in change.steps if step.id in self.errors), None),
            ids=entry.ids if entry else {},
            status=self.told.get(change.address, {}),
            seconds=sum(self.seconds.get(step.id, 0.0) for step in change.steps),
        )
