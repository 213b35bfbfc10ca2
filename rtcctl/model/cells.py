"""How much room a text takes at a terminal, where letters of East Asian scripts are two columns wide."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """Count the terminal columns that a text takes."""
    return len(text) if text.isascii() else sum(width_of(character) for character in text)


def width_of(character: str) -> int:
    """Return how many columns of a terminal a character takes: 0, 1 or 2."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
