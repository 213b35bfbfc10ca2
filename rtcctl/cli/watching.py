"""Who watches a run for the command line: lines on stderr, or a live display at a terminal.

How much is told: nothing but errors, warnings and questions (`--quiet`), what goes on, everything (`--verbose`), and
beside that each request and answer (`--debug-http`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from rtcctl.cli import output
from rtcctl.model.happening import (
    SLOW,
    Again,
    Answered,
    Finished,
    Happening,
    Note,
    Over,
    Reading,
    Sent,
    Slow,
    Waiting,
    Watcher,
    Writing,
)

if TYPE_CHECKING:
    import asyncio

    from rtcctl.cli.display import Display
    from rtcctl.cli.screen import Screen

DELAY = 0.5
"""Seconds that reading or writing takes before a display of it is worth the flicker."""
_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI")


class Levels(Struct, frozen=True):
    """How much is told."""

    quiet: bool = False
    verbose: bool = False
    debug_http: bool = False


def may_be_live(levels: Levels, environ: Mapping[str, str]) -> bool:
    """Tell whether a live display has a place: a terminal that can move its cursor, and a person before it."""
    if levels.quiet or levels.debug_http or sys.stderr is None or not sys.stderr.isatty():
        return False
    if any(environ.get(name, "").lower() in ("true", "1") for name in _CI):
        return False
    return environ.get("TERM", "") not in ("", "dumb", "unknown")


class Watch:
    """Tells what happens as it is asked for. `live` may be taken back before something happens."""

    def __init__(self, levels: Levels = Levels(), *, live: bool = False) -> None:  # noqa: B008 - frozen
        self.live = live
        self._levels = levels
        self._display: Display | None = None
        self._screen: Screen | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._late: dict[int, asyncio.TimerHandle] = {}

    @property
    def bodies(self) -> bool:
        """Bodies are wanted by `--debug-http` alone."""
        return self._levels.debug_http

    def see(self, happening: Happening) -> None:
        """Tell it, as far as it is asked for."""
        if isinstance(happening, Over):
            self._over(reads=happening.reads)
            return
        display = self._followed()
        display.take(happening)
        match happening:
            case Reading() | Writing():
                self._begin()
            case Sent():
                self._sent(happening)
            case Answered():
                self._answered(happening)
            case _:
                for line in self._lines(happening, display):
                    output.progress(line)

    def close(self) -> None:
        """Take the display away, should one be left."""
        for timer in (self._timer, *self._late.values()):
            if timer is not None:
                timer.cancel()
        self._timer = None
        self._late.clear()
        screen, self._screen = self._screen, None
        if screen is not None:
            screen.close()

    def _lines(self, happening: Happening, display: Display) -> list[str]:
        from rtcctl.cli import telling
        from rtcctl.reports.wording import plain

        levels = self._levels
        if levels.quiet:
            return []
        match happening:
            case Finished() if levels.verbose or happening.failed or not self.live:
                return [telling.finished_line(happening, *display.count())]
            case Waiting() if self._screen is None:
                return [telling.waiting_line(happening, happening.seconds)]
            case Again() if levels.verbose or (not self.live and happening.elapsed + happening.seconds >= SLOW):
                return [telling.again_line(happening, happening.seconds)]
            case Slow(text):
                return [plain(text)]
            case Note(text, detail) if levels.verbose or not detail:
                return [plain(text)]
            case _:
                return []

    def _sent(self, sent: Sent) -> None:
        from rtcctl.cli import telling

        if self._levels.debug_http:
            output.progress(telling.sent_in_full(sent))
        if not self.live and not self._levels.quiet:
            self._late[sent.number] = _later(2 * SLOW, self._is_late, sent)

    def _is_late(self, sent: Sent) -> None:
        from rtcctl.reports.wording import plain

        output.progress(f"no answer yet to {sent.method} {plain(sent.target)} after {2 * SLOW:.0f} s")

    def _answered(self, answered: Answered) -> None:
        from rtcctl.cli import telling

        timer = self._late.pop(answered.number, None)
        if timer is not None:
            timer.cancel()
        if self._levels.debug_http:
            output.progress(telling.answered_in_full(answered))
        elif self._levels.verbose:
            output.progress(telling.answered_line(answered))

    def _followed(self) -> Display:
        if self._display is None:
            from rtcctl.cli.display import Display

            self._display = Display(time.monotonic)
        return self._display

    def _begin(self) -> None:
        if self.live and self._screen is None and self._timer is None:
            self._timer = _later(DELAY, self._show)

    def _show(self) -> None:
        from rtcctl.cli.screen import Screen

        self._timer = None
        self._screen = Screen(self._followed())
        self._screen.open()

    def _over(self, *, reads: bool) -> None:
        if not self._followed().end(reads=reads):
            self.close()


def _later(seconds: float, work: Callable[..., None], *arguments: object) -> asyncio.TimerHandle:
    import asyncio

    return asyncio.get_running_loop().call_later(seconds, work, *arguments)


def watch(levels: Levels) -> Watch:
    """Return what watches a run of the command line."""
    return Watch(levels, live=may_be_live(levels, os.environ))


def in_lines(watcher: Watcher) -> None:
    """Keep a live display away, where stdout tells of each step as well or the run has no end."""
    if isinstance(watcher, Watch):
        watcher.live = False
