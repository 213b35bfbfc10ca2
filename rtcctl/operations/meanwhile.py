"""What is loaded while the service is asked: it takes longer to answer than Python to load what the answer is for."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

COMPARING = (
    "rtcctl.model.plan",
    "rtcctl.planner.context",
    "rtcctl.planner.decide",
    "rtcctl.planner.plan",
    "rtcctl.operations.saving",
    "rtcctl.model.finished",
    "rtcctl.reports.as_text",
)
"""What compares and shows, in pieces, each with what it needs itself: none keeps the calls waiting for long."""
_SOON = 0.01
"""Seconds after which the first calls have left, or connections for them are under way."""
_NEXT = 0.002
"""Seconds for what has happened meanwhile."""


@contextmanager
def loading(names: Iterable[str]) -> Iterator[None]:
    """Load modules while the block reads."""
    loop = asyncio.get_running_loop()
    left = iter(names)
    timer: asyncio.TimerHandle

    def load() -> None:
        nonlocal timer
        name = next(left, None)
        if name is not None:
            importlib.import_module(name)
            timer = loop.call_later(_NEXT, load)

    timer = loop.call_later(_SOON, load)
    try:
        yield
    finally:
        timer.cancel()
