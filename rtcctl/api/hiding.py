"""What a foreign text may show: no secret, no control character, not too much of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

from rtcctl.model.values import PLAIN, Secret, Value

SHOWN_CHARACTERS = 300
"""How much of the service's own message is shown."""


def revealed(value: Value) -> Iterator[str]:
    """Yield the text of every secret inside a value, at any depth."""
    if value.__class__ in PLAIN:
        return
    if isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, Mapping):
        for below in value.values():
            yield from revealed(below)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for below in value:
            yield from revealed(below)


def hide(text: str, secrets: Iterable[str], limit: int = SHOWN_CHARACTERS) -> str:
    """Return a foreign text fit to be shown, `limit` characters at most.

    Secrets become `(secret)`, also where the text holds them as JSON or a URL would write them. That comes before the
    cut, or half a secret would stay.
    """
    text = _clean(text)
    found = {each for secret in secrets for each in _spellings(secret) if each in text}
    if found:
        longest_first = sorted(found, key=len, reverse=True)
        text = re.sub("|".join(map(re.escape, longest_first)), "(secret)", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def token_like(text: str, secrets: Iterable[str], limit: int = 128) -> str:
    """Return a code or an id if it looks like one and holds no secret; else an empty text."""
    fits = len(text) <= limit and re.fullmatch(r"[A-Za-z0-9._:@/=+-]+", text)
    return text if fits and hide(text, secrets) == text else ""


def _clean(text: str) -> str:
    # isprintable is false for control characters, line ends, direction marks and lone surrogates alike.
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(text.split())


@lru_cache(maxsize=256)
def _spellings(secret: str) -> frozenset[str]:
    """Return how a cleaned text may hold a secret; the same few secrets are looked for in every answer."""
    quoted = quote(secret.encode("utf-8", "replace"), safe="")
    unescaped = json.dumps(secret, ensure_ascii=False)[1:-1]
    return frozenset(map(_clean, (secret, json.dumps(secret)[1:-1], unescaped, quoted))) - {""}
