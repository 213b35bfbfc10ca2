"""What a layout picture says in words, so that nothing is told by the drawing alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rtcctl.layout import Pane, Picture, hidden
from rtcctl.layout.picture import SCREEN
from rtcctl.model.cells import columns, width_of
from rtcctl.reports.wording import plain

_FITS = {"KEEP_RATIO_PADDING": "whole with bars", "KEEP_RATIO_CROP": "edges cut off"}
_ASCII = str.maketrans({"×": "x", "…": "~", "–": "-", "·": "-", "→": ">", "’": "'"})


def name(pane: Pane) -> str:
    """Say whose picture a pane shows."""
    if pane.filling_policy == "SHARED_SCREEN" or (pane.video_type == SCREEN and not pane.user_id):
        return f"{plain(pane.user_id)}, shared screen".removeprefix(", ")
    return f"{plain(pane.user_id) or 'nobody'}{', screen' if pane.video_type == SCREEN else ''}"


def size(picture: Picture, pane: Pane) -> str:
    """Say how large a pane is, in pixels."""
    box = picture.box(pane)
    return f"{box.width}×{box.height}"


def details(pane: Pane, *, layered: bool) -> Iterator[str]:
    """Yield what else is known of a pane, a phrase each."""
    if layered:
        yield f"zorder {pane.zorder}"
    if pane.crop_mode:
        yield _FITS.get(pane.crop_mode, plain(pane.crop_mode))
    if pane.filling_policy == "FIXED_USER":
        yield "fixed user"
    if not pane.live:
        yield "no stream"


def title(picture: Picture) -> str:
    """Say what is drawn: template, size and number of panes."""
    count = len(picture.panes)
    template = plain(picture.template) or "no layout"
    return f"{template}, {picture.width}×{picture.height} pixels, {count} {'pane' if count == 1 else 'panes'}"


def remarks(picture: Picture) -> Iterator[str]:
    """Yield what the drawing does not show: that it is approximate, what is hidden, and the backgrounds declared."""
    if picture.note:
        yield picture.note
    out_of_sight = [picture.panes[index] for index in sorted(hidden(picture))]
    if out_of_sight:
        yield f"out of sight: {_numbered(out_of_sight)}"
    if picture.background:
        yield f"background of the canvas: {plain(picture.background)}"
    for uri in dict.fromkeys(pane.background for pane in picture.panes if pane.background):
        meant = [pane for pane in picture.panes if pane.background == uri]
        yield f"without video, {_numbered(meant)} {'shows' if len(meant) == 1 else 'show'} {plain(uri)}"


def listed(picture: Picture) -> Sequence[tuple[str, ...]]:
    """Return a row for each pane, in the order of their numbers: number, name, size, place, details."""
    layered = picture.template == "custom"
    rows = []
    for pane in sorted(picture.panes, key=lambda pane: pane.number):
        box = picture.box(pane)
        where = f"at {box.left},{box.top}"
        rows.append(
            (str(pane.number), name(pane), size(picture, pane), where, ", ".join(details(pane, layered=layered)))
        )
    return rows


def sentence(picture: Picture) -> str:
    """Say everything in one text, for who can't see the drawing."""
    about = "about " if picture.approximate else ""
    panes = (
        f"Pane {number}: {', '.join(part for part in (what, f'{about}{pixels} pixels {where}', more) if part)}."
        for number, what, pixels, where, more in listed(picture)
    )
    said = (f"{remark[:1].upper()}{remark[1:]}." for remark in remarks(picture))
    return " ".join((*said, *panes))


def cut(text: str, most: int) -> str:
    """Shorten a text to a number of columns; "…" stands for what is cut off."""
    if columns(text) <= most:
        return text
    kept, used = "", 0
    for character in text:
        used += width_of(character)
        if used > most - 1:
            break
        kept += character
    return f"{kept}…" if most > 0 else ""


def padded(text: str, wanted: int) -> str:
    """Shorten or lengthen a text to a number of columns."""
    shown = cut(text, wanted)
    return shown + " " * (wanted - columns(shown))


def in_ascii(text: str) -> str:
    """Write a text in ASCII, for what can't show more."""
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode()


def _numbered(panes: Iterable[Pane]) -> str:
    numbers = sorted(pane.number for pane in panes)
    return f"{'pane' if len(numbers) == 1 else 'panes'} {', '.join(_ranges(numbers))}"


def _ranges(numbers: list[int]) -> Iterator[str]:
    """Yield 1, 2, 3, 5 as `1 to 3` and `5`."""
    start = last = numbers[0]
    for number in (*numbers[1:], -1):
        if number == last + 1:
            last = number
            continue
        yield str(start) if start == last else f"{start} to {last}" if last > start + 1 else f"{start}, {last}"
        start = last = number
