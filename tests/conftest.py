"""Servers that several packages of tests use; each starts once, and only for tests that ask for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.state.servers import object_store, postgres

# What was started in the background of a script ignores Ctrl-C, and so would every command that is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of an object store."""
    with object_store() as url:
        yield url


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The URL of a PostgreSQL database."""
    with postgres() as url:
        yield url
