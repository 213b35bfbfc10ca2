"""Addresses: `Kind/NAME` for what stands alone, `Kind/APP` or `Kind/APP/CHILD` for what hangs on an app."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
_NAME = re.compile(NAME_PATTERN)
_SHOWN = 80


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Identity of a resource in the manifest and in the state."""

    kind: str
    name: str
    child: str = ""

    def __str__(self) -> str:
        """Return `Kind/NAME` or `Kind/NAME/CHILD`."""
        return f"{self.kind}/{self.name}/{self.child}" if self.child else f"{self.kind}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read what `str` wrote.

        Raises:
            ValueError: the text is not an address.
        """
        parts = text.split("/")
        if len(parts) not in (2, 3) or not all(is_name(part) for part in parts):
            raise ValueError(f"{shortened(text)!r} is not an address such as App/NAME or RecordRule/NAME/CHILD")
        return cls(*parts)


def is_name(text: str) -> bool:
    """Tell whether the text may name a resource."""
    return _NAME.fullmatch(text) is not None


def shortened(text: str) -> str:
    """Return a text as it may stand in a message: what is longer than 80 characters lacks its middle."""
    half = _SHOWN // 2
    return text if len(text) <= _SHOWN else f"{text[:half]}…{text[-half:]}"
