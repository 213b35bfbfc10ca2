"""The journal shares its writes, the book is what the journal leads to, and both keep their cost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from rtcctl.applying.book import Book
from rtcctl.applying.executor import apply
from rtcctl.applying.journal import Journal, in_thread
from rtcctl.errors import RtcctlError
from rtcctl.kinds import KINDS
from rtcctl.model.ledger import Delta, Entry, Ledger, Pending, after
from tests.planner.support import at, ledger, live, owned_app, owned_rule, planned, whole_set

from .support import Service, Store, Watcher, applied, build

APP = at("App/a")
NOTHING = Delta()


class Slow(Store):
    """Holds the first append back until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.arrived, self.go = threading.Event(), threading.Event()
        self.error: RtcctlError | None = None

    def append(self, deltas: Sequence[Delta]) -> None:
        self.batches.append(len(deltas))
        self.arrived.set()
        assert self.go.wait(10)
        if self.error:
            raise self.error


def journal(store: Slow) -> Journal:
    any_store: Any = store
    return Journal(any_store)


def test_whoever_writes_while_a_write_is_under_way_shares_the_next_one() -> None:
    async def work() -> list[int]:
        store = Slow()
        found = journal(store)
        writes = [asyncio.ensure_future(found.write(NOTHING))]
        await asyncio.to_thread(store.arrived.wait)
        writes += [asyncio.ensure_future(found.write(NOTHING)) for _ in range(9)]
        await asyncio.sleep(0)
        assert not any(write.done() for write in writes)
        store.go.set()
        await asyncio.gather(*writes)
        await found.close()
        return store.batches

    assert asyncio.run(work()) == [1, 9]


def test_after_a_failure_nothing_is_written_any_more() -> None:
    async def work() -> None:
        store = Slow()
        store.error = RtcctlError("the disk is full")
        found = journal(store)
        writes = [asyncio.ensure_future(found.write(NOTHING))]
        await asyncio.to_thread(store.arrived.wait)
        writes.append(asyncio.ensure_future(found.write(NOTHING)))
        await asyncio.sleep(0)
        store.go.set()
        ended = await asyncio.gather(*writes, return_exceptions=True)
        assert ended == [store.error, store.error]
        with pytest.raises(RtcctlError, match="full"):
            await found.write(NOTHING)
        assert store.batches == [1]

    asyncio.run(work())


def test_a_writer_that_is_cancelled_leaves_its_delta_to_be_written() -> None:
    async def work() -> None:
        store = Slow()
        found = journal(store)
        write = asyncio.ensure_future(found.write(NOTHING))
        await asyncio.to_thread(store.arrived.wait)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
        store.go.set()
        await found.close()
        assert store.batches == [1]
        assert found.error is None

    asyncio.run(work())


@pytest.mark.parametrize("fails", [False, True])
def test_work_in_a_thread_comes_to_its_end_before_a_cancellation_is_passed_on(fails: bool) -> None:
    async def work() -> list[str]:
        arrived, go, log = threading.Event(), threading.Event(), list[str]()

        def write() -> None:
            arrived.set()
            assert go.wait(10)
            log.append("written")
            if fails:
                raise RtcctlError("no")

        task = asyncio.ensure_future(in_thread(write))
        await asyncio.to_thread(arrived.wait)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return log

    assert asyncio.run(work()) == ["written"]


def test_the_book_is_what_the_deltas_lead_to() -> None:
    base = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    pending = Pending(APP, "delete", "2026-01-01T00:00:00+00:00")
    other = Pending(at("App/b"), "create", "2026-01-01T00:00:00+00:00")
    deltas = [
        Delta(serial=8, sources=2, identity={"tenant_name": "t"}, throttle="shared"),
        Delta(begun=(pending, other)),
        Delta(begun=(pending,), entries={at("App/b"): Entry({"app_id": "b"})}),
        Delta(settled=frozenset({APP}), entries={APP: None, at("App/zzz"): None}),
    ]
    book = Book(base)
    for index, delta in enumerate(deltas, 1):
        book.take(delta)
        assert book.ledger == after(base, deltas[:index])
    assert book.throttle == "shared"
    assert list(book.with_below(APP)) == [at("RecordRule/a/default")]


def test_an_operation_takes_at_most_two_entries_whose_size_does_not_grow_with_the_state() -> None:
    done = applied(planned(whole_set(), live(), ledger()), ledger())
    calls = len(done.service.calls)
    assert done.store.writes.count("append") <= 1 + 2 * calls
    assert len(done.store.deltas) == 1 + 2 * calls
    assert done.store.writes[0] == "begin"
    assert done.store.writes[-1] == "save"
    assert all(len(delta.entries) <= 1 for delta in done.store.deltas[1:])


def test_a_pending_operation_tells_whether_it_makes_something() -> None:
    """The verbs of the kinds' own writes: those that make an object, and all others."""
    made, others = set(), set()
    for change in planned(whole_set(), live(), ledger()).changes:
        made |= {step.verb for step in change.steps if step.effect == "created"}
    for kind in KINDS.values():
        ids = dict.fromkeys(("app_id", "rule_id", "job_id", "bucket", "location"), "x")
        others |= {write.verb for write in kind.delete(ids, None)}
    assert all(Pending(APP, verb, "").makes for verb in made)
    assert not any(Pending(APP, verb, "").makes for verb in {*others, "update", "enable", "disable", "switch off"})


def test_the_fold_waits_for_the_journal_however_often_the_end_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived, go, order = threading.Event(), threading.Event(), list[str]()
    close = Journal.close
    task: asyncio.Task[Any]

    class Slow(Store):
        def append(self, deltas: Sequence[Delta]) -> None:
            if len(self.writes) == 3:  # begin, bookkeeping, what is pending: this one settles the first call
                arrived.set()
                assert go.wait(10)
            super().append(deltas)
            order.append("append")

        def save(self, ledger: Ledger) -> None:
            order.append("save")
            go.set()

    async def closing(self: Journal) -> None:
        if "asked again" in order:
            go.set()
        else:
            order.append("asked again")
            asyncio.get_running_loop().call_soon(task.cancel)
        await close(self)

    async def work() -> None:
        nonlocal task
        arguments: Any = (Service(), ledger(), Slow(), Watcher())
        task = asyncio.ensure_future(apply(build(), *arguments))
        await asyncio.to_thread(arrived.wait, 10)
        task.cancel()
        await task

    monkeypatch.setattr(Journal, "close", closing)
    asyncio.run(work())
    assert order[-3:] == ["asked again", "append", "save"]
