"""A check ends in time, and an error of ours is what it found."""

from __future__ import annotations

import asyncio

from rtcctl.errors import CredentialsError, ExitCode
from rtcctl.model.checkup import Check
from rtcctl.operations.doctor.limited import limited


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
