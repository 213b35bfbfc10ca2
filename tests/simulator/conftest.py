"""Fixtures: a clock and a user of a fresh simulator in memory."""

from __future__ import annotations

import pytest

from .driver import Clock, Driver, make_app


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sim(clock: Clock) -> Driver:
    return Driver(make_app(clock), clock)
