"""The layout templates as functions from streams to panes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rtcctl.layout.picture import CAMERA, SCREEN, Pane, Picture, Stream, canvas

GRID_LIMIT = 25
COLUMN_LIMIT = 16  # one large picture and a column: 17 in all
COLUMN_LENGTH = 8  # more of them stand in a second column
COLUMN_SHARE = 0.2
APPROXIMATE = "approximate: the API Reference gives no coordinates for this template"
AUDIO_ONLY = "sound only: no picture is recorded"
UNKNOWN = "no layout template: no picture is drawn"


def arrange(mix_param: Mapping[str, Any], streams: Sequence[Stream]) -> Picture:
    """Return what a mixed-stream job records now.

    Args:
        mix_param: as the API shows it; what is missing or of another type is passed over.
        streams: the pictures sent in the room, oldest first.
    """
    width, height = canvas(str(mix_param.get("encode_template", "")))
    if not width:
        return Picture(0, 0, note=AUDIO_ONLY)
    declared = [pane for pane in mix_param.get("layout_panes") or () if isinstance(pane, Mapping)]
    match mix_param.get("layout_template"):
        case "nine_grids_view":
            return Picture(width, height, nine_grids_view(streams), approximate=True, note=_note(len(streams)))
        case "screen_share_left" | "screen_share_right" as template:
            panes = screen_share(template.removeprefix("screen_share_"), declared, streams)
            return Picture(width, height, panes, approximate=True, note=APPROXIMATE)
        case "custom":
            return Picture(width, height, _custom(declared, streams))
    return Picture(width, height, note=UNKNOWN)


def nine_grids_view(streams: Sequence[Stream]) -> tuple[Pane, ...]:
    """Divide the canvas evenly among at most 25 pictures: one alone, two side by side, then 2×2 up to 5×5."""
    shown = streams[:GRID_LIMIT]
    if not shown:
        return ()
    columns = math.ceil(math.sqrt(len(shown)))
    rows = math.ceil(len(shown) / columns)
    side = 1 / columns  # rows as high as columns are wide, so that pictures keep the canvas's proportions
    top = (1 - rows * side) / 2
    panes = []
    for index, stream in enumerate(shown):
        row, column = divmod(index, columns)
        in_row = min(columns, len(shown) - row * columns)
        left = (1 - in_row * side) / 2  # a row that is not full stands in the middle
        panes.append(_filled(Pane(left + column * side, top + row * side, side, side), stream))
    return tuple(panes)


def screen_share(side: str, declared: Sequence[Mapping[str, Any]], streams: Sequence[Stream]) -> tuple[Pane, ...]:
    """Place one large picture on a side and up to 16 others in a column beside it.

    The first declared pane is the large picture, further ones head the column; users without a pane follow.
    """
    wanted = [_wanted(pane, streams) for pane in declared] or [Stream("", SCREEN)]
    fixed = set(wanted)
    others = [stream for stream in streams if stream not in fixed]
    main, column = wanted[0], [*wanted[1:], *others][:COLUMN_LIMIT]
    narrow = COLUMN_SHARE if column else 0.0
    large = Pane(0.0 if side == "left" else narrow, 0.0, 1 - narrow, 1.0)
    return tuple(
        replace(pane, user_id=stream.user_id, video_type=stream.video_type, live=stream in streams)
        for pane, stream in zip((large, *_column(side, len(column))), (main, *column), strict=True)
    )


def _column(side: str, count: int) -> list[Pane]:
    columns = 1 if count <= COLUMN_LENGTH else 2
    rows = max(math.ceil(count / columns), 4)  # few pictures do not grow beyond a quarter of the height
    width, height = COLUMN_SHARE / columns, 1 / rows
    start = 1 - COLUMN_SHARE if side == "left" else 0.0
    return [Pane(start + index // rows * width, index % rows * height, width, height) for index in range(count)]


def _wanted(pane: Mapping[str, Any], streams: Sequence[Stream]) -> Stream:
    """The stream that a declared pane asks for."""
    if pane.get("filling_policy") != "SHARED_SCREEN":
        return Stream(str(pane.get("user_id") or ""), str(pane.get("video_type") or CAMERA))
    # unconfirmed: whose screen, if several share theirs; here the latest
    return next((stream for stream in reversed(streams) if stream.video_type == SCREEN), Stream("", SCREEN))


def _custom(declared: Sequence[Mapping[str, Any]], streams: Sequence[Stream]) -> tuple[Pane, ...]:
    panes = []
    for each in declared[:GRID_LIMIT]:
        stream = _wanted(each, streams)
        x, y, width, height = (_share(each.get(name)) for name in ("x", "y", "width", "height"))
        pane = Pane(x, y, width, height, int(_share(each.get("zorder"), 24)))
        panes.append(replace(pane, user_id=stream.user_id, video_type=stream.video_type, live=stream in streams))
    return tuple(sorted(panes, key=lambda pane: pane.zorder))


def _filled(pane: Pane, stream: Stream) -> Pane:
    return replace(pane, user_id=stream.user_id, video_type=stream.video_type, live=True)


def _share(value: object, most: float = 1.0) -> float:
    """A number within bounds; 0 for what is none."""
    return min(max(float(value), 0.0), most) if isinstance(value, (int, float)) else 0.0


def _note(count: int) -> str:
    hidden = count - GRID_LIMIT
    return f"{APPROXIMATE}; {hidden} more are not shown" if hidden > 0 else APPROXIMATE
