"""The pictures of the documentation are those that the command draws."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.support import Cli

DOCS = Path(__file__).parents[2] / "docs"
NAMES = ("custom", "grid", "left", "right")


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_of_the_documentation_is_up_to_date(cli: Cli, name):
    cli("preview", "-f", DOCS / "pictures" / "layouts.yaml", "--users", "9", "--out", "drawn")
    drawn = (cli.folder / "drawn" / "layouts" / f"{name}.svg").read_text()
    assert drawn == (DOCS / "pictures" / "layouts" / f"{name}.svg").read_text(), "run: make pictures"


def test_the_documentation_shows_each_of_them():
    shown = re.findall(r"\]\((pictures/[^)]*)\)", (DOCS / "preview.md").read_text())
    assert sorted(shown) == [f"pictures/layouts/{name}.svg" for name in NAMES]
    assert all((DOCS / path).is_file() for path in shown)
