"""States of several accounts are loaded and locked side by side, and each lock is given back whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from rtcctl.errors import RtcctlError, StateLockedError
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.operations.states import all_locked, loaded
from rtcctl.operations.threads import AT_ONCE
from rtcctl.state.holder import Holder

PATIENCE = 20
LEDGER = Ledger(Binding("p", "a", "http://127.0.0.1", {}), lineage="0" * 32)


@dataclass
class Place:
    """Stands in for a store: what it does while it is loaded, locked and given back."""

    is_local: bool = False
    loading: Callable[[], object] = lambda: None
    taking: Callable[[], object] = lambda: None
    leaving: Callable[[], object] = lambda: None
    before: Holder | None = None
    log: list[str] = field(default_factory=list)

    def load(self) -> Ledger:
        self.loading()
        return LEDGER

    @contextlib.contextmanager
    def locked(self) -> Iterator[Holder | None]:
        self.taking()
        self.log.append("taken")
        try:
            yield self.before
        finally:
            self.log.append("left")
            self.leaving()


def stores(**places: Any) -> Any:
    return places


def raising(error: BaseException) -> Callable[[], object]:
    def fail() -> None:
        raise error

    return fail


def loads(*places: Any) -> list[Any]:
    async def load() -> list[Any]:
        return await asyncio.gather(*(loaded(each) for each in places), return_exceptions=True)

    return asyncio.run(load())


def test_states_that_are_elsewhere_are_loaded_at_once() -> None:
    met = threading.Barrier(3, timeout=PATIENCE)
    assert loads(*(Place(loading=met.wait) for _ in range(3))) == [LEDGER] * 3


def test_a_database_is_not_asked_by_more_than_it_has_connections_for() -> None:
    under_way, most, lock = 0, 0, threading.Lock()
    full = threading.Barrier(AT_ONCE, timeout=PATIENCE)

    def load() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        full.wait()
        with lock:
            under_way -= 1

    assert loads(*(Place(loading=load) for _ in range(2 * AT_ONCE))) == [LEDGER] * (2 * AT_ONCE)
    assert most == AT_ONCE


def test_a_state_on_this_machine_takes_no_thread() -> None:
    threads = []
    loads(Place(is_local=True, loading=lambda: threads.append(threading.current_thread())))
    assert threads == [threading.main_thread()]


def test_a_state_that_can_not_be_loaded_says_why() -> None:
    error = RtcctlError("away")
    assert loads(Place(loading=raising(error)), Place()) == [error, LEDGER]


def test_a_time_limit_ends_the_wait_for_a_store_that_never_answers() -> None:
    release = threading.Event()

    async def work() -> None:
        async with asyncio.timeout(0.01):
            await loaded(Place(loading=lambda: release.wait(PATIENCE)))  # type: ignore[arg-type]

    with pytest.raises(TimeoutError):
        asyncio.run(work())
    release.set()


def test_locks_are_taken_and_given_back_at_once() -> None:
    met = threading.Barrier(3, timeout=PATIENCE)
    places = [Place(taking=met.wait, leaving=met.wait) for _ in range(3)]
    with all_locked(stores(a=places[0], b=places[1], c=places[2])) as found:
        assert found == {"a": None, "b": None, "c": None}
        assert [each.log for each in places] == [["taken"]] * 3
    assert [each.log for each in places] == [["taken", "left"]] * 3


def test_who_crashed_and_who_holds_a_lock_is_told_by_name() -> None:
    crashed, error = Holder.me(), StateLockedError("held")
    one, other = Place(before=crashed), Place(taking=raising(error))
    with all_locked(stores(a=one, b=other)) as found:
        assert found == {"a": crashed, "b": error}
    assert (one.log, other.log) == (["taken", "left"], [])


def test_locks_that_were_taken_are_given_back_when_it_is_interrupted() -> None:
    places = [Place() for _ in range(5)]
    places.append(Place(taking=raising(KeyboardInterrupt())))
    with (
        pytest.raises(KeyboardInterrupt),
        all_locked(stores(**{str(index): each for index, each in enumerate(places)})),
    ):
        raise AssertionError
    assert all(each.log in ([], ["taken", "left"]) for each in places)
    assert any(each.log for each in places)


def test_locks_are_given_back_after_an_error_in_the_block_too() -> None:
    one, other = Place(), Place()
    with pytest.raises(ValueError, match="broken"), all_locked(stores(a=one, b=other)):
        raise ValueError("broken")
    assert one.log == other.log == ["taken", "left"]
