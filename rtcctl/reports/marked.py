"""Foreign text in Markdown: it stays what it is, in whatever renders it (GitHub, GitLab, a preview).

Escaping for Markdown alone is not enough: both services look for mentions (`@name`), references (`#1`, `GH-1`) and
addresses in the HTML that comes out, and leave only code alone. So names go into code, and in running text a zero-width
space stands where such a thing would begin.
"""

from __future__ import annotations

import re

from rtcctl.reports.wording import cut, plain

_SPACE = "&#8203;"
_TRIGGER = re.compile(r"[@#!$%&~:^*](?=[\w\"'/])|(?<![A-Za-z])GH-(?=\d)|www(?=\.)", re.IGNORECASE)
_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&@$]")
_BEGIN = re.compile(r"^(\d+(?=[.)])|)([-+=.) ])")  # would begin a list, a heading or code
_RUN = re.compile(r"`+")
LETTERS = 400
"""How much is shown of a value or a name; the other formats show all of it."""


def prose(text: str) -> str:
    """Write foreign text, or a sentence with foreign text in it, as running text."""
    pieces = []
    start = 0
    shown = cut(plain(text), LETTERS) or "(nothing)"
    for found in _TRIGGER.finditer(shown):
        pieces += [_entities(shown[start : found.end()]), _SPACE]
        start = found.end()
    written = "".join([*pieces, _entities(shown[start:])])
    return _BEGIN.sub(lambda found: f"{found[1]}&#{ord(found[2])};", written, count=1)


def code(text: str) -> str:
    """Write foreign text as a code span, whatever backticks it holds."""
    shown = cut(plain(text), LETTERS) or " "
    fence = "`" * (_longest(shown) + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def fenced(lines: list[str], language: str) -> list[str]:
    """Put lines into a code block that none of them can end."""
    fence = "`" * max(3, _longest("\n".join(lines)) + 1)
    return [f"{fence}{language}", *lines, fence]


def _longest(text: str) -> int:
    return max((len(run) for run in _RUN.findall(text)), default=0)


def _entities(text: str) -> str:
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", text)
