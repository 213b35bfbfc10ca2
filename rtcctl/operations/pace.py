"""How fast a run goes: calls at once, and which share of which limits."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.api.throttle import PARALLEL
from rtcctl.model.ledger import ThrottleModel


class Pace(Struct, frozen=True):
    """`parallelism` calls of an account under way at once, `rate` times the documented limits.

    `gate` is what the calls of several accounts go through together.
    `throttle` says what counts together; None leaves that to the state, which remembers what a 429 taught.
    """

    parallelism: int = PARALLEL
    rate: float = 1.0
    throttle: ThrottleModel | None = None
    gate: asyncio.Semaphore | None = None

    def together(self, accounts: int) -> Pace:
        """Return the pace of so many accounts at once: five times the calls of one are under way in all.

        Many accounts have few each, for each call under way needs a connection, and to connect costs as much as to
        call. While the first accounts are compared, the others are still being read.
        """
        most = 5 * self.parallelism
        each = min(self.parallelism, max(2, most // max(accounts, 1)))
        return replace(self, parallelism=each, gate=asyncio.Semaphore(most))

    def set_on(self, client: Client, remembered: ThrottleModel) -> None:
        """Let a client that has not called yet go at this pace."""
        client.throttle.admit(self.parallelism, self.gate or nullcontext())
        client.throttle.set(self.throttle or remembered, rate=self.rate, pinned=self.throttle is not None)
