"""A layout picture in characters: said in words first, then drawn with boxes of which each bears its pane's number."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.layout import Pane, Picture
from rtcctl.model.cells import columns, width_of
from rtcctl.reports.pictures import words
from rtcctl.reports.style import Paint, Tone, uncoloured
from rtcctl.reports.wording import plain

_INDENT = 6
_WIDEST = 100
_TALL = 2.0  # a character is about twice as high as wide


class _Edge(Struct, frozen=True):
    """The characters of a rectangle's edge."""

    top_left: str
    top_right: str
    bottom_left: str
    bottom_right: str
    across: str
    down: str


_PANE, _CANVAS = _Edge("┌", "┐", "└", "┘", "─", "│"), _Edge("╔", "╗", "╚", "╝", "═", "║")
_ASCII_PANE, _ASCII_CANVAS = _Edge("+", "+", "+", "+", "-", "|"), _Edge("#", "#", "#", "#", "=", "#")


def blocks(
    picture: Picture, heading: str, *, width: int = 80, paint: Paint = uncoloured, ascii_only: bool = False
) -> str:
    """Write a picture for a terminal of this many columns; `ascii_only` for one that can show nothing else."""
    if ascii_only:
        picture = _in_ascii(picture)
    lines = [paint("strong", plain(heading)), *_said(picture, width, paint)]
    if picture.width and picture.panes:
        canvas, pane = (_ASCII_CANVAS, _ASCII_PANE) if ascii_only else (_CANVAS, _PANE)
        lines += ["", *_drawn(picture, min(width, _WIDEST), canvas, pane)]
    text = "\n".join(lines)
    return words.in_ascii(text) if ascii_only else text


def _in_ascii(picture: Picture) -> Picture:
    """Write names out before they are measured, for an escape is longer than what it stands for."""
    panes = (
        replace(pane, user_id=words.in_ascii(plain(pane.user_id)), background=words.in_ascii(plain(pane.background)))
        for pane in picture.panes
    )
    return replace(picture, panes=tuple(panes), background=words.in_ascii(plain(picture.background)))


def _said(picture: Picture, width: int, paint: Paint) -> Iterator[str]:
    tones: list[tuple[Tone | None, str]] = [(None, words.title(picture))] if picture.width else []
    tones += [("changed" if line == picture.note else "quiet", line) for line in words.remarks(picture)]
    for tone, line in tones:
        for part in textwrap.wrap(line, width - _INDENT, break_on_hyphens=False):
            yield f"{'':{_INDENT}}{paint(tone, part) if tone else part}"
    rows = words.listed(picture)
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield from _row(row, widths, width)


def _row(row: tuple[str, ...], widths: list[int], width: int) -> Iterator[str]:
    """Yield a pane's line, its cells in columns; where they do not fit, wrapped."""
    head = f"{'':{_INDENT}}{row[0]:>{widths[0]}}  "
    cells = (words.padded(cell, wide) for cell, wide in zip(row[1:], widths[1:], strict=True))
    line = (head + "  ".join(cells)).rstrip()
    if columns(line) <= width:
        yield line
    else:
        whole = ", ".join(cell for cell in row[1:] if cell)
        yield from textwrap.wrap(
            whole, width, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
        )


def _drawn(picture: Picture, width: int, canvas: _Edge, pane_edge: _Edge) -> Iterator[str]:
    columns = width - 2
    rows = max(round(columns * picture.height / picture.width / _TALL), 4)
    sheet = _Sheet([[" "] * columns for _ in range(rows)])
    for pane in picture.panes:
        _draw(sheet, picture, pane, pane_edge)
    yield f"{canvas.top_left}{canvas.across * columns}{canvas.top_right}"
    yield from (f"{canvas.down}{''.join(row)}{canvas.down}" for row in sheet.cells)
    yield f"{canvas.bottom_left}{canvas.across * columns}{canvas.bottom_right}"


class _Sheet(Struct, frozen=True):
    """Cells of characters; the right half of a wide one is empty."""

    cells: list[list[str]]

    def write(self, column: int, row: int, text: str) -> None:
        """Write over what is there; what stands off the sheet is lost, of a wide character cut in two a blank stays."""
        if not 0 <= row < len(self.cells):
            return
        line = self.cells[row]
        for character in text:
            wide = width_of(character)
            if wide and column >= 0 and column + wide <= len(line):
                self._clear(line, column)
                self._clear(line, column + wide - 1)
                line[column : column + wide] = [character, ""][:wide]
            elif not wide and 0 < column <= len(line):
                line[column - 1] += character  # an accent goes with its letter
            column += wide

    @staticmethod
    def _clear(line: list[str], column: int) -> None:
        if line[column] == "":
            line[column - 1] = " "
        if column + 1 < len(line) and line[column + 1] == "":
            line[column + 1] = " "


def _draw(sheet: _Sheet, picture: Picture, pane: Pane, edge: _Edge) -> None:
    """Draw a pane over what lies below: its label in the upper edge, more inside where there is room."""
    across, down = len(sheet.cells[0]), len(sheet.cells)
    left, right = (round(x * across) for x in (pane.x, pane.x + pane.width))
    top, bottom = (round(y * down) for y in (pane.y, pane.y + pane.height))
    if not (pane.width and pane.height):
        return
    wide, high = max(right - left, 1), max(bottom - top, 1)
    label = f"{pane.number} {words.name(pane)}"
    if wide <= 2 or high <= 1:  # two edges, and nothing between them
        sheet.write(left, top, words.padded(label, wide))
        return
    room = wide - 2
    named = words.cut(f" {label} " if columns(label) + 2 <= room else label, room)
    line = edge.across * (room - columns(named))
    sheet.write(left, top, f"{edge.top_left}{named}{line}{edge.top_right}")
    told = (words.size(picture, pane), *words.details(pane, layered=picture.template == "custom"))
    inside = [f" {text}" for text in told if columns(text) < room]
    for row in range(1, high - 1):
        text = inside[row - 1] if row <= len(inside) else ""
        sheet.write(left, top + row, f"{edge.down}{words.padded(text, room)}{edge.down}")
    sheet.write(left, top + high - 1, f"{edge.bottom_left}{edge.across * room}{edge.bottom_right}")
