"""Values that hold what must not be shown."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Discreet(Struct, frozen=True):
    """A value with secrets in it. Its own `__repr__` says what may be shown; to rich, which asks otherwise, nothing."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show no member."""
        return []
