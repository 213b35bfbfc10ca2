"""The streams of a room that nobody is in yet: what a layout is drawn with before it is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rtcctl.layout.picture import CAMERA, SCREEN, Stream
from rtcctl.layout.templates import SHARED_SCREEN, panes_of

USERS = 4
"""Users in the room unless told otherwise: enough to see an arrangement, few enough to read every label."""


def sample(mix_param: Mapping[str, Any], users: int = USERS) -> tuple[Stream, ...]:
    """Return streams for a number of users who all send their camera.

    Users whom the job names come first, others are called `user 1` and so on; no real user_id holds a blank. Where a
    pane is for whoever shares the screen, somebody does. With `custom` every pane has its stream, whatever `users` is.
    """
    template = str(mix_param.get("layout_template"))
    panes = panes_of(mix_param)
    if template == "custom":
        return tuple(dict.fromkeys(_asked_for(pane) for pane in panes if _asked_for(pane).user_id or _is_shared(pane)))
    named = list(_named(mix_param))[:users]
    cameras = [Stream(name) for name in (*named, *(f"user {number + 1}" for number in range(len(named), users)))]
    present = {stream.user_id for stream in cameras}
    asked_for = [_asked_for(pane) for pane in panes or [{"filling_policy": SHARED_SCREEN}]]
    screens = [each for each in asked_for if each.video_type == SCREEN and each.user_id in (*present, "")]
    return tuple(dict.fromkeys((*cameras, *(screens if template.startswith("screen_share") else ()))))


def _is_shared(pane: Mapping[str, Any]) -> bool:
    return pane.get("filling_policy") == SHARED_SCREEN


def _asked_for(pane: Mapping[str, Any]) -> Stream:
    if _is_shared(pane):
        return Stream("", SCREEN)
    return Stream(str(pane.get("user_id") or ""), str(pane.get("video_type") or CAMERA))


def _named(mix_param: Mapping[str, Any]) -> Iterator[str]:
    """Yield the users whom panes and backgrounds name, each once."""
    own = mix_param.get("user_background_images")
    listed = own if isinstance(own, (list, tuple)) else ()
    named = [str(each.get("user_id") or "") for each in (*panes_of(mix_param), *listed) if isinstance(each, Mapping)]
    yield from dict.fromkeys(name for name in named if name)
