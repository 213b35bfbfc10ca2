"""JSON that was written elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def loads(content: str | bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """Return the value; halves of surrogate pairs, which JSON can spell and no file can hold, become U+FFFD.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deep.
    """
    text = content if isinstance(content, str) else content.decode(json.detect_encoding(content), "surrogatepass")
    value = json.loads(text, parse_constant=parse_constant)
    if _MAY_BE_HALF.search(text) is None:
        return value
    return json.loads(
        json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )
