"""A layout picture as shapes in pixels of the recording: what SVG and PNG have in common.

The canvas lies at 0, 0 in its own pixels, one to one; below it stands a caption.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from rtcctl.layout import Box, Pane, Picture, hidden
from rtcctl.reports.pictures import words

PANE_TONES = 8
_LETTER = 0.6  # a letter's usual width, in its size
_LINE = 1.3


class Rect(Struct, frozen=True):
    """A rectangle. `tone` is `paper`, `canvas`, `absent`, or `c0` to `c7`; `pane` is its pane's place, -1: none."""

    box: Box
    tone: str
    stroke: float = 0.0
    pane: int = -1


class Text(Struct, frozen=True):
    """A line of text, centred on `x` or beginning there; `y` is its middle."""

    x: float
    y: float
    size: float
    text: str
    tone: str = "ink"
    centred: bool = False


class Drawing(Struct, frozen=True):
    """Shapes, lowest first, on paper of this size."""

    width: int
    height: int
    shapes: tuple[Rect | Text, ...]


def draw(picture: Picture, heading: str, write: Callable[[str], str] = str) -> Drawing:
    """Return the shapes of a picture that has a canvas. `heading` begins the caption; without one there is none.

    `write` turns a text into what is written of it, before it is fitted into its place.
    """
    unit = picture.width / 960
    caption = _caption(picture, heading, write) if heading else []
    size = 16 * unit
    height = round(picture.height + (len(caption) * 1.5 + 1) * size) if caption else picture.height
    canvas = Box(0, 0, picture.width, picture.height)
    texts = (
        Text(size / 2, picture.height + size * (1.25 + 1.5 * at), size, line, "ink" if at == 0 else "soft")
        for at, line in enumerate(caption)
    )
    paper = Rect(Box(0, 0, picture.width, height), "paper")
    return Drawing(picture.width, height, (paper, Rect(canvas, "canvas", unit), *_panes(picture, unit, write), *texts))


def _caption(picture: Picture, heading: str, write: Callable[[str], str]) -> list[str]:
    most = round(960 / 16 / _LETTER) - 1
    lines = (f"{heading}: {words.title(picture)}", *words.remarks(picture))
    return [part for line in lines for part in textwrap.wrap(write(line), most, break_on_hyphens=False)]


def _panes(picture: Picture, unit: float, write: Callable[[str], str]) -> Iterator[Rect | Text]:
    out_of_sight = hidden(picture)
    layered = picture.template == "custom"
    for index, pane in enumerate(picture.panes):
        box = picture.seen(pane)
        if index not in out_of_sight:
            tone = f"c{(pane.number - 1) % PANE_TONES}" if pane.live else "absent"
            yield Rect(box, tone, 1.5 * unit, index)
            lines = [write(line) for line in _said(picture, pane, layered=layered)]
            yield from _labels(lines, box, unit)
    if not picture.panes:
        middle = (picture.width / 2, picture.height / 2)
        yield Text(*middle, 24 * unit, "nobody sends a picture", "soft", centred=True)


def _said(picture: Picture, pane: Pane, *, layered: bool) -> list[str]:
    """Return what a pane says of itself: number and name, then its size, then the rest."""
    return [f"{pane.number}  {words.name(pane)}", words.size(picture, pane), *words.details(pane, layered=layered)]


def _labels(lines: Sequence[str], box: Box, unit: float) -> Iterator[Text]:
    """Write in a pane what there is room for."""
    size = min(max(min(box.height / 6, box.width / 12), 11 * unit), 26 * unit)
    room = max(int((box.height - 4 * unit) / (size * _LINE)), 1)
    most = max(int((box.width - 6 * unit) / (size * _LETTER)), 1)
    shown = lines[:room]
    left, right, top, bottom = box.left, box.right, box.top, box.bottom
    first = (top + bottom) / 2 - (len(shown) - 1) * size * _LINE / 2
    for at, line in enumerate(shown):
        text = words.cut(line, most)
        yield Text((left + right) / 2, first + at * size * _LINE, size, text, "soft" if at else "ink", centred=True)
