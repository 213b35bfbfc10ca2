"""Whether a reconcile loop is well, and the two pages that tell it to others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rtcctl.operations import metrics
from rtcctl.operations.endpoint import Page
from rtcctl.operations.rounds import WELL, Round

PATIENCE = 3
"""So many intervals may pass without a sign of life."""

_JSON = "application/json"


class Health:
    """Signs of life: the start, each round that ended well, and each call of an apply that was done.

    The last, because an apply may rightly take longer than a few intervals.
    """

    def __init__(self, interval: float, monotonic: Callable[[], float]) -> None:
        """Begin well; `interval` is in seconds."""
        self._patience = PATIENCE * interval
        self._monotonic = monotonic
        self._sign = monotonic()
        self._last: Round | None = None
        self._ended: datetime | None = None

    def alive(self) -> None:
        """Note a sign of life."""
        self._sign = self._monotonic()

    def ended(self, ended: Round, now: datetime) -> None:
        """Take a round in."""
        self._last, self._ended = ended, now
        if ended.outcome in WELL:
            self.alive()

    @property
    def is_well(self) -> bool:
        """Tell whether there was a sign of life within three intervals."""
        return self._monotonic() - self._sign <= self._patience

    def document(self) -> dict[str, Any]:
        """Return what is known; of an error its class and exit code alone, for anyone may ask."""
        found: dict[str, Any] = {
            "healthy": self.is_well,
            "seconds_since_sign_of_life": round(self._monotonic() - self._sign, 3),
            "leader": False,
            "last_round": None,
        }
        last = self._last
        if last is not None and self._ended is not None:
            moment = self._ended.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            error = type(last.error).__name__ if last.error and last.outcome not in WELL else None
            told = {"outcome": last.outcome, "ended": moment, "seconds": round(last.seconds, 3), "error": error}
            found |= {"leader": last.leader, "last_round": told}
        return found


def pages(health: Health, found: metrics.Metrics | None) -> Callable[[str], Page | None]:
    """Return what answers a path: `/healthz` (well or not), `/livez` (the process answers) and `/metrics`."""

    def page(path: str) -> Page | None:
        match path:
            case "/healthz":
                body = json.dumps(health.document()) + "\n"
                return Page(200 if health.is_well else 503, body.encode(), _JSON)
            case "/livez":
                return Page(200, b"ok\n")
            case "/metrics" if found is not None:
                return Page(200, found.text(), metrics.CONTENT_TYPE)
            case "/metrics":
                return Page(501, f"{metrics.HINT}\n".encode())
            case _:
                return None

    return page
