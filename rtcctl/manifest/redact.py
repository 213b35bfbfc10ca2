"""Secrets out of what is shown of a manifest, even of one that is no valid YAML.

A text's secret spans are guessed generously, since hiding too much is harmless: whatever follows a key that
resembles key, secret, password or token (misspelt or not) up to the end of its value, what such a key's alias
stands for, and passwords in URLs. A value that is nothing but a reference to a variable is left to be seen.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

HIDDEN = "(secret)"
_PARTS = ("key", "secret", "pass", "psw", "pwd", "token", "auth", "credential")
_WORDS = ("secret", "password", "passwd", "token", "credentials")
_SHORT = 4
_NAME = re.compile(r"""(?<![\w.-])(?P<quote>["']?)(?P<name>[\w.-]{1,80})(?P=quote)(?P<sign>\s{0,80}[:=\uff1a]|[ \t])""")
_DECORATION = re.compile(r"(?:[ \t]*[!&][^\s,\[\]{}]*)*[ \t]*")
_REFERENCE = re.compile(r"""(["']?)\$\{(?:env:[A-Za-z_]\w*|file:[^:{}\s]+)\}\1""")
_REST_OF_LINE = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?(?=[\r\n]|\Z)")
_NEXT_IN_FLOW = re.compile(r"[ \t]*[,}\]]")
_NEXT_ENTRY = re.compile(r"""[ \t]*(?:- |#|---|\.\.\.|[}\]]|["']?[\w.-]+["']?[ \t]*:(?:\s|$))""")
_URL = re.compile(
    r"""(?:(?<=http)|(?<=https))://(?P<user>[^\s/:@"']{1,1000})@|://[^\s/:@"']{0,200}:(?P<password>[^\s"']{1,1000})@"""
)
_ALIAS = re.compile(r"\*([^\s,\[\]{}]+)")
_CLOSING = {"{": "}", "[": "]"}


@cache
def is_sensitive_name(name: str) -> bool:
    """Tell whether a key's name says, rightly spelt or not, that its value is a secret."""
    lowered = name.lower()
    if any(part in lowered for part in _PARTS):
        return True
    return any(_resembles(word) for word in re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name) if word)


def _resembles(word: str) -> bool:
    lowered = word.lower()
    if len(word) <= _SHORT and difflib.get_close_matches(lowered, ("key",), cutoff=0.6):
        return True
    return bool(difflib.get_close_matches(lowered, _WORDS, cutoff=0.75))


def without_passwords(text: str) -> str:
    """Return a text with the passwords of URLs in it hidden."""
    return _URL.sub(lambda url: url.group().replace(url[url.lastgroup or 0], HIDDEN), text)


def secret_spans(text: str) -> list[Span]:
    """Return where secrets stand in a file, sorted, without overlaps."""
    spans = [found.span(found.lastgroup or 0) for found in _URL.finditer(text)]
    aliases: set[str] = set()
    for found in _NAME.finditer(text):
        if is_sensitive_name(found["name"]):
            span = _value(text, found)
            aliases.update(_ALIAS.findall(text, *span))
            spans.append(span)
    for name in aliases:
        anchors = re.finditer(rf"&{re.escape(name)}(?=\s)", text)
        spans += [(at.end(), _end(text, at.end(), _column(text, at.start()))) for at in anchors]
    return list(_merged(span for span in spans if text[span[0] : span[1]].strip()))


def _value(text: str, key: re.Match[str]) -> Span:
    """Return the span of the value after a key."""
    start = key.end()
    decoration = _DECORATION.match(text, start)
    start = decoration.end() if decoration else start
    reference = _REFERENCE.match(text, start)
    if reference and _REST_OF_LINE.match(text, reference.end()):
        return _line_end(text, start), _block_end(text, start, _column(text, key.start()))
    if reference and _NEXT_IN_FLOW.match(text, reference.end()) and _is_in_flow(text, start):
        return start, start
    if key["sign"].isspace():
        return start, _line_end(text, start)
    return start, _end(text, start, _column(text, key.start()))


def _end(text: str, start: int, column: int) -> int:
    """Return the end of a value: its closing quote or bracket, or the last line that belongs to it."""
    stripped = len(text[start : start + 200]) - len(text[start : start + 200].lstrip(" \t"))
    first = text[start + stripped : start + stripped + 1]
    if first in ("'", '"'):
        return _quote_end(text, start + stripped)
    if first in _CLOSING:
        return _bracket_end(text, start + stripped)
    if _is_in_flow(text, start):
        closing = re.compile(r"[,}\]\r\n]").search(text, start)
        return closing.start() if closing else len(text)
    return _block_end(text, start, column)


def _quote_end(text: str, start: int) -> int:
    quote = text[start]
    pattern = r"'(?:[^']|'')*'" if quote == "'" else r'"(?:[^"\\]|\\.)*"'
    found = re.compile(pattern, re.DOTALL).match(text, start)
    return found.end() if found else len(text)


def _bracket_end(text: str, start: int) -> int:
    depth = 0
    for found in re.compile(r"[\[{\]}]").finditer(text, start):
        depth += 1 if found.group() in _CLOSING else -1
        if depth == 0:
            return found.end()
    return len(text)


def _is_in_flow(text: str, at: int) -> bool:
    """Tell whether a bracket is open on the line before a position."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    opened = sum(before.count(bracket) for bracket in _CLOSING)
    return opened > sum(before.count(bracket) for bracket in _CLOSING.values())


def _block_end(text: str, start: int, column: int) -> int:
    """Take in every line that is indented more than the key, and any that begins no entry of its own."""
    end = _line_end(text, start)
    while end < len(text):
        next_end = _line_end(text, end + 1)
        line = text[end + 1 : next_end]
        indentation = len(line) - len(line.lstrip(" \t"))
        deeper = indentation > column or not line.strip() or "\t" in line[:indentation]
        if not deeper and _NEXT_ENTRY.match(line):
            return end
        end = next_end
    return len(text)


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _column(text: str, at: int) -> int:
    return at - (text.rfind("\n", 0, at) + 1)


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    current: Span | None = None
    for span in sorted(spans):
        if current is None:
            current = span
        elif span[0] <= current[1]:
            current = (current[0], max(current[1], span[1]))
        else:
            yield current
            current = span
    if current is not None:
        yield current
