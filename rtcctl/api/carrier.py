"""What carries requests to an endpoint: what it brings back, and how it fails.

`connections.py` does it by itself, `through_httpx.py` by way of a proxy or inside this process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import field

from rtcctl.model.discreet import Discreet


class Reply(Discreet, frozen=True):
    """An HTTP answer as it came, its body whole and no longer compressed; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    def __repr__(self) -> str:
        """Hide what may be secret."""
        return f"Reply({self.status})"

    def header(self, name: str) -> str:
        """Return a header's text; empty where it is not there."""
        return self.headers.get(name.lower(), "")


class Carrier(Protocol):
    """Carries requests to one endpoint."""

    async def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request as it is, to path and query `target`, and return the answer: no redirect, no cookie, no retry.

        Raises:
            CarryingError: no answer, or not all of it; the class says how far the request came.
            OSError: the same, where the service is inside this process.
        """

    async def aclose(self) -> None:
        """Close all connections."""


class CarryingError(Exception):
    """The connection broke before the answer was whole. Texts of this and of its causes may quote headers.

    With `by_proxy` there may be a proxy in between, and the failure be its own.
    """

    by_proxy = False


class NotConnectedError(CarryingError):
    """There was no connection, for the reason that is the cause; the request did not leave."""


class NotConnectedInTimeError(NotConnectedError):
    """There was no connection within the time-out."""


class NotLetThroughError(CarryingError):
    """A proxy refused the request."""


class NoAnswerInTimeError(CarryingError):
    """Nothing more came within the time-out."""


class NotAnAnswerError(CarryingError):
    """What came is no answer of HTTP, or too long a one."""


class NotDecodedError(CarryingError):
    """The answer's compression can't be undone; `reply` is what else it tells, without a body."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply
