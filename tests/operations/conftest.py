"""Fixtures: live accounts on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rtcctl.simulator import Options, create_app
from tests.e2e.support import Loopback, simulated
from tests.operations.rehearsing import Account


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    yield from _serving(tmp_path, Options(start_delay=0.0))


@pytest.fixture
def masking(tmp_path: Path) -> Iterator[Account]:
    yield from _serving(tmp_path, Options(start_delay=0.0, variants=frozenset({"masked-keys"})))


def _serving(folder: Path, options: Options) -> Iterator[Account]:
    live = create_app(None, options=options)
    with Loopback(simulated(live)) as server:
        yield Account(folder, live, server)
