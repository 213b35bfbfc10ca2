"""How texts are laid out: columns and colours, decided by whoever knows where they go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

Tone: TypeAlias = Literal["good", "changed", "bad", "quiet", "strong"]
Paint: TypeAlias = Callable[[Tone, str], str]
"""Colours a text, or returns it as it is."""


def uncoloured(_: Tone, text: str) -> str:
    """Return the text as it is."""
    return text


class Style(Struct, frozen=True):
    """How a text is laid out; formats that are no text for a terminal take no notice of it."""

    width: int = 80
    paint: Paint = uncoloured


PLAIN = Style()
