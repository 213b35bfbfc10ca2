"""What Prometheus is told of a reconcile loop, in a registry of its own. Needs the extra `rtcctl[metrics]`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct

from rtcctl.operations.rounds import OUTCOMES, SUCCESSFUL, Round

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
HINT = "metrics need prometheus-client: pip install 'rtcctl[metrics]'"
_PREFIX = "rtcctl_reconcile_"


class Metrics:
    """Counters and gauges of one loop.

    Raises:
        ImportError: prometheus-client is not installed.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

        self._registry = registry = CollectorRegistry(auto_describe=True)
        self._latest = generate_latest

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(_PREFIX + name, text, registry=registry)

        def counter(name: str, text: str, label: str = "") -> Counter:
            return Counter(_PREFIX + name, text, [label] if label else [], registry=registry)

        self._rounds = counter("rounds", "Rounds by how they ended.", "outcome")
        self._applied = counter("changes_applied", "Changes made, by action.", "action")
        self._calls = counter("api_calls", "HTTP exchanges with the service and IAM, reads included.")
        self._restarts = counter("job_restarts", "Ended jobs that were started anew.")
        self._seconds = gauge("last_round_seconds", "Time that the last round took.")
        self._pending = gauge("pending_changes", "Changes with a call in the last plan, before it was applied.")
        self._drift = gauge("drift_repairs", "Changes in the last plan that undo what happened outside rtcctl.")
        self._refusals = gauge("refusals", "What speaks against the last plan, which is then not applied.")
        self._held = gauge("jobs_held", "Ended jobs whose restart is held back or given up.")
        self._leader = gauge("leader", "1 on the one replica that works.")
        self._success = gauge("last_success_timestamp_seconds", "When a round last ended well and was not standby.")
        for outcome in OUTCOMES:  # a counter that begins at nought can be used in rates
            self._rounds.labels(outcome)
        for action in ("create", "update", "replace", "delete"):
            self._applied.labels(action)

    def ended(self, ended: Round, now: datetime) -> None:
        """Take a round in."""
        self._rounds.labels(ended.outcome).inc()
        self._seconds.set(ended.seconds)
        self._calls.inc(ended.calls)
        self._restarts.inc(ended.restarted)
        self._leader.set(ended.leader)
        for action, count in ended.applied.items():
            self._applied.labels(action).inc(count)
        if ended.planned:
            self._pending.set(ended.pending)
            self._drift.set(ended.drift)
            self._refusals.set(ended.refusals)
            self._held.set(ended.held)
        if ended.outcome in SUCCESSFUL:
            self._success.set(now.timestamp())

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return self._latest(self._registry)


def find() -> Metrics | None:
    """Return new metrics; None where prometheus-client is not installed."""
    try:
        return Metrics()
    except ImportError:
        return None


class Calls(Struct):
    """How many HTTP exchanges there were."""

    count: int = 0


@contextmanager
def counting() -> Iterator[Calls]:
    """Count the HTTP exchanges of a `with` block: the client writes a record of each, and nothing else."""
    calls, log = Calls(), logging.getLogger("rtcctl.api")

    def count(_: logging.LogRecord) -> bool:
        calls.count += 1
        return level <= logging.DEBUG  # whoever did not ask for these records does not get them

    level = log.getEffectiveLevel()
    before = log.level
    log.addFilter(count)
    log.setLevel(logging.DEBUG)
    try:
        yield calls
    finally:
        log.setLevel(before)
        log.removeFilter(count)
