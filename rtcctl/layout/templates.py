"""The layout templates as functions from streams to panes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from rtcctl.layout.picture import CAMERA, SCREEN, Pane, Picture, Stream, canvas

GRID_LIMIT = 25
COLUMN_LIMIT = 16  # one large picture and a column: 17 in all
COLUMN_LENGTH = 8  # more of them stand in a second column
COLUMN_SHARE = 0.2
SHARED_SCREEN = "SHARED_SCREEN"
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
    declared = panes_of(mix_param)
    template = str(mix_param.get("layout_template") or "")
    empty = Picture(width, height, template=template, background=str(mix_param.get("background_image") or ""))
    match template:
        case "nine_grids_view":
            panes, note = nine_grids_view(streams), _note(len(streams) - GRID_LIMIT)
        case "screen_share_left" | "screen_share_right":
            panes = screen_share(template.removeprefix("screen_share_"), declared, streams)
            note = _note(len(set(streams) - {Stream(pane.user_id, pane.video_type) for pane in panes}))
        case "custom":
            panes, note = _custom(declared, streams), ""
        case _:
            return replace(empty, note=UNKNOWN)
    dressed = tuple(replace(pane, background=_background(mix_param, pane)) for pane in panes)
    return replace(empty, panes=dressed, approximate=bool(note), note=note)


def panes_of(mix_param: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the declared panes; what is none is left out."""
    return _mappings(mix_param, "layout_panes")


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
        pane = Pane(left + column * side, top + row * side, side, side, number=index + 1)
        panes.append(_filled(pane, stream, streams))
    return tuple(panes)


def screen_share(side: str, declared: Sequence[Mapping[str, Any]], streams: Sequence[Stream]) -> tuple[Pane, ...]:
    """Place one large picture on a side and up to 16 others in a column beside it.

    The first declared pane is the large picture, further ones head the column; users without a pane follow.
    """
    heads = list(declared) or [{"filling_policy": SHARED_SCREEN}]
    wanted = [_wanted(pane, streams) for pane in heads]
    others = [stream for stream in streams if stream not in set(wanted)]
    shown = [*wanted, *others][: 1 + COLUMN_LIMIT]
    narrow = COLUMN_SHARE if shown[1:] else 0.0
    large = Pane(0.0 if side == "left" else narrow, 0.0, 1 - narrow, 1.0)
    numbers = _numbers(heads, len(shown))
    policies = [*(str(pane.get("filling_policy") or "") for pane in heads), *([""] * len(others))]
    return tuple(
        replace(_filled(pane, stream, streams), number=number, filling_policy=policy)
        for pane, stream, number, policy in zip(
            (large, *_column(side, len(shown) - 1)), shown, numbers, policies[: len(shown)], strict=True
        )
    )


def _column(side: str, count: int) -> list[Pane]:
    columns = 1 if count <= COLUMN_LENGTH else 2
    rows = max(math.ceil(count / columns), 4)  # few pictures do not grow beyond a quarter of the height
    width, height = COLUMN_SHARE / columns, 1 / rows
    start = 1 - COLUMN_SHARE if side == "left" else 0.0
    return [Pane(start + index // rows * width, index % rows * height, width, height) for index in range(count)]


def _numbers(declared: Sequence[Mapping[str, Any]], count: int) -> list[int]:
    """Number panes: the declared ones by their id, or by their place, those after them by counting on."""
    own = [_number(pane, index) for index, pane in enumerate(declared)]
    last = max(own)
    return [*own, *range(last + 1, last + 1 + count)][:count]


def _number(pane: Mapping[str, Any], index: int) -> int:
    found = pane.get("id")
    return found if isinstance(found, int) else index + 1


def _wanted(pane: Mapping[str, Any], streams: Sequence[Stream]) -> Stream:
    """The stream that a declared pane asks for."""
    if pane.get("filling_policy") != SHARED_SCREEN:
        return Stream(str(pane.get("user_id") or ""), str(pane.get("video_type") or CAMERA))
    # unconfirmed: whose screen, if several share theirs; here the latest
    return next((stream for stream in reversed(streams) if stream.video_type == SCREEN), Stream("", SCREEN))


def _custom(declared: Sequence[Mapping[str, Any]], streams: Sequence[Stream]) -> tuple[Pane, ...]:
    panes = [
        _filled(custom_pane(each, index), _wanted(each, streams), streams)
        for index, each in enumerate(declared[:GRID_LIMIT])
    ]
    return tuple(sorted(panes, key=lambda pane: pane.zorder))


def custom_pane(declared: Mapping[str, Any], index: int) -> Pane:
    """Place one pane of a custom layout, the one at `index` of the list, without its stream.

    What it does not declare counts as 0, its zorder too; unconfirmed.
    """
    x, y, width, height = (_share(declared.get(name)) for name in ("x", "y", "width", "height"))
    crop_mode, filling_policy = (str(declared.get(name) or "") for name in ("crop_mode", "filling_policy"))
    zorder, number = int(_share(declared.get("zorder"), 24)), _number(declared, index)
    return Pane(x, y, width, height, zorder, number=number, crop_mode=crop_mode, filling_policy=filling_policy)


def _filled(pane: Pane, stream: Stream, streams: Sequence[Stream]) -> Pane:
    return replace(pane, user_id=stream.user_id, video_type=stream.video_type, live=stream in streams)


def _background(mix_param: Mapping[str, Any], pane: Pane) -> str:
    """The picture that a pane shows while its stream has none; a user's own wins over the default."""
    if pane.video_type == SCREEN:
        return str(mix_param.get("screen_background_image") or "")
    own = _mappings(mix_param, "user_background_images")
    found = [each.get("image_uri") for each in own if each.get("user_id") == pane.user_id]
    return str((found or [mix_param.get("default_user_background_image")])[0] or "")


def _mappings(mix_param: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = mix_param.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, (list, tuple)) else []


def _share(value: object, most: float = 1.0) -> float:
    """A number within bounds; 0 for what is none."""
    if not isinstance(value, (int, float)) or not value > 0:
        return 0.0
    return float(value) if value < most else most


def _note(hidden: int) -> str:
    more = "1 more is not shown" if hidden == 1 else f"{hidden} more are not shown"
    return f"{APPROXIMATE}; {more}" if hidden > 0 else APPROXIMATE
