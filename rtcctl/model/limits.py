"""How many calls the service allows (API Reference, Before You Start; NOTES section 4)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from rtcctl.model.call import Category


class Limit(Struct, frozen=True):
    """At most `calls` calls within `seconds`."""

    calls: int
    seconds: float


LIMITS: Mapping[Category, Limit] = {
    "apps": Limit(60, 60.0),
    "record-rules": Limit(60, 60.0),
    "auto-record": Limit(60, 60.0),
    "callbacks": Limit(60, 60.0),
    "mix-stream-jobs": Limit(10, 1.0),
    "individual-stream-jobs": Limit(10, 1.0),
    "rtc-ops": Limit(2, 1.0),
}
"""The documented limits; a category that is missing has none that is known."""

SHARED: frozenset[Category] = frozenset({"apps", "record-rules", "auto-record", "callbacks"})
"""Categories that the reference sets down in one cell: whether they share one allowance is unconfirmed."""
