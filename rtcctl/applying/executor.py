"""Walking the plan's graph: every step as soon as what it waits for is done, as many calls at once as are allowed.

A step that fails stops only what depends on it. However a run ends, every change has an outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from graphlib import TopologicalSorter

from msgspec import Struct, field
from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.applying import record
from rtcctl.applying.book import Book
from rtcctl.applying.journal import Journal, in_thread
from rtcctl.applying.steps import Ended, Observer, Status, Steps
from rtcctl.applying.stop import Stop
from rtcctl.applying.undo import TakenBack, cut_off, take_back
from rtcctl.errors import RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.ledger import Delta, Ledger
from rtcctl.model.plan import Change, Plan, Step
from rtcctl.model.result import ApplyResult, ChangeResult, Outcome
from rtcctl.state.store import Store

_NO_WAY_ON = ("not as asked", "failed", "unknown", "not attempted")
FAIL_FAST = "a call failed (--fail-fast)"
INTERRUPTED = "interrupted"


class Wishes(Struct, frozen=True):
    """How a run shall go: `fail_fast` ends it with the first failure, `stop` when somebody says so.

    `lost` are jobs that may be running since an earlier run, each with what there is to say; they are left alone.
    """

    stop: Stop = field(default_factory=Stop)
    fail_fast: bool = False
    lost: Mapping[Address, RtcctlError] = field(default_factory=dict)


async def apply(
    plan: Plan,
    client: Client,
    ledger: Ledger,
    store: Store,
    observer: Observer,
    wishes: Wishes | None = None,
    *,
    stored: Ledger | None = None,
) -> ApplyResult:
    """Make the calls of a plan and record each.

    Args:
        plan: what to do; whether it may be done has been judged before.
        client: makes the calls.
        ledger: what is owned, with what has been learned since it was loaded (such as who answered).
        store: where it is kept; it has to be locked.
        observer: is told of every call.
        wishes: how the run shall go.
        stored: the ledger as it was loaded, if `ledger` is not.

    Failures are in the result, not raised. Without anything to call or to record, nothing is written.

    Raises:
        RtcctlError: the state can't be written before the first call.
    """
    wishes, stored = wishes or Wishes(), stored or ledger
    first = record.bookkeeping(plan, stored, ledger, wishes.lost)
    if client.throttle.model != stored.throttle:
        first = replace(first, throttle=client.throttle.model)
    run = _Run(plan, client, store, observer, wishes, stored)
    if run.has_calls:
        await run.begin(first)
        try:
            await run.walk()
        finally:
            await run.end()
    elif record.says_something(first, stored):
        run.book.take(first)
        store.save(run.book.ledger)
    return run.result()


class _Run:
    def __init__(
        self, plan: Plan, client: Client, store: Store, observer: Observer, wishes: Wishes, stored: Ledger
    ) -> None:
        self._plan = plan
        self._stored = stored
        self._client = client
        self._store = store
        self._wishes = wishes
        self._stop = wishes.stop
        self._aborted = False
        self.book = Book(stored)
        self._journal = Journal(store)
        self._steps = Steps(client, self.book, self._journal, observer)
        self._owner = {step.id: (change, step) for change in plan.changes for step in change.steps}
        self._ended: dict[str, Ended] = {}
        self._under_way: dict[asyncio.Task[Ended], str] = {}
        self._finished: asyncio.Queue[asyncio.Task[Ended]] = asyncio.Queue()
        self._taken_back: dict[Address, TakenBack] = {}
        self._error: RtcctlError | None = None

    @property
    def has_calls(self) -> bool:
        return any(change.address not in self._wishes.lost for change, _ in self._owner.values())

    async def begin(self, first: Delta) -> None:
        """Start the journal, with what needs no call as its first entry."""
        try:
            await in_thread(self._store.begin, self._stored)
            await self._steps.keep(first)
        except asyncio.CancelledError:
            self._abort()

    async def walk(self) -> None:
        """Take every step in an order that the graph allows, the plan's own order wherever there is a choice."""
        sorter = TopologicalSorter({step_id: step.after for step_id, (_, step) in self._owner.items()})
        sorter.prepare()
        rank = {step_id: index for index, step_id in enumerate(self._owner)}
        self._stop.when_asked(self._client.drain)
        while sorter.is_active():
            ready = sorted(sorter.get_ready(), key=lambda step_id: rank[step_id])
            for step_id in ready:
                self._take(step_id)
            over = [step_id for step_id in ready if step_id in self._ended]
            sorter.done(*(over or await self._next()))

    async def _next(self) -> list[str]:
        """Wait until a step under way ends; a cancellation ends them all, and each says what is known of it."""
        done = []
        try:
            done.append(await self._finished.get())
        except asyncio.CancelledError:
            self._abort()
            for task in self._under_way:
                task.cancel()
            await asyncio.wait(self._under_way)
        while not self._finished.empty():
            done.append(self._finished.get_nowait())
        over = []
        for task in done:
            step_id = self._under_way.pop(task)
            self._over(step_id, task.result())
            over.append(step_id)
        return over

    def _take(self, step_id: str) -> None:
        """Begin a step, or say why it is not taken."""
        change, step = self._owner[step_id]
        status = self._before(change, step)
        if status is not None:
            self._ended[step_id] = Ended(status)
            return
        work = self._steps.take(change, step, last=self._is_last(change, step))
        task = asyncio.ensure_future(work)
        task.add_done_callback(self._finished.put_nowait)  # to wait for all of them takes as long as they are many
        self._under_way[task] = step_id

    def _before(self, change: Change, step: Step) -> Status | None:
        if change.address in self._wishes.lost:
            return "unknown"
        before = [self._ended[each].status for each in step.after]
        if step.only_if_refused:
            if self._ended[step.only_if_refused].status != "refused":
                return "skipped"
        elif "refused" in before:
            return "not attempted"
        if self._stop.asked or self._journal.error or any(status in _NO_WAY_ON for status in before):
            return "not attempted"
        return None

    def _is_last(self, change: Change, step: Step) -> bool:
        """Tell whether the change is over when this step is done: the others are, or are only remedies."""
        return all(
            each.id == step.id
            or each.only_if_refused == step.id
            or (each.id in self._ended and self._ended[each.id].status in ("done", "skipped", "refused"))
            for each in change.steps
        )

    def _over(self, step_id: str, ended: Ended) -> None:
        self._ended[step_id] = ended
        if self._wishes.fail_fast and ended.status in ("failed", "unknown", "not as asked"):
            self._stop.ask(FAIL_FAST)

    async def end(self) -> None:
        """Take back what only prepared a failed call, and fold the journal into the state."""
        for task in self._under_way:  # only after a defect, which is on its way up
            task.cancel()
        if not self._aborted:
            self._client.resume()
        for change in self._plan.changes:
            await self._take_back(change)
        await self._journal_written()
        self._error = self._journal.error
        try:
            await in_thread(self._store.save, self.book.ledger)
        except asyncio.CancelledError:
            self._abort()
        except RtcctlError as error:
            self._error = self._error or error

    async def _journal_written(self) -> None:
        """Wait for the journal however often the end is asked for: the fold must not meet a write under way."""
        while True:
            try:
                return await self._journal.close()
            except asyncio.CancelledError:
                self._abort()

    async def _take_back(self, change: Change) -> None:
        found = {step.id: self._ended[step.id].status for step in change.steps if step.id in self._ended}
        error = self._error_of(change)
        try:
            came = await take_back(self._steps, self._stored, change, found, error, aborted=self._aborted)
        except asyncio.CancelledError:  # asked to end at once, while an app was being enabled again
            self._abort()
            came = cut_off(error)
        if came is not None:
            self._taken_back[change.address] = came

    def _abort(self) -> None:
        """Take a cancellation as said: nothing is sent any more, and the run ends by itself, with its report."""
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        self._aborted = True
        self._stop.ask(INTERRUPTED)

    def result(self) -> ApplyResult:
        """Put together what became of each change that had calls to make."""
        changes = tuple(self._changed(change) for change in self._plan.changes if change.steps)
        statuses = [ended.status for ended in self._ended.values()]
        cut = self._stop.asked and any(status in ("not attempted", "unknown") for status in statuses)
        return ApplyResult(
            changes=changes,
            recorded=self._plan.to_record,
            calls=sum(ended.seconds is not None for ended in self._ended.values())
            + sum(came.called for came in self._taken_back.values()),
            interrupted=cut and self._stop.reason != FAIL_FAST,
            steps_done=sum(status in ("done", "not as asked") for status in statuses),
            error=self._error,
            ended=self._stop.reason if cut else "",
        )

    def _changed(self, change: Change) -> ChangeResult:
        entry, came = self.book.entries.get(change.address), self._taken_back.get(change.address)
        ended = [self._ended[step.id] for step in change.steps if step.id in self._ended]
        told = {name: value for each in ended for name, value in each.told.items()}
        return ChangeResult(
            change=change,
            outcome=self._outcome(change),
            error=came.error if came else self._error_of(change),
            ids=entry.ids if entry else {},
            status=came.told if came and came.told is not None else told,
            seconds=sum(each.seconds or 0.0 for each in ended),
        )

    def _error_of(self, change: Change) -> RtcctlError | None:
        if change.address in self._wishes.lost:
            return self._wishes.lost[change.address]
        ended = [self._ended[step.id] for step in change.steps if step.id in self._ended]
        return next((each.error for each in ended if each.error is not None and each.status != "refused"), None)

    def _outcome(self, change: Change) -> Outcome:
        if change.address in self._wishes.lost:
            return "unknown"
        came = self._taken_back.get(change.address)
        found: set[Status] = set()
        for step in change.steps:
            status = self._ended[step.id].status
            taken_back = came is not None and came.undone == step.id
            found.add("failed" if taken_back and status == "unknown" else status)
        if "unknown" in found:
            return "unknown"
        if found & {"failed", "not as asked"}:
            return "failed"
        return "not attempted" if "not attempted" in found else "done"
