"""What a live display says about a run: plain lines of text, worked out from what has happened so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from math import ceil

from msgspec import Struct, field

from rtcctl.cli.telling import again_line, waiting_line
from rtcctl.model.happening import SLOW, Again, Answered, Finished, Happening, Reading, Sent, Started, Waiting, Writing
from rtcctl.reports.wording import plain

_SHOWN = 5
"""Steps under way that are named; of the rest the number is told."""
_ENOUGH = 3
"""Calls from which on their own pace says something about the time that is left."""


class _Phase(Struct):
    """Reading or writing: how many calls are done of how many, since when, and in what time at least.

    Several accounts do it at once: `open` counts those that have not ended.
    """

    reads: bool
    total: int | None
    least: float
    begun: float
    done: int = 0
    failed: int = 0
    open: int = 1


class Display(Struct):
    """Follows a run. Times are in seconds, of one clock; several threads may look and tell."""

    clock: Callable[[], float]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _phases: list[_Phase] = field(default_factory=list)
    _under_way: dict[str, float] = field(default_factory=dict)
    _asked: dict[int, tuple[str, float]] = field(default_factory=dict)
    _waits: dict[tuple[str, ...], tuple[Waiting, float]] = field(default_factory=dict)
    _repeats: dict[str, tuple[Again, float]] = field(default_factory=dict)
    _waited: float = 0.0
    _waits_until: float = 0.0

    def take(self, happening: Happening) -> None:
        """Take in what happened."""
        with self._lock:
            self._take(happening, self.clock())

    def end(self, *, reads: bool = False) -> bool:
        """End reading, or writing, of one account; tell whether anything goes on."""
        with self._lock:
            found = [each for each in self._phases if each.reads == reads] or self._phases
            if found:
                phase = found[-1]
                phase.open -= 1
                if not phase.open:
                    self._phases.remove(phase)
            return bool(self._phases)

    def lines(self) -> tuple[float | None, list[str]]:
        """Return which part is done (None: unknown), and what to say: first the sum, then what is under way."""
        with self._lock:
            now = self.clock()
            if not self._phases:
                return None, []
            phase = self._phases[-1]
            part = min(phase.done / phase.total, 1.0) if phase.total else None
            return part, [self._sum(phase, now), *self._details(phase, now)]

    def count(self) -> tuple[int, int]:
        """Return how many calls are done, and of how many."""
        with self._lock:
            phase = self._phases[-1] if self._phases else _Phase(False, 0, 0.0, 0.0)
            return phase.done, max(phase.total or 0, phase.done)

    def _take(self, happening: Happening, now: float) -> None:
        match happening:
            case Reading(calls, seconds):
                self._begin(_Phase(True, calls or None, seconds, now))
            case Writing(calls, seconds):
                self._begin(_Phase(False, calls, seconds, now))
            case Started(address, verb):
                self._under_way[f"{address}: {verb}"] = now
            case Finished(address, verb, _, failed):
                self._under_way.pop(f"{address}: {verb}", None)
                self._ended(reads=False, failed=failed)
            case Sent(number, method, target):
                self._asked[number] = (f"{method} {target}", now)
                self._repeats.pop(f"{method} {target}", None)
            case Answered(number, _, _, status):
                self._asked.pop(number, None)
                if status is not None and status < 500 and status != 429:
                    self._ended(reads=True)
            case Waiting(categories, _, seconds):
                self._waits[categories] = (happening, now + seconds)
                self._waited += max(now + seconds - max(self._waits_until, now), 0.0)
                self._waits_until = max(self._waits_until, now + seconds)
            case Again(method, path, _, seconds):
                self._repeats[f"{method} {path}"] = (happening, now + seconds)
            case _:
                pass

    def _begin(self, phase: _Phase) -> None:
        on = next((each for each in self._phases if each.reads == phase.reads), None)
        if on is None:
            self._phases.append(phase)
            return
        on.open += 1
        on.total = on.total + phase.total if on.total is not None and phase.total is not None else None
        on.least = max(on.least, phase.least + phase.begun - on.begun)

    def _ended(self, *, reads: bool, failed: bool = False) -> None:
        if self._phases and self._phases[-1].reads == reads:  # what writes looks at what it wrote, which is no reading
            self._phases[-1].done += 1
            self._phases[-1].failed += failed

    def _sum(self, phase: _Phase, now: float) -> str:
        total = phase.total if phase.total is not None and phase.total >= phase.done else None
        if phase.reads:
            of = f" of about {total}" if total is not None else ""
            noun = "call" if (total or phase.done) == 1 else "calls"
            text = f"reading the account: {phase.done}{of} {noun}"
        else:
            text = f"{phase.done} of {max(phase.total or 0, phase.done)} calls"
            text += f", {phase.failed} failed" if phase.failed else ""
        left = self._left(phase, now) if total is not None else 0.0
        return f"{text}, about {duration(left)} left" if left >= 1 else text

    def _left(self, phase: _Phase, now: float) -> float:
        """Return about how long it still takes.

        It is no less than what the limits ask for. Beyond that calls go on as fast as they did so far between waits.
        """
        passed = now - phase.begun
        still = max(self._waits_until - now, 0.0)
        busy = max(passed - max(self._waited - still, 0.0), 0.0)
        pace = busy / phase.done * ((phase.total or 0) - phase.done) if phase.done >= _ENOUGH else 0.0
        return max(phase.least - passed, still, pace)

    def _details(self, phase: _Phase, now: float) -> Iterator[str]:
        if not phase.reads:
            under_way = sorted(self._under_way.items(), key=lambda each: each[1])
            yield from (f"  {plain(what)}, {now - since:.0f} s" for what, since in under_way[:_SHOWN])
            if len(under_way) > _SHOWN:
                yield f"  and {len(under_way) - _SHOWN} more"
        late = [(now - since, what) for what, since in self._asked.values() if now - since >= SLOW]
        if late:
            seconds, what = max(late)
            yield f"  no answer yet to {plain(what)} after {seconds:.0f} s"
        yield from (f"  {again_line(each, until - now)}" for each, until in self._repeats.values() if until > now)
        yield from (f"  {waiting_line(each, ceil(until - now))}" for each, until in self._waits.values() if until > now)


def duration(seconds: float) -> str:
    """Say a time: `43 s`, `1 min 5 s`, `2 h 3 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
