"""What a picture is made of: panes as shares of a canvas, their boxes in pixels, and the streams that fill them."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct

CAMERA = "CAMERASTREAM"
SCREEN = "SCREENSTREAM"
_SIZE = re.compile(r"(\d{1,5})[x*](\d{1,5})_")


class Stream(Struct, frozen=True):
    """A picture that somebody in the room sends: of the camera or of the screen."""

    user_id: str
    video_type: str = CAMERA


class Pane(Struct, frozen=True):
    """A rectangle in shares of the canvas, the higher `zorder` above the lower.

    `user_id` is empty where the pane is for whoever shares the screen and nobody does. `live` tells whether the stream
    is there; a pane without one shows `background`, the URI of a picture, where one is declared. `number` is the id of
    a declared pane, and counts on from there for those that the template makes; 0: not told.
    """

    x: float
    y: float
    width: float
    height: float
    zorder: int = 0
    user_id: str = ""
    video_type: str = CAMERA
    live: bool = False
    number: int = 0
    crop_mode: str = ""
    filling_policy: str = ""
    background: str = ""


class Box(Struct, frozen=True):
    """A rectangle in pixels; `right` and `bottom` are the first column and row outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Return the width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Return the height in pixels."""
        return self.bottom - self.top

    def overlaps(self, other: Box, slack: int = 0) -> bool:
        """Tell whether both share a rectangle of more than `slack` pixels in width and in height."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > slack and down > slack


class Picture(Struct, frozen=True):
    """A canvas in pixels with its panes, lowest first. `note` says what is not exact or not shown.

    `template` is the layout template, `background` the URI of the canvas's background.
    """

    width: int
    height: int
    panes: tuple[Pane, ...] = ()
    approximate: bool = False
    note: str = ""
    template: str = ""
    background: str = ""

    def box(self, pane: Pane) -> Box:
        """Return where a pane stands in pixels. Edges are rounded, so that panes that touch still do."""
        left, right = (round(x * self.width) for x in (pane.x, pane.x + pane.width))
        top, bottom = (round(y * self.height) for y in (pane.y, pane.y + pane.height))
        return Box(left, top, right, bottom)

    def seen(self, pane: Pane) -> Box:
        """Return the part of its box that is on the canvas; of no width or height where none is."""
        box = self.box(pane)
        left, right = (min(max(x, 0), self.width) for x in (box.left, box.right))
        top, bottom = (min(max(y, 0), self.height) for y in (box.top, box.bottom))
        return Box(left, top, right, bottom)

    def document(self) -> dict[str, Any]:
        """Return the picture as plain JSON."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def canvas(encode_template: str) -> tuple[int, int]:
    """Return width and height of `1920x1080_30_4620`, in either spelling; 0, 0 for `audio_only`."""
    found = _SIZE.match(encode_template)
    return (int(found[1]), int(found[2])) if found else (0, 0)
