"""Names for what has none in the manifest yet: close to what people call it, valid, and each once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rtcctl.model.address import is_name

_LONGEST = 63
"""Characters that a name may have (model/address.py)."""
_VARIABLE = "RTC_CALLBACK_KEY_"


def names(texts: Sequence[str], otherwise: str) -> list[str]:
    """Return a name for each text: itself where it is one, else what is left of it, numbered where that is taken.

    `otherwise` is the name of a text of which nothing is left.
    """
    taken: set[str] = {text for text in texts if is_name(text)}
    given: set[str] = set()
    found: list[str] = []
    for text in texts:
        name = text
        if not is_name(text) or text in given:
            name = _free(_slug(text) or otherwise, taken, "-")
        taken.add(name)
        given.add(name)
        found.append(name)
    return found


def variables(app_names: Iterable[str]) -> dict[str, str]:
    """Return the environment variable for each app's callback key."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for name in app_names:
        found[name] = _free(_VARIABLE + re.sub(r"[^A-Z0-9]", "_", name.upper()), taken, "_", longest=None)
        taken.add(found[name])
    return found


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._]+", "-", plain).strip("-._")[:_LONGEST]


def _free(name: str, taken: set[str], sign: str, longest: int | None = _LONGEST) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        end = f"{sign}{number}"
        found = name[: longest - len(end) if longest else None] + end
    return found
