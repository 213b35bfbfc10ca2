"""A check ends in time, and an error of ours is what it found."""

from __future__ import annotations

import asyncio
import threading

import pytest

from rtcctl.errors import CredentialsError, ExitCode
from rtcctl.model.checkup import Check
from rtcctl.operations.doctor.limited import in_thread, limited


def test_what_a_check_found_is_handed_on():
    async def check() -> Check:
        return Check("x", "ok", "fine")

    assert asyncio.run(limited("x", check())) == Check("x", "ok", "fine")


def test_an_error_is_a_finding_with_its_mend_and_code():
    async def check() -> Check:
        raise CredentialsError("none", mend="set some")

    assert asyncio.run(limited("x", check())) == Check("x", "failed", "none", "set some", ExitCode.NOT_ALLOWED)


def test_no_end_in_time_is_a_finding():
    async def check() -> Check:
        await asyncio.Event().wait()
        raise AssertionError

    assert asyncio.run(limited("x", check(), 0.01)).found == "no end after 0.01 s"


def test_work_in_a_thread_gives_its_value_or_its_error():
    def fails() -> None:
        raise ValueError("broken")

    assert asyncio.run(in_thread(lambda: 3)) == 3
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(in_thread(fails))


def test_nobody_waits_for_a_thread_that_never_answers():
    release, ended = threading.Event(), threading.Event()

    def blocks() -> Check:
        release.wait(20)
        ended.set()
        return Check("x", "ok", "late")

    found = asyncio.run(limited("x", in_thread(blocks), 0.01))
    assert found.status == "failed"
    assert not ended.is_set()
    release.set()
    assert ended.wait(20)


def test_an_answer_that_comes_after_the_limit_is_dropped():
    release, answered = threading.Event(), threading.Event()

    def blocks() -> Check:
        release.wait(20)
        answered.set()
        return Check("x", "ok", "late")

    async def work() -> Check:
        found = await limited("x", in_thread(blocks), 0.01)
        release.set()
        await in_thread(lambda: answered.wait(20))
        await in_thread(lambda: None)  # the loop has had its turn since
        return found

    assert asyncio.run(work()).status == "failed"
