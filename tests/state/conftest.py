"""The three places for a state, as one fixture; servers start once, and only for tests that use them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from .places import Place
from .servers import object_store, postgres

_names = count()


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    with object_store() as url:
        yield url


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["folder", "s3", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place of each kind."""
    kind = request.param
    where = {"folder": lambda: str(tmp_path), "s3": lambda: request.getfixturevalue("endpoint")}
    root = where.get(kind, lambda: request.getfixturevalue("database"))()
    return Place(kind, root, f"p{next(_names)}")


@pytest.fixture
def shared(place: Place) -> Place:
    """A place that other machines can reach, so that a lock can be lost."""
    if place.kind == "folder":
        pytest.skip("a folder's lock is the kernel's: it can't be lost")
    return place
