"""The documented limits of the gateway: so many calls per category and period, counted on the simulator's clock.

Off unless asked for. What one counter covers is unconfirmed, so `scope` offers the three readings of the table;
counters are per account. A refused call doesn't count. Counters live in memory: they start anew with the process.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, get_args

from msgspec import Struct, field
from msgspec.structs import asdict

if TYPE_CHECKING:
    from datetime import datetime

Scope = Literal["api", "category", "shared"]
Window = Literal["fixed", "sliding"]

MINUTE = 60


class Category(Struct, frozen=True):
    """A row of the table: which operations, how many calls, in how many seconds, and the cell it stands in."""

    limit: int
    seconds: int
    cell: str
    operations: tuple[str, ...]


CATEGORIES = {
    "apps": Category(
        60, MINUTE, "configuration", ("CreateApp", "ListApps", "ShowApp", "DeleteApp", "StartApp", "StopApp")
    ),
    "record-rules": Category(
        60,
        MINUTE,
        "configuration",
        ("CreateRecordRule", "ListRecordRules", "ShowRecordRule", "UpdateRecordRule", "DeleteRecordRule"),
    ),
    "auto-record": Category(60, MINUTE, "configuration", ("ShowAutoRecord", "UpdateAutoRecord")),
    "callbacks": Category(60, MINUTE, "configuration", ("ShowRecordCallback", "UpdateRecordCallback")),
    "mix-stream-jobs": Category(10, 1, "jobs", ("CreateMixJob", "ShowMixJob", "UpdateMixJob", "StopMixJob")),
    "individual-stream-jobs": Category(
        10,
        1,
        "jobs",
        (
            "CreateIndividualStreamJob",
            "ShowIndividualStreamJob",
            "UpdateIndividualStreamJob",
            "StopIndividualStreamJob",
        ),
    ),
    "rooms": Category(60, MINUTE, "rooms", ("RemoveRoom", "RemoveUsers")),
    "rtc-ops": Category(2, 1, "buckets", ("ListObsBuckets", "ListObsBucketObjects", "UpdateObsBucketAuthority")),
}

CATEGORY_OF = {operation: name for name, category in CATEGORIES.items() for operation in category.operations}


class ThrottleOptions(Struct, frozen=True):
    """How the limits are held.

    Args:
        scope: one counter per "api" (operation), per "category" (row of the table), or one "shared" by the rows that
            stand in one cell of the table.
        window: "fixed" periods that begin with the clock's, or a "sliding" one that ends now.
        minute: how many seconds a minute of the limits takes; the limits per second shrink alike.
        retry_after: whether a refusal says when to come again.
    """

    scope: Scope = "category"
    window: Window = "fixed"
    minute: float = MINUTE
    retry_after: bool = False

    def __post_init__(self) -> None:
        for name, choices in (("scope", get_args(Scope)), ("window", get_args(Window))):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name}: {getattr(self, name)!r} is none of {', '.join(choices)}")
        if isinstance(self.minute, bool) or not isinstance(self.minute, int | float) or not 0 < self.minute < math.inf:
            raise ValueError("minute: a number of seconds above 0 is needed")
        if not isinstance(self.retry_after, bool):
            raise ValueError("retry_after: true or false is needed")

    @classmethod
    def parsed(cls, document: object) -> ThrottleOptions | None:
        """The options of a document, None for null or `{"enabled": false}`; ValueError says what is wrong."""
        if document is None:
            return None
        if not isinstance(document, dict):
            raise ValueError("throttle: a mapping is needed")
        known = cls.__struct_fields__
        for name in document:
            if name not in (*known, "enabled"):
                raise ValueError(f"throttle: {name!r} is none of {', '.join(known)}, enabled")
        try:
            options = cls(**{name: value for name, value in document.items() if name != "enabled"})
        except ValueError as error:
            raise ValueError(f"throttle.{error}") from None
        return None if document.get("enabled") is False else options


class Exceeded(Struct, frozen=True):
    """A refusal: the limit, its unit, and the whole seconds until a call is free again."""

    limit: int
    unit: str
    retry_after: int | None

    @property
    def text(self) -> str:
        """What follows the name of the error, in the published form."""
        return f"policy user over ratelimit,limit:{self.limit},time:1 {self.unit}"


class Counter(Struct):
    """Calls of one account under one limit."""

    limit: int
    period: float
    times: deque[float] = field(default_factory=deque)
    refused: int = 0

    def forget(self, now: float, window: Window) -> None:
        """Drop the calls that count no longer; also those from the future, after the clock was set back."""
        if window == "sliding":
            self.times = deque(time for time in self.times if now - self.period < time <= now)
        else:
            begin = math.floor(now / self.period) * self.period
            self.times = deque(time for time in self.times if begin <= time <= now)

    def free_in(self, now: float, window: Window) -> float:
        """Seconds until the next call is allowed, of a counter that is full."""
        if window == "sliding":
            return self.times[0] + self.period - now
        return (math.floor(now / self.period) + 1) * self.period - now


class Throttle:
    """The counters of a simulator, usable from any thread."""

    def __init__(self, options: ThrottleOptions | None = None) -> None:
        self._lock = threading.Lock()
        self.set(options)

    def set(self, options: ThrottleOptions | None) -> None:
        """Hold the limits this way from now on, None: not at all; every counter starts anew."""
        with self._lock:
            self.options = options
            self._counters: dict[tuple[str, str], Counter] = {}

    def take(self, account: str, operation: str, now: datetime) -> Exceeded | None:
        """Count a call, or say that it exceeds its limit."""
        with self._lock:
            options = self.options
            if options is None or operation not in CATEGORY_OF:
                return None
            category = CATEGORIES[CATEGORY_OF[operation]]
            counter = self._counter(account, operation, category, options)
            counter.forget(now.timestamp(), options.window)
            if len(counter.times) < counter.limit:
                counter.times.append(now.timestamp())
                return None
            counter.refused += 1
            free_in = math.ceil(counter.free_in(now.timestamp(), options.window)) if options.retry_after else None
            return Exceeded(category.limit, "minute" if category.seconds == MINUTE else "second", free_in)

    def shown(self, now: datetime) -> dict[str, Any]:
        """The options and every counter that was used, as `GET /_simulator/throttle` tells them."""
        with self._lock:
            options = self.options
            if options is None:
                return {"enabled": False, "counters": []}
            settings = asdict(options)
            counters = []
            for (account, name), counter in sorted(self._counters.items()):
                counter.forget(now.timestamp(), options.window)
                limits = {"limit": counter.limit, "period": counter.period}
                use = {"used": len(counter.times), "refused": counter.refused}
                counters.append({"account": account, "counter": name, **limits, **use})
            return {"enabled": True, **settings, "counters": counters}

    def _counter(self, account: str, operation: str, category: Category, options: ThrottleOptions) -> Counter:
        names: dict[Scope, str] = {"api": operation, "category": CATEGORY_OF[operation], "shared": category.cell}
        period = category.seconds * options.minute / MINUTE
        return self._counters.setdefault((account, names[options.scope]), Counter(category.limit, period))
