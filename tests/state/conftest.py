"""The three places for a state, as one fixture; servers start once, and only for tests that use them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

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


def _place(kind: str, request: pytest.FixtureRequest) -> Place:
    fixture = {"folder": "tmp_path", "s3": "endpoint", "postgresql": "database"}[kind]
    return Place(kind, str(request.getfixturevalue(fixture)), f"p{next(_names)}")


@pytest.fixture(params=["folder", "s3", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty place of each kind."""
    return _place(request.param, request)


@pytest.fixture(params=["s3", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Place:
    """An empty place of each kind whose lock can be lost; a folder's is the kernel's and can't."""
    return _place(request.param, request)
