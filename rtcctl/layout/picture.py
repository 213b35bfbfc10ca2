"""What a picture is made of: panes as shares of a canvas, and the streams that fill them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

CAMERA = "CAMERASTREAM"
SCREEN = "SCREENSTREAM"
_SIZE = re.compile(r"(\d{1,5})[x*](\d{1,5})_")


@dataclass(frozen=True, slots=True)
class Stream:
    """A picture that somebody in the room sends: of the camera or of the screen."""

    user_id: str
    video_type: str = CAMERA


@dataclass(frozen=True, slots=True)
class Pane:
    """A rectangle in shares of the canvas, the higher `zorder` above the lower.

    `user_id` is empty where the pane is for whoever shares the screen and nobody does. `live` tells whether the stream
    is there; a pane without one shows a background.
    """

    x: float
    y: float
    width: float
    height: float
    zorder: int = 0
    user_id: str = ""
    video_type: str = CAMERA
    live: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A canvas in pixels with its panes, lowest first. `note` says what is not exact or not shown."""

    width: int
    height: int
    panes: tuple[Pane, ...] = ()
    approximate: bool = False
    note: str = ""

    def document(self) -> dict[str, Any]:
        """Return the picture as plain JSON."""
        return asdict(self) | {"panes": [asdict(pane) for pane in self.panes]}


def canvas(encode_template: str) -> tuple[int, int]:
    """Return width and height of `1920x1080_30_4620`, in either spelling; 0, 0 for `audio_only`."""
    found = _SIZE.match(encode_template)
    return (int(found[1]), int(found[2])) if found else (0, 0)
