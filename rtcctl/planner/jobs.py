"""Jobs end by themselves: when one counts as over, and when a declared one is started anew."""

from __future__ import annotations

from rtcctl.model.ledger import Entry
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Restart

TENANT_STOP = "TENANT_STOP"
"""Reason of a job that a person stopped (API Reference, StopMixJob)."""

UNKNOWN = "no longer readable"
"""Reason of a job that answers 404: it is over, and how it ended can't be told any more."""

_RESTARTS: dict[Restart, frozenset[str]] = {
    "Never": frozenset(),
    "OnFailure": frozenset({"INTERNAL_ERROR"}),
    "Always": frozenset({"INTERNAL_ERROR", "EXCEED_MAX_IDLE_TIME", UNKNOWN}),
}


def ended(entry: Entry, live: RemoteObject | None) -> str:
    """Return why an owned job is over; empty while it is not."""
    if entry.stopped:
        return entry.stopped
    if live is None:
        return UNKNOWN
    if live.status.get("state") == "STOPPED":
        return live.status.get("stop_reason") or UNKNOWN
    return ""


def restarts(restart: Restart, reason: str) -> bool:
    """Tell whether the policy starts a new job; one that a person stopped stays stopped."""
    return reason in _RESTARTS[restart]
