"""Links of README and manuals lead to files and headings that there are."""

from __future__ import annotations

import pytest

from tests.docs import pages
from tests.docs.pages import ROOT


@pytest.mark.parametrize("page", [*pages.pages(), "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(page: str):
    for target in pages.links(page):
        name, _, heading = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        assert path.exists(), f"{page}: {target}"
        if heading:
            assert heading in pages.headings(path), f"{page}: {target}"
