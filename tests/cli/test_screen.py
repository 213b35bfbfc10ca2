"""The live display itself, drawn into a stream that says it is a terminal."""

from __future__ import annotations

import asyncio
import io
import sys

import pytest

from rtcctl.cli import output, watching
from rtcctl.cli.watching import Levels, Watch
from rtcctl.model.address import Address
from rtcctl.model.happening import Answered, Note, Over, Reading, Sent, Started, Waiting, Writing
from rtcctl.model.limits import Limit


class Drawn(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", ["80", "120", "12"])
def test_it_is_drawn_after_a_moment_and_wiped_away(monkeypatch, columns):
    drawn = Drawn()
    monkeypatch.setattr(sys, "stderr", drawn)
    monkeypatch.setattr(watching, "DELAY", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", columns)
    watch = Watch(live=True)

    async def work() -> None:
        watch.see(Writing(4))
        watch.see(Reading())
        watch.see(Over(reads=True))
        watch.see(Started(Address("App", "a" * 60), "create"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        watch.see(Waiting(("apps",), Limit(60, 60.0), 43.0))
        watch.see(Note("above it"))
        output.progress("and this too")
        watch.see(Over())

    asyncio.run(work())
    assert sys.stderr is drawn
    shown = drawn.getvalue()
    assert "above it" in shown
    assert "and this too" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert ("0 of 4 calls" in shown) == (columns != "12")


@pytest.mark.parametrize(("levels", "told"), [(Levels(), True), (Levels(quiet=True), False)])
def test_without_a_display_a_call_without_an_answer_is_told_once(monkeypatch, capsys, levels, told):
    monkeypatch.setattr(watching, "SLOW", 0.0)
    watch = Watch(levels)

    async def work() -> None:
        watch.see(Sent(1, "GET", "/v2/apps"))
        watch.see(Sent(2, "GET", "/v2/soon"))
        watch.see(Answered(2, "GET", "/v2/soon", 200, 0.1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        watch.see(Answered(1, "GET", "/v2/apps", 200, 0.1))

    asyncio.run(work())
    assert capsys.readouterr().err == ("no answer yet to GET /v2/apps after 0 s\n" if told else "")
