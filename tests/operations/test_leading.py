"""Locks from within an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtcctl.errors import RtcctlError, StateLockedError
from rtcctl.model.resource import Project
from rtcctl.operations.leading import Leadership, held
from tests.operations.looping import Loop

PATIENCE = 20.0


class Slow:
    """A lock that takes its time, until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.told: list[str] = []

    @contextlib.contextmanager
    def locked(self, error: RtcctlError | None = None) -> Iterator[None]:
        self.begun.set()
        assert self.go.wait(PATIENCE)
        if error is not None:
            raise error
        self.told.append("taken")
        try:
            yield
        finally:
            self.told.append("given back")


async def take(slow: Slow, error: RtcctlError | None = None) -> None:
    async with held(slow.locked(error)):
        slow.told.append("held")


def test_the_loop_goes_on_while_a_lock_is_waited_for():
    slow = Slow()

    async def work() -> None:
        task = asyncio.ensure_future(take(slow))
        await asyncio.to_thread(slow.begun.wait, PATIENCE)
        slow.go.set()  # were the loop held up, nobody would
        await task

    asyncio.run(work())
    assert slow.told == ["taken", "held", "given back"]


@pytest.mark.parametrize("error", [None, StateLockedError("by another")])
def test_a_lock_that_is_not_wanted_any_more_is_given_back_once_it_is_taken(error: RtcctlError | None):
    slow = Slow()

    async def work() -> None:
        task = asyncio.ensure_future(take(slow, error))
        await asyncio.to_thread(slow.begun.wait, PATIENCE)
        task.cancel()
        await asyncio.sleep(0)
        slow.go.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(work())
    assert slow.told == ([] if error else ["taken", "given back"])


def test_leadership_is_kept_from_round_to_round_and_given_up_in_the_end(tmp_path: Path):
    settings = Loop(tmp_path).settings
    one, other = Leadership(), Leadership()

    async def work() -> None:
        await one.take(settings, Project())
        await one.take(settings, Project())
        with pytest.raises(StateLockedError):
            await other.take(settings, Project())
        assert (one.is_held, other.is_held) == (True, False)
        await other.take(settings, Project("another"))  # of other projects nothing is said
        await one.leave()
        assert not one.is_held
        await other.take(settings, Project())
        assert other.is_held
        await other.leave()

    asyncio.run(work())


def test_the_lock_is_not_given_up_between_rounds_and_taken_anew_where_it_was_lost(tmp_path: Path):
    settings = Loop(tmp_path).settings
    leadership = Leadership()

    def lock() -> Path:
        [found] = tmp_path.rglob("*~reconcile*.lock")
        return found

    async def work() -> None:
        await leadership.take(settings, Project())
        first = lock().read_text()
        await leadership.take(settings, Project())
        assert lock().read_text() == first
        lock().unlink()
        await leadership.take(settings, Project())
        assert leadership.is_held
        assert lock().read_text() != first
        await leadership.leave()

    asyncio.run(work())


def test_a_leadership_that_was_lost_meanwhile_is_taken_anew(tmp_path: Path):
    leadership = Leadership()

    @contextlib.contextmanager
    def lost() -> Iterator[None]:
        yield
        raise RtcctlError("the connection was lost")

    async def work() -> None:
        await leadership._stack.enter_async_context(held(lost()))
        await leadership.take(Loop(tmp_path).settings, Project())
        assert leadership.is_held
        await leadership.leave()

    asyncio.run(work())
