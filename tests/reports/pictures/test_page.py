"""Pictures where a browser shows them: in a report side by side, and as files in the scheme of their reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rtcctl.model.finished import Planned
from rtcctl.reports import formats
from rtcctl.reports.pictures.svg import svg
from tests.simulator.browser import Page, browser, needs_chromium
from tests.test_cases import CASES, planned

from .layouts import hostile, picture

SIDES = "[...document.querySelectorAll('figure.layout svg')].map(each => each.getBoundingClientRect())"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@needs_chromium
@pytest.mark.parametrize(("width", "beside"), [(1400, True), (400, False)])
def test_before_and_after_stand_side_by_side_where_there_is_room(tab: Page, tmp_path: Path, width, beside):
    file = tmp_path / "report.html"
    file.write_text(formats.render("html", Planned(planned(CASES / "replace-job-by-layout"))), encoding="utf-8")
    tab.complaints.clear()
    tab.load(file.as_uri(), width, dark=False)
    before, after = tab.value(f"{SIDES}.map(({{x, y, width, height}}) => [x, y, width, height])")
    assert (before[1] == after[1]) is beside
    assert (before[0] == after[0]) is not beside
    assert before[2] > 300
    assert before[2] / before[3] == pytest.approx(16 / 9, rel=0.01)
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert "before: nine_grids_view, 1280×720 pixels, 4 panes" in tab.text()
    assert tab.text().count("approximate: the API Reference") == 2
    assert tab.complaints == []


def test_a_plan_that_leaves_layouts_alone_has_no_pictures():
    assert "<figure" not in formats.render("html", Planned(planned(CASES / "update-callback-url")))


@needs_chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_file_follows_its_readers_scheme_and_loads_nothing(tab: Page, tmp_path: Path, dark):
    for drawn in (picture("custom"), hostile()):
        (tmp_path / "layout.svg").write_text(svg(drawn, "MixStreamJob/app/job"), encoding="utf-8")
        tab.complaints.clear()
        tab.load((tmp_path / "layout.svg").as_uri(), 1400, dark=dark)
        paper = tab.value("getComputedStyle(document.querySelector('.paper')).fill")
        assert paper == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")
        assert tab.value("performance.getEntriesByType('resource').length") == 0
        assert tab.value("document.querySelectorAll('script').length") == 0
        assert tab.complaints == []
