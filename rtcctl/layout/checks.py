"""What is most likely an accident in declared panes: shared ids, overlaps, panes off the canvas or out of sight.

Warnings, all of them: no source says that the service refuses any of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

from rtcctl.layout.picture import Box, Picture, canvas
from rtcctl.layout.templates import COLUMN_LIMIT, GRID_LIMIT, custom_pane

_SHARES = ("screen_share_left", "screen_share_right")
_ONLY_IN = {
    **dict.fromkeys(("x", "y", "width", "height", "zorder", "crop_mode"), ("custom",)),
    "filling_policy": _SHARES,
}
"""In which templates a member of a pane counts (API Reference, LayoutPane: "custom only" and so on)."""
SLACK = 2
"""Pixels that shares written with three digits may be off; less is no accident."""
_SIDES = {"x + width": "to the right", "y + height": "below"}


class Flaw(Struct, frozen=True):
    """Something about the pane at a place of `layout_panes` (from 0): what, and what to do."""

    index: int
    message: str
    mend: str


class _Placed(Struct, frozen=True):
    index: int
    name: str
    zorder: int
    box: Box


def flaws(mix_param: Mapping[str, Any]) -> Iterator[Flaw]:
    """Yield what is odd about the panes of a job; nothing where no panes are drawn."""
    width, height = canvas(str(mix_param.get("encode_template", "")))
    template, listed = mix_param.get("layout_template"), mix_param.get("layout_panes")
    if not width or template is None or not isinstance(listed, (list, tuple)):
        return
    declared = [(index, pane) for index, pane in enumerate(listed) if isinstance(pane, Mapping)]
    yield from _shared_ids(declared)
    if template == "nine_grids_view":
        yield from _not_needed(declared)
        return
    yield from _without_effect(declared, str(template))
    most = GRID_LIMIT if template == "custom" else 1 + COLUMN_LIMIT
    if len(declared) > most:
        message = f"{template} shows up to {most} panes, {len(declared)} are declared"
        yield Flaw(declared[most][0], message, "remove some")
    if template == "custom":
        yield from _custom(declared, Picture(width, height))


def hidden(picture: Picture) -> frozenset[int]:
    """Return the places in `picture.panes` of those out of sight: under others, without a size, off the canvas."""
    boxes = [picture.seen(pane) for pane in picture.panes]
    return frozenset(
        index
        for index, pane in enumerate(picture.panes)
        if _covered(boxes[index], [boxes[at] for at, above in enumerate(picture.panes) if above.zorder > pane.zorder])
    )


def _shared_ids(declared: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Flaw]:
    seen: set[object] = set()
    for index, pane in declared:
        number = pane.get("id")
        if number is not None and number in seen:
            yield Flaw(index, f"another pane has id {number}, too", "give each pane an id of its own")
        seen.add(number)


def _not_needed(declared: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[Flaw]:
    """Tell of panes where the template places everybody.

    Prose of the API Reference asks for some all the same; its field texts and samples do without (NOTES section 12).
    """
    if declared:
        message = "nine_grids_view places everybody by itself, and is not known to use panes"
        yield Flaw(declared[0][0], message, "remove layout_panes, or choose another layout_template")


def _without_effect(declared: Sequence[tuple[int, Mapping[str, Any]]], template: str) -> Iterator[Flaw]:
    for index, pane in declared:
        idle = [name for name in _ONLY_IN if name in pane and template not in _ONLY_IN[name]]
        if idle:
            message = f"{_and(idle)} {'has' if len(idle) == 1 else 'have'} no effect with {template}"
            where = " or ".join(dict.fromkeys(each for name in idle for each in _ONLY_IN[name]))
            yield Flaw(index, message, f"remove {'it' if len(idle) == 1 else 'them'}, or choose {where}")


def _custom(declared: Sequence[tuple[int, Mapping[str, Any]]], picture: Picture) -> Iterator[Flaw]:
    placed: list[_Placed] = []
    for index, pane in declared:
        name = f"pane {pane['id']}" if isinstance(pane.get("id"), int) else f"pane {index + 1} of the list"
        where = custom_pane(pane, index)
        box, seen = picture.box(where), picture.seen(where)
        missing = [side for side, pixels in (("width", box.width), ("height", box.height)) if not pixels]
        if missing:
            yield Flaw(index, f"{name} has no {' and no '.join(missing)}: nothing of it is seen", "set both, up to 1")
        elif not (seen.width and seen.height):
            yield Flaw(index, f"nothing of {name} is on the canvas", "keep x + width and y + height within 1")
        else:
            yield from _outside(index, name, box, picture)
            placed.append(_Placed(index, name, where.zorder, seen))
    for at, one in enumerate(placed):
        yield from _overlapping(one, placed[:at])
        yield from _buried(one, placed)


def _outside(index: int, name: str, box: Box, picture: Picture) -> Iterator[Flaw]:
    over = {"x + width": box.right - picture.width, "y + height": box.bottom - picture.height}
    found = {side: pixels for side, pixels in over.items() if pixels > SLACK}
    if found:
        by = " and ".join(f"{pixels} pixels {_SIDES[side]}" for side, pixels in found.items())
        yield Flaw(index, f"{name} leaves the canvas by {by}", f"keep {' and '.join(found)} within 1")


def _overlapping(one: _Placed, before: Sequence[_Placed]) -> Iterator[Flaw]:
    """Tell of panes on one layer that overlap. No source says which is on top then."""
    found = [other.name for other in before if other.zorder == one.zorder and one.box.overlaps(other.box, SLACK)]
    if found:
        message = f"{one.name} overlaps {_and(found)} at the same zorder {one.zorder}"
        yield Flaw(one.index, message, "move it, or say by zorder which is on top")


def _buried(one: _Placed, placed: Sequence[_Placed]) -> Iterator[Flaw]:
    above = [other for other in placed if other.zorder > one.zorder and one.box.overlaps(other.box)]
    if above and _covered(_shrunk(one.box), [other.box for other in above]):
        message = f"{one.name} is hidden wholly by {_and([other.name for other in above])}"
        yield Flaw(one.index, message, "raise its zorder, or remove it")


def _shrunk(box: Box) -> Box:
    """Leave a rim out of account that only rounding makes visible."""
    rim = 1 if min(box.width, box.height) > SLACK else 0
    return Box(box.left + rim, box.top + rim, box.right - rim, box.bottom - rim)


def _covered(box: Box, above: Sequence[Box]) -> bool:
    """Tell whether boxes cover another one together: every cell between their edges lies in one of them."""
    across = sorted({box.left, box.right, *(x for each in above for x in (each.left, each.right))})
    down = sorted({box.top, box.bottom, *(y for each in above for y in (each.top, each.bottom))})
    cells = [Box(left, top, right, bottom) for left, right in pairwise(across) for top, bottom in pairwise(down)]
    return all(any(cell.overlaps(each) for each in above) for cell in cells if cell.overlaps(box))


def _and(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1]) if names[1:] else names)
