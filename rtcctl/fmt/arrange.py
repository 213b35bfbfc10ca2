"""Documents arranged: the lines of each entry move together with the comments above them.

A comment belongs to the entry below it; one that is indented deeper than that entry belongs to what stands above. What
stands before a document's first member stays there, and comments at the end of a mapping stay at its end. Whatever is
written in a way that lines can't tell (several dashes on a line, explicit keys) keeps its lines as they are.
"""

from __future__ import annotations

import re

from msgspec import Struct

from rtcctl.fmt.flow import flow
from rtcctl.fmt.order import Order, orders
from rtcctl.fmt.same import NotSameError, check_same, values
from rtcctl.fmt.spans import DocumentSpan, Span, documents
from rtcctl.schema.manifest import API_VERSION

_DASH = re.compile(r" *- *")
_TRIES = 5
_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")


def formatted(text: str) -> str:
    """Return a manifest's text in canonical form; documents that are not ours stay as they are.

    The text must be one that the manifest's parser takes. What comes out comes out of itself unchanged.

    Raises:
        NotSameError: that can't be done without changing what it says.
        UsageError: ruamel.yaml is not installed.
    """
    lines = text.replace("\r\n", "\n")
    if _OTHER_BREAKS.search(lines):
        raise NotSameError("it has line breaks other than LF and CRLF")
    whole = lines if lines.endswith("\n") or not lines else lines + "\n"
    done = _settled(lines, whole)
    check_same(lines, done)
    return done.replace("\n", "\r\n") if "\r\n" in text else done


def _settled(before: str, text: str) -> str:
    """Arrange until nothing moves any more: what comes into line may then be put in order."""
    from yaml import YAMLError

    try:
        for _ in range(_TRIES):
            text = _arranged(text)
            if text == before:
                return text
            before = text
    except YAMLError:
        raise NotSameError("once arranged it would not be valid YAML") from None
    raise NotSameError("arranging it comes to no end")


def _arranged(text: str) -> str:
    parts: list[str] = []
    done = 0
    for document in documents(text):
        parts += [text[done : _begin(text, document)], _document(text, document)]
        done = document.end
    return "".join([*parts, text[done:]])


def _begin(text: str, document: DocumentSpan) -> int:
    return _line_start(text, document.root.start) if document.root.in_lines else document.root.start


def _document(text: str, document: DocumentSpan) -> str:
    begin, end = _begin(text, document), document.end
    raw = text[begin:end]
    order = orders().get(document.text_of("kind"))
    if document.text_of("apiVersion") != API_VERSION or order is None:
        return raw
    if not document.root.in_lines:
        return flow(text, document.root, order) + text[document.root.end : end]
    lines = _Lines(text)
    first, rest = lines.mapping(document.root, begin, end, 0, order)
    new = "".join(f"{line}\n" for line in [*first, *rest])
    if document.root.aliased and not _reads_as(raw, new):
        return raw  # an alias would come before its anchor
    return new


def _reads_as(before: str, after: str) -> bool:
    try:
        return values(before) == values(after)
    except NotSameError:
        return False


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


class _Entry(Struct, frozen=True):
    """A member or an item: the lines above it, its own lines, all indented as they shall be."""

    name: str
    lead: list[str]
    lines: list[str]


class _Lines(Struct, frozen=True):
    """Collections on lines of their own, each rendered at a column."""

    text: str

    def mapping(self, span: Span, begin: int, end: int, column: int, order: Order) -> tuple[list[str], list[str]]:
        """Return the comments above the first entry, and all other lines.

        `begin` is the start of the line after the key that the mapping stands under, or that of its first entry after
        a dash; its lines end at `end`.
        """
        if not self._is_regular(span):
            return [], self._shifted(begin, end, column - self._indentation(span.parts[0].start))
        old = self._column(span.parts[0].start)
        ends = [max(key.end, value.end) for key, value in zip(span.keys, span.values, strict=True)]
        regions, leads, tail = self._regions(begin, [key.start for key in span.keys], ends, end, old)
        entries = [
            _Entry(key.value, self._comments(lead, column), self._entry(key, value, region, column, order))
            for key, value, lead, region in zip(span.keys, span.values, leads, regions, strict=True)
        ]
        moved = [entries[index] for index in order.arranged([entry.name for entry in entries])]
        first = moved[0].lead
        while first and not first[0] and moved[0] is not entries[0]:
            first = first[1:]
        lines = [*moved[0].lines, *(line for entry in moved[1:] for line in (*entry.lead, *entry.lines))]
        return first, [*lines, *self._comments(tail, column)]

    def _entry(self, key: Span, value: Span, end: int, column: int, order: Order) -> list[str]:
        """Return a member's lines, up to `end`."""
        old = self._column(key.start)
        pad = " " * column
        if value.in_lines:
            below = self._line_end(key.end)
            head = self.text[key.start : below].rstrip()
            if self._only_comments(below, value):
                first, rest = self._below(value, below + 1, end, column + 2, order.of(key.value))
                return [pad + head, *first, *rest]
            return self._raw(key.start, end, column - old)
        if value.shape == "leaf":
            return self._raw(key.start, end, column - old)
        new = self.text[key.start : value.start] + flow(self.text, value, order.of(key.value))
        after = self.text[value.end : end].removesuffix("\n")
        return _shift(f"{' ' * old}{new}{after}".split("\n"), column - old)

    def _below(self, span: Span, begin: int, end: int, column: int, order: Order) -> tuple[list[str], list[str]]:
        if span.shape == "map":
            return self.mapping(span, begin, end, column, order)
        return [], self._list(span, begin, end, column, order)

    def _list(self, span: Span, begin: int, end: int, column: int, order: Order) -> list[str]:
        """Return the lines of a list whose dashes shall stand at a column."""
        old = self._indentation(span.parts[0].start)
        if not all(_DASH.fullmatch(self._before(item.start)) for item in span.parts):
            return self._shifted(begin, end, column - old)
        regions, leads, tail = self._regions(
            begin, [item.start for item in span.parts], [item.end for item in span.parts], end, old
        )
        lines: list[str] = []
        for item, lead, region in zip(span.parts, leads, regions, strict=True):
            lines += self._comments(lead, column)
            if self._is_regular_item(item):
                above, rest = self.mapping(item, self._line_start(item.start), region, column + 2, order)
                lines += self._comments([line for line in above if line], column)
                lines += [f"{' ' * column}- {rest[0].lstrip(' ')}", *rest[1:]]
            elif item.in_lines:
                lines += self._shifted(self._line_start(item.start), region, column - old)
            else:
                text = flow(self.text, item, order) + self.text[item.end : region].removesuffix("\n")
                first, *others = text.split("\n")
                lines += [f"{' ' * column}- {first.lstrip(' ')}".rstrip(" "), *_shift(others, column - old)]
        return [*lines, *self._comments(tail, column)]

    def _regions(
        self, begin: int, starts: list[int], ends: list[int], end: int, column: int
    ) -> tuple[list[int], list[list[str]], list[str]]:
        """Return where the lines of each part end, the lines above each part, and those after the last."""
        regions: list[int] = []
        first = self._line_start(starts[0])
        leads = [self.text[begin:first].split("\n")[:-1]]
        for index, last in enumerate(ends):
            after = min(self._line_end(last) + 1, end)
            until = self._line_start(starts[index + 1]) if index + 1 < len(starts) else end
            gap = self.text[after:until].split("\n")[:-1]
            own = _deeper(gap, column)
            regions.append(after + sum(len(line) + 1 for line in gap[:own]))
            leads.append(gap[own:])
        return regions, leads[:-1], leads[-1]

    def _is_regular(self, span: Span) -> bool:
        """Tell whether each key begins a line of its own; before the first one a dash may stand."""
        first, *others = (key.start for key in span.keys)
        before = self._before(first)
        return (not before.strip() or bool(_DASH.fullmatch(before))) and all(
            not self._before(start).strip() and self._column(start) == self._column(first) for start in others
        )

    def _is_regular_item(self, item: Span) -> bool:
        """Tell whether it is a mapping whose first key stands right after the dash."""
        return item.in_lines and item.shape == "map" and item.start == item.parts[0].start and self._is_regular(item)

    def _only_comments(self, begin: int, value: Span) -> bool:
        between = self.text[begin : self._line_start(value.parts[0].start)].split("\n")
        return all(not line.strip() or line.lstrip().startswith("#") for line in between)

    def _raw(self, start: int, end: int, by: int) -> list[str]:
        """Return lines that begin with a key; what stands before the key is taken for blanks."""
        lines = self.text[start:end].removesuffix("\n").split("\n")
        return _shift([" " * self._column(start) + lines[0], *lines[1:]], by)

    def _shifted(self, begin: int, end: int, by: int) -> list[str]:
        return _shift(self.text[begin:end].removesuffix("\n").split("\n"), by)

    def _comments(self, lines: list[str], column: int) -> list[str]:
        return [f"{' ' * column}{line.strip()}".rstrip() for line in lines]

    def _line_start(self, at: int) -> int:
        return _line_start(self.text, at)

    def _line_end(self, at: int) -> int:
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found

    def _indentation(self, at: int) -> int:
        line = self.text[self._line_start(at) : self._line_end(at)]
        return len(line) - len(line.lstrip(" "))

    def _before(self, at: int) -> str:
        return self.text[self._line_start(at) : at]

    def _column(self, at: int) -> int:
        return at - self._line_start(at)


def _deeper(gap: list[str], column: int) -> int:
    """Return how many lines below a part belong to it: up to the last comment that is indented deeper."""
    own = 0
    for number, line in enumerate(gap, 1):
        if line.strip():
            if len(line) - len(line.lstrip(" ")) <= column:
                break
            own = number
    return own


def _shift(lines: list[str], by: int) -> list[str]:
    if by >= 0:
        return [" " * by + line if line else line for line in lines]
    return [line[min(-by, len(line) - len(line.lstrip(" "))) :] for line in lines]
