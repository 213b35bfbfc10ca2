"""Mappings in braces: their entries change places, everything between them stays."""

from __future__ import annotations

from rtcctl.fmt.order import Order
from rtcctl.fmt.spans import Span


def flow(text: str, span: Span, order: Order) -> str:
    """Return a value in braces, brackets or none, with the mappings in it in order."""
    if span.shape == "leaf":
        return text[span.start : span.end]
    if span.shape == "list":
        return _joined(text, span, [(item.start, item.end, flow(text, item, order)) for item in span.parts])
    names = [key.value for key in span.keys]
    slots: list[tuple[int, int, str]] = []
    for key, value in zip(span.keys, span.values, strict=True):
        below = flow(text, value, order.of(key.value))
        slots.append((key.start, value.end, text[key.start : value.start] + below))
    if "#" not in _between(text, span, slots):
        new = [slots[index][2] for index in order.arranged(names)]
        slots = [(start, end, moved) for (start, end, _), moved in zip(slots, new, strict=True)]
    return _joined(text, span, slots)


def _between(text: str, span: Span, slots: list[tuple[int, int, str]]) -> str:
    """Return the text that belongs to no entry: brackets, commas, blanks and comments."""
    return _joined(text, span, [(start, end, "") for start, end, _ in slots])


def _joined(text: str, span: Span, slots: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    done = span.start
    for start, end, new in slots:
        parts += [text[done:start], new]
        done = end
    return "".join([*parts, text[done : span.end]])
