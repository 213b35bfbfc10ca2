"""Texts shown safely, names guessed."""

from __future__ import annotations

import pytest

from rtcctl.manifest.words import nearest, quoted, suggestion


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "'a'"),
        ("größe", "'größe'"),
        ("\x1b[31m", "'\\x1b[31m'"),
        ("a\u202eb", "'a\\x202eb'"),
        ("x" * 61, "'" + "x" * 60 + "…'"),
    ],
)
def test_quoted(text, shown):
    assert quoted(text) == shown


def test_nearest():
    options = ("ACTIVATION", "DEACTIVATION")
    assert nearest("activation", options) == "ACTIVATION"
    assert nearest("xyz", options) == ""
    assert nearest("A" * 65, options) == ""


def test_suggestion():
    assert suggestion("a1", ["a", "b"]) == "did you mean 'a'?"
    assert suggestion("xyz", ["a", "b"]) == "one of: a, b"
    assert suggestion("a", []) == ""
