"""Diagnostics made ready to be shown: sorted, each with its line of the manifest, secrets taken out of it.

A diagnostic about standard input also names document and member, for nobody knows the lines of a stream.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from rtcctl.errors import Diagnostic, Place
from rtcctl.manifest.redact import HIDDEN, Span, is_sensitive_name, secret_spans
from rtcctl.manifest.sources import STDIN, Source
from rtcctl.manifest.syntax import LINE_BREAK
from rtcctl.manifest.tree import Node, child
from rtcctl.manifest.words import harmless
from rtcctl.model.cells import columns

_WIDTH = 72
_CUT = "…"


def finish(
    problems: Iterable[Diagnostic], sources: Iterable[Source], streamed: Sequence[Node]
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics by file, line and column, complete. `streamed` are standard input's documents."""
    unique = sorted(dict.fromkeys(problems), key=_order)
    meant = {problem.place.file for problem in unique if problem.place is not None}
    texts = {source.name: _Text(source.text) for source in sources if source.name in meant}
    return tuple(_complete(problem, texts, streamed) for problem in unique)


def _order(problem: Diagnostic) -> tuple[str, int, int]:
    place = problem.place or Place("")
    return place.file, place.line, place.column


def _complete(problem: Diagnostic, texts: dict[str, _Text], streamed: Sequence[Node]) -> Diagnostic:
    place = problem.place
    text = texts.get(place.file) if place else None
    if place is None or text is None or not place.line:
        return problem
    source, caret = text.show(place.line, place.column)
    where = _where(place, streamed) if place.file == STDIN else ""
    return replace(problem, source=source, caret=caret, message=where + problem.message)


class _Text:
    """A file's lines and secret spans, found out once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
        self._spans = secret_spans(text)

    def show(self, line: int, column: int) -> tuple[str, int]:
        """Return a line fit to be shown, and the caret's column in it (from 1)."""
        start = self._starts[min(line, len(self._starts)) - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        shown, at = self._redact(start, end, start + column - 1)
        body = shown.rstrip("\r\n\x85\u2028\u2029")
        plain = "".join(c if c.isprintable() else " " for c in body)
        return _window(plain, min(at, len(plain)))

    def _redact(self, start: int, end: int, at: int) -> tuple[str, int]:
        """Return the text between two offsets, and where the offset `at` came to stand in it."""
        parts: list[str] = []
        done, caret, length = start, at - start, 0
        first = bisect_right(self._spans, (start, start)) - 1
        for span in self._spans[max(first, 0) :]:
            if span[0] >= end:
                break
            if span[1] <= start:
                continue
            left, right = _within(span, start, end, self._text)
            if left >= right:
                continue
            parts += [self._text[done:left], HIDDEN]
            length += left - done
            if at >= right:
                caret += len(HIDDEN) - (right - left)
            elif at >= left:
                caret = length
            length += len(HIDDEN)
            done = right
        return "".join(parts) + self._text[done:end], caret


def _within(span: Span, start: int, end: int, text: str) -> Span:
    """Return the part of a span on one line, without the blanks around it."""
    left, right = max(span[0], start), min(span[1], end)
    part = text[left:right]
    return left + len(part) - len(part.lstrip()), right - len(part) + len(part.rstrip())


def _window(line: str, at: int) -> tuple[str, int]:
    """Cut a long line around an offset; of wide letters half as many have room."""
    if columns(line) <= _WIDTH:
        return line, at + 1
    width = _WIDTH if columns(line) <= len(line) else _WIDTH // 2
    start = max(0, min(at - width // 2, len(line) - width))
    part = line[start : start + width]
    if start:
        part = _CUT + part[1:]
    if start + width < len(line):
        part = part[:-1] + _CUT
    return part, at - start + 1


def _where(place: Place, documents: Sequence[Node]) -> str:
    """Return for example `document 2 (App/a), spec.state: `."""
    number = sum(_start(document) <= _at(place) for document in documents)
    if not number:
        return ""
    document = documents[number - 1]
    path = _path(document, _at(place))
    return f"document {number}{_name(document)}{', ' if path else ''}{path}: "


def _name(document: Node) -> str:
    kind, metadata = child(document, "kind"), child(document, "metadata")
    name = child(metadata, "name") if metadata is not None else None
    parts = [harmless(node.value) for node in (kind, name) if node is not None and isinstance(node.value, str)]
    return f" ({'/'.join(parts)})" if parts else ""


def _at(place: Place) -> tuple[int, int]:
    return place.line, place.column


def _path(node: Node, at: tuple[int, int]) -> str:
    """Return the path of the last value that begins at or before a place; nothing below a secret's key."""
    found = ""
    while node.key_line or (node.line, node.column) != at:
        before = [step for step in _steps(node) if _start(step[1]) <= at]
        if not before:
            break
        name, node = max(before, key=lambda step: _start(step[1]))
        found += f"[{name}]" if isinstance(name, int) else f".{harmless(name)}"
        if isinstance(name, str) and is_sensitive_name(name):
            break
    return found.removeprefix(".")


def _steps(node: Node) -> list[tuple[str | int, Node]]:
    if isinstance(node.value, dict):
        return list(node.value.items())
    return list(enumerate(node.value)) if isinstance(node.value, list) else []


def _start(node: Node) -> tuple[int, int]:
    return (node.key_line, node.key_column) if node.key_line else (node.line, node.column)
