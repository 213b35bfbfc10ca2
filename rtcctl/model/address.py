"""Addresses: `Kind/NAME` for what stands alone, `Kind/APP` or `Kind/APP/CHILD` for what hangs on an app.

Where a manifest has several accounts, `ACCOUNT:` goes before. A state, a plan's parts and everything between work on
one account and know no prefix: it is put before what people see.
"""

from __future__ import annotations

import re

from msgspec import Struct

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
_NAME = re.compile(NAME_PATTERN)
_SHOWN = 80


class Address(Struct, frozen=True, order=True):
    """Identity of a resource in the manifest and, without `account`, in the state."""

    kind: str
    name: str
    child: str = ""
    account: str = ""

    def __str__(self) -> str:
        """Return `Kind/NAME` or `Kind/NAME/CHILD`, after the account and `:` where it tells one."""
        bare = f"{self.kind}/{self.name}/{self.child}" if self.child else f"{self.kind}/{self.name}"
        return f"{self.account}:{bare}" if self.account else bare

    def within(self, account: str) -> Address:
        """Return the same address as one of this account; an empty one takes the prefix away."""
        return self if self.account == account else Address(self.kind, self.name, self.child, account)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read what `str` wrote.

        Raises:
            ValueError: the text is not an address.
        """
        account, colon, bare = text.rpartition(":")
        parts = bare.split("/")
        if len(parts) not in (2, 3) or not all(is_name(part) for part in (*parts, *([account] if colon else []))):
            raise ValueError(f"{shortened(text)!r} is not an address such as App/NAME or RecordRule/NAME/CHILD")
        kind, name, child = (*parts, "")[:3]
        return cls(kind, name, child, account)


def is_name(text: str) -> bool:
    """Tell whether the text may name a resource."""
    return _NAME.fullmatch(text) is not None


def shortened(text: str) -> str:
    """Return a text as it may stand in a message: what is longer than 80 characters lacks its middle."""
    half = _SHOWN // 2
    return text if len(text) <= _SHOWN else f"{text[:half]}…{text[-half:]}"
