"""The site: built strictly, and in need of no network."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, pages

_LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src"}


class Loads(HTMLParser):
    """What a page loads by itself; links to follow are no such thing."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if _LOADS.get(tag) == name]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site")
    strict = ("--quiet", "--nitpicky", "--fail-on-warning", "--keep-going")
    command = [sys.executable, "-m", "sphinx", *strict, "-d", str(made / ".trees"), str(ROOT / "docs"), str(made)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return made


def test_every_manual_is_a_page(site: Path):
    for page in pages():
        if page != "README.md":
            assert (site / page.removeprefix("docs/")).with_suffix(".html").is_file(), page


def test_no_page_loads_anything_from_elsewhere(site: Path):
    for path in site.rglob("*.html"):
        loads = Loads()
        loads.feed(path.read_text(encoding="utf-8"))
        assert loads.found
        assert not [each for each in loads.found if re.match(r"(?:\w+:)?//", each)], path


def test_no_style_loads_anything_from_elsewhere(site: Path):
    for path in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")), path


def test_the_pictures_load_nothing():
    for path in (ROOT / "docs" / "pictures").rglob("*.svg"):
        loaded = re.findall(r"(?:href|src)=\"([^\"]*)|url\(([^)]*)|@import", path.read_text(encoding="utf-8"))
        assert not [each for pair in loaded for each in pair if each and not each.startswith("#")], path
