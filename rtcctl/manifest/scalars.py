"""Unquoted scalars after YAML 1.2's core schema, with two exceptions in favour of text.

`off`, `yes`, `12:30` and dates are text. So are whole numbers with a leading zero or more than 15 digits, which
are ids and not amounts, and numbers that JSON can't carry (`.inf`, `.nan`, 1e999).
"""

from __future__ import annotations

import math
import re
from typing import TypeAlias

Scalar: TypeAlias = "str | int | float | bool | None"

_WORDS: dict[str, bool | None] = {
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WORD_STARTS = frozenset(word[0] for word in _WORDS)
_NUMBER_STARTS = frozenset("0123456789+-.")
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]{1,15}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_MOST_DIGITS = 15


def resolve(text: str) -> Scalar:
    """Return what an unquoted scalar means."""
    if not text:
        return None
    first = text[0]
    if first in _WORD_STARTS:
        return _WORDS.get(text, text)
    return _number(text) if first in _NUMBER_STARTS else text


def is_long_number(text: str) -> bool:
    """Tell whether a text is a whole number with more digits than one may have, and no leading zero."""
    return bool(_INT.fullmatch(text)) and len(text.lstrip("+-")) > _MOST_DIGITS and not _LEADING_ZERO.match(text)


def _number(text: str) -> Scalar:
    if _LEADING_ZERO.match(text):
        return text
    if _INT.fullmatch(text):
        return text if is_long_number(text) else int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
