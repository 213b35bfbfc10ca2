"""How fast a run goes: calls at once, and which share of which limits."""

from __future__ import annotations

from dataclasses import dataclass

from rtcctl.api.client import Client
from rtcctl.api.throttle import PARALLEL
from rtcctl.model.ledger import ThrottleModel


@dataclass(frozen=True, slots=True)
class Pace:
    """`parallelism` calls under way at once, `rate` times the documented limits.

    `throttle` says what counts together; None leaves that to the state, which remembers what a 429 taught.
    """

    parallelism: int = PARALLEL
    rate: float = 1.0
    throttle: ThrottleModel | None = None

    def set_on(self, client: Client, remembered: ThrottleModel) -> None:
        """Let a client that has not called yet go at this pace."""
        client.throttle.parallel = self.parallelism
        client.throttle.set(self.throttle or remembered, rate=self.rate, pinned=self.throttle is not None)
