"""What blocks is done in threads: nobody waits for one that never ends, and several work side by side."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from rtcctl.operations.threads import AT_ONCE, in_daemon, side_by_side

PATIENCE = 20


def test_work_in_a_thread_gives_its_value_or_its_error():
    def fails() -> None:
        raise ValueError("broken")

    assert asyncio.run(in_daemon(lambda: 3)) == 3
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(in_daemon(fails))


async def _limited(work: object) -> None:
    async with asyncio.timeout(0.01):
        await work  # type: ignore[misc]


def test_nobody_waits_for_a_thread_that_never_answers():
    release, ended = threading.Event(), threading.Event()

    def blocks() -> None:
        release.wait(PATIENCE)
        ended.set()

    with pytest.raises(TimeoutError):
        asyncio.run(_limited(in_daemon(blocks)))
    assert not ended.is_set()
    release.set()
    assert ended.wait(PATIENCE)


def test_an_answer_that_comes_after_the_limit_is_dropped():
    release, answered = threading.Event(), threading.Event()

    def blocks() -> None:
        release.wait(PATIENCE)
        answered.set()

    async def work() -> None:
        with pytest.raises(TimeoutError):
            await _limited(in_daemon(blocks))
        release.set()
        await in_daemon(lambda: answered.wait(PATIENCE))
        await in_daemon(lambda: None)  # the loop has had its turn since

    asyncio.run(work())
    assert answered.is_set()


def test_several_are_done_at_once_and_told_in_order():
    met = threading.Barrier(AT_ONCE, timeout=PATIENCE)

    def work(number: int) -> int:
        met.wait()
        return number * 2

    assert side_by_side(work, range(AT_ONCE)) == [2 * number for number in range(AT_ONCE)]


def test_one_alone_is_done_without_a_thread():
    assert side_by_side(lambda _: threading.current_thread(), [1]) == [threading.main_thread()]
    assert side_by_side(lambda _: 1, []) == []


def test_all_are_done_even_if_one_fails():
    done = []

    def work(number: int) -> None:
        if number == 0:
            raise ValueError("broken")
        done.append(number)

    with pytest.raises(ValueError, match="broken"):
        side_by_side(work, range(40))
    assert sorted(done) == list(range(1, 40))


def test_an_interrupt_ends_what_has_not_begun(monkeypatch: pytest.MonkeyPatch):
    count, begun, left = 100, [], [0]
    all_called_off = threading.Event()
    call_off = Future.cancel

    def cancel(self: Future[None]) -> bool:
        called_off = call_off(self)
        left[0] += 1
        if left[0] == count:
            all_called_off.set()
        return called_off

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise KeyboardInterrupt
        assert all_called_off.wait(PATIENCE)

    monkeypatch.setattr(Future, "cancel", cancel)
    with pytest.raises(KeyboardInterrupt):
        side_by_side(work, range(count))
    assert len(begun) <= AT_ONCE + 1
