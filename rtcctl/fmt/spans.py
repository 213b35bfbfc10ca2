"""Where each value of a YAML text stands, by offsets: what the parser tells and a tree of values does not."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

Shape = Literal["leaf", "map", "list"]


class Span(Struct):
    """A value from `start` to `end`, where its last text ends; an anchor belongs to it.

    `value` is a scalar's text. `parts` are keys and values in turn, or items. `aliased` tells of an alias in it.
    """

    shape: Shape
    start: int
    end: int
    flow: bool = False
    value: str = ""
    parts: list[Span] = field(default_factory=list)
    aliased: bool = False

    @property
    def keys(self) -> list[Span]:
        """The keys of a mapping."""
        return self.parts[::2]

    @property
    def values(self) -> list[Span]:
        """The values of a mapping."""
        return self.parts[1::2]

    def add(self, part: Span) -> None:
        """Add a key, a value or an item."""
        self.parts.append(part)
        self.aliased = self.aliased or part.aliased

    @property
    def in_lines(self) -> bool:
        """Whether its parts stand on lines of their own."""
        return self.shape != "leaf" and not self.flow


class DocumentSpan(Struct):
    """A document's root; `end` is where the next one or its end marker begins."""

    root: Span
    end: int

    def text_of(self, name: str) -> str:
        """Return a scalar member of the root; empty where there is none."""
        root = self.root
        found = (value.value for key, value in zip(root.keys, root.values, strict=True) if key.value == name)
        return next(found, "") if root.shape == "map" else ""


class Offsets:
    r"""Lines and columns of a text as offsets in it; its only line break is `\n`."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        self._length = len(text)
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def __call__(self, mark: Any) -> int:
        """Return the offset of a parser's mark."""
        return min(self._starts[int(mark.line)] + int(mark.column), self._length)


def documents(text: str) -> list[DocumentSpan]:
    r"""Return the documents of a text that the manifest's parser has accepted and whose only line break is `\n`."""
    import yaml

    at = Offsets(text)
    found: list[DocumentSpan] = []
    open_: list[Span] = []
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        match event:
            case yaml.DocumentStartEvent():
                open_ = [Span("list", 0, 0)]
            case yaml.DocumentEndEvent():
                found.append(DocumentSpan(open_[0].parts[0], at(event.start_mark)))
            case yaml.CollectionStartEvent():
                shape: Shape = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
                open_.append(Span(shape, at(event.start_mark), at(event.end_mark), bool(event.flow_style)))
            case yaml.CollectionEndEvent():
                span = open_.pop()
                span.end = at(event.end_mark) if span.flow else max(part.end for part in span.parts)
                open_[-1].add(span)
            case yaml.AliasEvent():
                open_[-1].add(Span("leaf", at(event.start_mark), at(event.end_mark), aliased=True))
            case yaml.ScalarEvent():
                open_[-1].add(_scalar(text, event, at(event.start_mark), at(event.end_mark)))
    return found


def _scalar(text: str, event: Any, start: int, end: int) -> Span:
    if event.style in ("|", ">"):
        end = _end_of_block(text, start, end)
    return Span("leaf", start, end, value=event.value)


def _end_of_block(text: str, start: int, end: int) -> int:
    """Return where the last line of a block text ends; blank lines after it belong to it where `+` keeps them."""
    block = text[start:end]
    if "+" in block.partition("\n")[0].partition("#")[0]:
        return start + len(block.removesuffix("\n"))
    return start + len(block.rstrip())
