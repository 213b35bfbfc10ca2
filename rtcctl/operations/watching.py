"""Telling the watcher of a run when it reads and when it writes, with the least time that this takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rtcctl.api.client import Client
from rtcctl.model.call import Category
from rtcctl.model.happening import Over, Reading, Writing

if TYPE_CHECKING:
    from rtcctl.model.plan import Plan


@contextmanager
def reading(client: Client, calls: Mapping[Category, int] | None = None) -> Iterator[None]:
    """Tell that the account is read in a `with` block; `calls` is about how many that takes, where it is known."""
    known = calls or {}
    count = sum(known.values()) if calls is not None else None
    client.watcher.see(Reading(count, client.throttle.least_seconds(known)))
    try:
        yield
    finally:
        client.watcher.see(Over(reads=True))


@contextmanager
def writing(client: Client, plan: Plan) -> Iterator[None]:
    """Tell that a plan is applied in a `with` block."""
    calls: dict[Category, int] = {}
    for step in plan.steps():
        if not step.only_if_refused:
            calls[step.call.category] = calls.get(step.call.category, 0) + 1
    client.watcher.see(Writing(sum(calls.values()), client.throttle.least_seconds(calls)))
    try:
        yield
    finally:
        client.watcher.see(Over())
