"""The three places for a state, as one fixture."""

from __future__ import annotations

from itertools import count

import pytest

from .places import Place

_names = count()


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
