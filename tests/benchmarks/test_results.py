"""The page of a full run."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

from benchmarks import _results
from benchmarks._report import Aim, Figure, Report

FAST = Figure("time", 1.0, "×", Aim("at most", 1.25))
SLOW = Figure("time", 2.0, "×", Aim("at most", 1.25))


def test_the_machine_is_told_without_its_name():
    told = _results.machine()
    assert f"{os.cpu_count()} cores" in told
    assert platform.python_version() in told
    assert platform.node() not in re.split(r"[ ,]+", told)


def test_the_page_counts_what_was_reached_and_shows_every_report():
    page = _results.page([Report("a", "About a.", (FAST,)), Report("b", "About b.", (SLOW, Figure("c", 1, "s")))])
    assert "1 of 2 aims were reached." in page
    assert page.index("## a") < page.index("## b")


def test_the_page_that_is_kept_holds_no_path_of_a_machine():
    text = _results.PAGE.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|Users|usr)\b", text)
    assert str(Path.home()) not in text
