"""Faults: which calls suffer what, decided in order from counts and a seed, so that a run can be repeated.

A fault is a value; the board keeps how often each was met and struck. `faultlayer` carries them out around the app, the
same in-process and served.
"""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["latency", "status", "reset", "timeout", "slow-body", "empty-body", "truncated-json", "html"]
When = Literal["before", "after"]


class Fault(Struct, frozen=True):
    """What happens to the calls that `calls` names.

    Args:
        kind: latency: the call takes `seconds` and up to `jitter` more; it is then answered, or suffers a later fault.
            status: an error of the gateway or of the service instead of the answer.
            reset: the connection is reset. timeout: no answer for `seconds`, then the connection is closed.
            slow-body: the body takes `seconds`. empty-body, truncated-json: nothing, or the first half of it.
            html: a proxy's page instead of the answer.
        calls: operationIds, or routes such as `GET /v2/apps/{app_id}`; empty means every call of the API and of IAM.
        when: whether the service never sees the call ("before") or has done it and the answer is lost ("after").
        status: of `status` and `html`.
        retry_after: seconds that the header Retry-After of a `status` tells; None: no such header.
        skip: so many calls pass first.
        count: so many calls suffer, and no more; None: without end.
        probability: of each of those calls.
    """

    kind: Kind
    calls: tuple[str, ...] = ()
    when: When = "before"
    status: int = 503
    retry_after: int | None = None
    seconds: float = 0.0
    jitter: float = 0.0
    skip: int = 0
    count: int | None = None
    probability: float = 1.0


class Scenario(Struct, frozen=True):
    """Faults in order, and the seed of their chances: what a scenario file says of them."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0
    description: str = ""


NO_FAULTS = Scenario()


class Struck(Struct, frozen=True):
    """What one call suffers: a delay in seconds, and at most one fault beside it."""

    delay: float = 0.0
    fault: Fault | None = None


class Rule:
    """A fault with its own chance and counts; chances of one rule don't depend on the others."""

    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self.met = 0
        self.struck = 0
        self._dice = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret

    def concerns(self, operation: str, route: str) -> bool:
        """Whether it names the operation, its route, or every call."""
        return not self.fault.calls or operation in self.fault.calls or route in self.fault.calls

    def strikes(self) -> bool:
        """Meet a call; whether it suffers."""
        self.met += 1
        if self.met <= self.fault.skip or (self.fault.count is not None and self.struck >= self.fault.count):
            return False
        if self.fault.probability < 1 and self._dice.random() >= self.fault.probability:
            return False
        self.struck += 1
        return True

    def delay(self) -> float:
        """The seconds that a latency takes this time."""
        return self.fault.seconds + (self._dice.uniform(0, self.fault.jitter) if self.fault.jitter else 0.0)


class FaultBoard:
    """The faults of a simulator, usable from any thread."""

    def __init__(self, scenario: Scenario | None = None) -> None:
        self._lock = threading.Lock()
        self.set(scenario or NO_FAULTS)

    def set(self, scenario: Scenario) -> None:
        """Strike these from now on; every count starts anew."""
        with self._lock:
            self.scenario = scenario
            self._rules = [Rule(fault, f"{scenario.seed}/{place}") for place, fault in enumerate(scenario.faults)]

    def meet(self, operation: str, route: str) -> Struck:
        """What a call suffers: every latency that strikes, and the first other fault that does, which ends it."""
        delay = 0.0
        with self._lock:
            for rule in self._rules:
                if not rule.concerns(operation, route) or not rule.strikes():
                    continue
                if rule.fault.kind != "latency":
                    return Struck(delay, rule.fault)
                delay += rule.delay()
        return Struck(delay)

    def counts(self) -> Sequence[dict[str, Any]]:
        """How many calls each fault met and struck, in order."""
        with self._lock:
            return [{"met": rule.met, "struck": rule.struck} for rule in self._rules]
