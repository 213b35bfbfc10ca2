"""Checks within time limits; an error of ours is what a check found, and never the end of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from rtcctl.errors import RtcctlError
from rtcctl.model.checkup import Check

SECONDS = 20.0
"""How long one check may take."""


def failed(name: str, error: RtcctlError) -> Check:
    """Return an error as what a check found."""
    return Check(name, "failed", error.message, error.mend, error.exit_code)


async def limited(name: str, check: Awaitable[Check], seconds: float = SECONDS) -> Check:
    """Return what a check found; that it did not end in time, and an error of ours, are findings too."""
    try:
        async with asyncio.timeout(seconds):
            return await check
    except TimeoutError:
        return Check(name, "failed", f"no end after {seconds:g} s", "check the network, and try again")
    except RtcctlError as error:
        return failed(name, error)
