"""The YAML parser's complaints in our own words, with the place that a person would point at and a mend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

Explained: TypeAlias = tuple[str, int, int, str]
"""Message, line, column (both counted from 1) and mend."""

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What the parser counts as the end of a line."""

_QUOTE = "quote the text"
_ESCAPE = ("unknown escape in a double-quoted text", "write \\\\ for a backslash, or use single quotes")
_TAG = ("YAML tags are not supported", "remove the tag; quote a value that shall be text")
_BLOCK = ("only a comment may follow | or > here", "start the text on the next line")
_OPEN = "close it, or quote texts that hold , [ ] { }"
_INDENTATION = ("this line's indentation fits nothing above", "indent it like its neighbours")

# What the parser says (a part of it), what we say, and what to do. The first match wins.
_TABLE: tuple[tuple[str, tuple[str, str]], ...] = (
    (
        "mapping values are not allowed",
        ("a ':' is not allowed here", "quote the text, mend the indentation, or give the key above its ':'"),
    ),
    ("block sequence entries are not allowed", ("a '-' item is not allowed here", "start it on a line of its own")),
    ("mapping keys are not allowed", ("a '?' key is not allowed here", "write 'key: value'")),
    ("could not find expected ':'", ("this key has no ':'", "write 'key: value', or indent the text below its key")),
    ("expected '-' indicator", ("a '- ' item was due here", "indent it like the items above")),
    ("expected ',' or ']'", ("this list is not closed: ',' or ']' was due", _OPEN)),
    ("expected ',' or '}'", ("this mapping is not closed: ',' or '}' was due", _OPEN)),
    ("unexpected end of stream", ("this quoted text is not closed", "add the closing quote")),
    ("unexpected document indicator", ("this quoted text is not closed", "add the closing quote")),
    ("escape c", _ESCAPE),
    ("hexdecimal number", _ESCAPE),
    ("unexpected ':'", ("a ':' is not allowed here", _QUOTE)),
    ("expected comment or line break", _BLOCK),
    ("indentation indicator", ("a text block's indentation must be 1 to 9", "write | or > alone")),
    ("expected alphabetic or numeric", ("'&' and '*' begin an anchor or alias", _QUOTE)),
    ("directive", ("this line begins with '%' and is no YAML directive", _QUOTE)),
    ("incompatible YAML document", ("this version of YAML is not supported", "remove the %YAML line")),
    ("<document start>", ("only '---' may follow the end of a document", "put '---' between documents")),
    ("node content", ("a value was due here", "quote the text, or give the key a value")),
    ("key", _INDENTATION),
    ("tag", _TAG),
    ("'>'", _TAG),
    ("URI", _TAG),
)
_OTHER = ("this is not valid YAML", "compare the indentation and the quotes with the lines around")
_SEEN_AT_THEIR_END = ("unexpected end of stream", "unexpected document indicator", "could not find expected ':'")


def explain(error: MarkedYAMLError, text: str) -> Explained:
    """Translate a parser's error about `text`."""
    said = error.problem or ""
    lines = LINE_BREAK.split(text)
    place = _place(error, said, lines)
    if place is None:
        return "the file ends before this is complete", *_last(lines), "close brackets and quotes, or add the value"
    line, column = place
    here = lines[line - 1]
    tab = _tab(here, column)
    if tab:
        return "a tab where indentation is due: YAML wants spaces", line, tab, "replace the tab by spaces"
    if "cannot start any token" in said:
        return _bad_start(here, line, column)
    if "expected key" in said and here[: column - 1].strip():
        return "nothing may follow a value that is over", line, column, "quote the whole text"
    if "expected ','" in said and "${" in here:
        return "this bracket is not closed", line, column, 'inside { } and [ ] quote variables: "${env:NAME}"'
    message, mend = next((ours for part, ours in _TABLE if part in said), _OTHER)
    return message, line, column, mend


def _place(error: MarkedYAMLError, said: str, lines: list[str]) -> tuple[int, int] | None:
    """Point at the beginning of what is not closed, at the problem otherwise; None where that is the file's end."""
    problem, context = error.problem_mark, error.context_mark
    late = any(part in said for part in _SEEN_AT_THEIR_END)
    if "expected ','" in said and problem is not None:
        late = _at_end(problem.line, lines)
    mark = context if context is not None and late else problem
    if mark is None or _at_end(mark.line, lines):
        return None
    return mark.line + 1, mark.column + 1


def _at_end(line: int, lines: list[str]) -> bool:
    return not any(text.strip() for text in lines[line:])


def _last(lines: list[str]) -> tuple[int, int]:
    """Return the place after the last text."""
    number = max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)
    return number, len(lines[number - 1].rstrip()) + 1


def _tab(line: str, column: int) -> int:
    """Return the column of a tab in the indentation before an error; 0 where there is none."""
    indentation = line[: len(line) - len(line.lstrip(" \t"))]
    return indentation.find("\t") + 1 if column <= len(indentation) + 1 else 0


def _bad_start(line: str, number: int, column: int) -> Explained:
    character = line[column - 1 : column]
    if character == "\t":
        return "a tab is not allowed here", number, column, "replace the tab by spaces"
    return f"a text can't begin with {character!r} unless it is quoted", number, column, _QUOTE
