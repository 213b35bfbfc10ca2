"""README's picture of a terminal shows what a run prints."""

from __future__ import annotations

import html
import re

from tools import pictures


def test_the_picture_shows_what_a_run_prints():
    stands = re.sub(r"<[^>]+>", "", html.unescape(pictures.TARGET.read_text(encoding="utf-8")))
    words = re.sub(r"\x1b\[[0-9;]*m", "", pictures.printed()).split()
    assert "--allow-destroy:" in words
    shown = "".join(stands.split())
    assert "".join(words) in shown, "docs/pictures/plan.svg is stale: run `make pictures`"
