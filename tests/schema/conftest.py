"""The same fixtures as for end-to-end tests."""

from tests.e2e.conftest import cli

__all__ = ["cli"]
