"""Which failure of which call is worth another attempt, and after how long.

Reads, PUT and DELETE may be repeated whatever became of the first attempt. Any other POST makes an object, so it is
repeated only where the first attempt can't have taken effect: it was refused with 429, or it never left.
"""

from __future__ import annotations

import random as dice
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from rtcctl.api.moments import moment
from rtcctl.errors import ApiError, BadAnswerError, ServerError, ThrottledError, UnreachableError
from rtcctl.model.call import Call

_SWITCHES = ("/enable", "/disable")
"""POSTs that only set a state: the same again has the same effect (that it is not refused is unconfirmed)."""


class Retrying(Struct, frozen=True):
    """How often, and how long in between.

    A call is attempted `attempts` times within `seconds`. What seldom heals by itself (nobody listens, an answer that
    is none) is tried `hopeless` times, what was refused with 429 `throttled` times. The pause before attempt n+1 is
    random between 0 and `base` * 2^(n-1) seconds, at most `most`.
    """

    attempts: int = 5
    hopeless: int = 3
    throttled: int = 8
    base: float = 0.5
    most: float = 8.0
    seconds: float = 120.0
    random: Callable[[], float] = dice.random

    def pause(
        self, call: Call, error: ApiError, failures: int, elapsed: float, *, left: bool, retry_after: float | None
    ) -> float | None:
        """Return the seconds until the next attempt; None where there must not be one.

        Args:
            call: what was attempted.
            error: how the last attempt ended.
            failures: how many attempts there were.
            elapsed: seconds since the first one.
            left: whether the last attempt's request left at all; otherwise it failed at getting a token.
            retry_after: what the answer said about that, in seconds.
        """
        if left and isinstance(error, ThrottledError):
            return 0.0 if failures < self.throttled else None  # the throttle waits
        if not _may_repeat(call, error, left=left) or failures >= self._most(error) or elapsed >= self.seconds:
            return None
        growing = min(self.most, self.base * 2.0 ** (failures - 1))
        return max(self.random() * growing, min(retry_after or 0.0, self.most))

    def _most(self, error: ApiError) -> int:
        unsent = isinstance(error, UnreachableError) and not error.sent
        return self.hopeless if unsent or isinstance(error, BadAnswerError) else self.attempts


def is_idempotent(call: Call) -> bool:
    """Tell whether making a call twice has the effect of making it once."""
    return call.method != "POST" or call.path.endswith(_SWITCHES)


def may_have_arrived(error: ApiError) -> bool:
    """Tell whether a request that ended so may have taken effect."""
    if isinstance(error, UnreachableError):
        return error.sent
    return isinstance(error, (BadAnswerError, ServerError))


def _may_repeat(call: Call, error: ApiError, *, left: bool) -> bool:
    if not isinstance(error, (UnreachableError, ServerError, BadAnswerError, ThrottledError)):
        return False
    return not left or is_idempotent(call) or not may_have_arrived(error)


def seconds_of(header: str, now: datetime) -> float | None:
    """Read a Retry-After: seconds or a date; None where it is missing or makes no sense."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    then = moment(text) if text else None
    return None if then is None else max(0.0, (then - now).total_seconds())
