"""The page as a browser shows it: nothing is loaded, nothing runs, nothing is wider than the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rtcctl.reports import formats
from tests.simulator.browser import Page, browser, needs_chromium

from .endings import CASES
from .test_hostile import ATTACKS, endings


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@needs_chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("case", CASES)
def test_a_report_fits_the_window(tab: Page, tmp_path: Path, case: str, width: int, dark: bool) -> None:
    file = tmp_path / "report.html"
    file.write_text(formats.render("html", CASES[case]))
    tab.complaints.clear()
    tab.load(file.as_uri(), width, dark=dark)
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert tab.value("document.querySelector('h1').innerText")
    light = tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light is not dark
    tab.picture(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 1000
    assert tab.complaints == []


@needs_chromium
def test_hostile_text_neither_runs_nor_loads_nor_widens(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    for evil in ("".join(each for each in ATTACKS if len(each) < 100), *(each for each in ATTACKS if len(each) > 1000)):
        for ending in endings(evil):
            file.write_text(formats.render("html", ending))
            tab.complaints.clear()
            tab.load(file.as_uri(), 400, dark=False)
            assert tab.value("document.documentElement.scrollWidth") <= 400
            assert tab.value("document.querySelectorAll('script, img, a, iframe, link').length") == 0
            assert tab.value("performance.getEntriesByType('resource').length") == 0
            assert tab.complaints == []


def test_the_page_allows_itself_nothing() -> None:
    page = formats.render("html", CASES["every-kind-of-change"])
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "<script" not in page
    assert "url(" not in page
    assert "@media print" in page
