"""Plan and apply again and again: when the next round comes, who hears of it, and how it ends."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from rtcctl import __version__
from rtcctl.errors import ExitCode, UsageError
from rtcctl.operations import endpoint, metrics
from rtcctl.operations.events import Events
from rtcctl.operations.health import Health, pages
from rtcctl.operations.rounding import Opening, Rounds, StoppedError, unless_stopped
from rtcctl.operations.rounds import Round
from rtcctl.operations.settings import Settings
from rtcctl.operations.workflow import open_session

SHORTEST = 10.0
"""Seconds that have to lie between rounds; a shorter interval would spend the account's calls on looking."""

_FIRST_RETRY = 10.0
_JITTER = 0.1


class Wish(Struct, frozen=True):
    """What was asked for. `interval` is in seconds; `health` is where probes ask, as `ADDRESS:PORT`; empty: nowhere."""

    interval: float = 300.0
    dry_run: bool = False
    once: bool = False
    health: str = ""


class Times(Struct, frozen=True):
    """Time and chance, so that tests need neither: seconds that only go forward, the date, waiting, 0 to 1."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random


class Reconciler:
    """A loop of rounds until it is stopped; for `once` a single one."""

    def __init__(
        self,
        settings: Settings,
        wish: Wish,
        write: Callable[[str], None],
        *,
        times: Times = Times(),  # noqa: B008 - frozen
        opening: Opening = open_session,
    ) -> None:
        """Set up; nothing is read yet. `write` gets the events, a line each without its end.

        Raises:
            UsageError: the interval is too short, a place makes no sense, or standard input would be read twice.
        """
        _check(settings, wish)
        self._wish = wish
        self._place = endpoint.place(wish.health) if wish.health else None
        self._times = times
        self._failures = 0
        self._aborted = False
        self._metrics = metrics.find() if wish.health else None
        self.events = Events(write, times.now)
        self.health = Health(wish.interval, times.monotonic)
        self._rounds = Rounds(
            settings,
            dry_run=wish.dry_run,
            interval=wish.interval,
            events=self.events,
            monotonic=times.monotonic,
            alive=self.health.alive,
            opening=opening,
        )

    def stop(self) -> None:
        """End after the call under way."""
        self._rounds.stop.set()

    def abort(self) -> None:
        """Say that the end comes at once: it is then not a clean one, and the exit code tells what was left."""
        self._aborted = True

    @property
    def is_stopping(self) -> bool:
        """Tell whether the end was asked for."""
        return self._rounds.stop.is_set()

    async def run(self) -> ExitCode:
        """Do rounds until the end; of a single one return its exit code, otherwise that of a clean stop.

        Raises:
            UsageError: the place for probes can't be listened on.
        """
        async with AsyncExitStack() as stack:
            if self._place is not None:
                answers = pages(self.health, self._metrics)
                url = await stack.enter_async_context(endpoint.listening(*self._place, answers))
                self.events.tell("listening", url=url)
            wish = self._wish
            self.events.tell("started", version=__version__, interval=wish.interval, dry_run=wish.dry_run or None)
            stack.push_async_callback(self._rounds.leadership.leave)
            code = await self._loop()
        self.events.tell("ended", exit_code=int(code))
        return code

    async def _loop(self) -> ExitCode:
        while True:
            ended = await self._round()
            if self._wish.once:
                self.events.round(ended, None)
                return ended.exit_code
            self._failures = self._failures + 1 if ended.may_pass else 0
            pause = self._pause()
            self.events.round(ended, None if self.is_stopping else pause)
            try:
                await unless_stopped(self._rounds.stop, self._times.sleep(pause))
            except StoppedError:
                return ended.exit_code if self._aborted else ExitCode.OK

    async def _round(self) -> Round:
        begun = self._times.monotonic()
        with metrics.counting() as calls:
            ended = await self._rounds.run()
        ended = replace(ended, seconds=self._times.monotonic() - begun, calls=calls.count)
        now = self._times.now()
        self.health.ended(ended, now)
        if self._metrics is not None:
            self._metrics.ended(ended, now)
        return ended

    def _pause(self) -> float:
        """Return the seconds until the next round: the interval; after failures that may pass less, but ever more."""
        seconds = self._wish.interval
        if self._failures:
            seconds = min(seconds, _FIRST_RETRY * 2.0 ** min(self._failures - 1, 30))
        return seconds * (1 + _JITTER * (2 * self._times.random() - 1))


def _check(settings: Settings, wish: Wish) -> None:
    if wish.once:
        return
    if wish.interval < SHORTEST:
        raise UsageError(f"--interval is {wish.interval:g} s", mend=f"at least {SHORTEST:g}s")
    if "-" in settings.files:
        raise UsageError("standard input can be read only once", mend="name files or folders, or add --once")
