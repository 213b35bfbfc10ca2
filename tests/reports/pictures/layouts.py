"""Layouts that several tests draw, and the files that say how they must look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rtcctl.layout import Picture, arrange, sample

GOLDENS = Path(__file__).parent / "goldens"
SIZE = {"encode_template": "1280x720_30_1710"}
SHARED = {"id": 1, "user_id": "", "filling_policy": "SHARED_SCREEN"}
HOST = {"id": 2, "user_id": "host", "filling_policy": "FIXED_USER"}
LESSON: list[dict[str, Any]] = [
    {"id": 1, "user_id": "teacher", "video_type": "SCREENSTREAM", "x": 0, "y": 0, "width": 1, "height": 1,
     "zorder": 0, "crop_mode": "KEEP_RATIO_PADDING"},
    {"id": 2, "user_id": "teacher", "x": 0.75, "y": 0.75, "width": 0.25, "height": 0.25, "zorder": 1,
     "crop_mode": "KEEP_RATIO_CROP"},
    {"id": 3, "user_id": "student", "x": 0.5, "y": 0.75, "width": 0.25, "height": 0.25, "zorder": 1},
]  # fmt: skip
ODD: list[dict[str, Any]] = [
    {"id": 1, "user_id": "学生", "x": 0.6, "y": 0.1, "width": 0.8, "height": 0.5},
    {"id": 2, "user_id": "under", "x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, "zorder": 0},
    {"id": 3, "user_id": "l" * 64, "x": 0, "y": 0, "width": 0.5, "height": 0.5, "zorder": 3},
    {"id": 4, "x": 0.7, "y": 0.7, "width": 0.05, "height": 0.04},
    {"id": 5, "user_id": "flat", "x": 0.1, "y": 0.9, "width": 0.3, "height": 0},
]
HOSTILE = '</title><script>alert(1)</script>"&\x1b[2J\u202e]]>\ud800'

LAYOUTS: dict[str, tuple[dict[str, Any], int]] = {
    "grid-1": ({**SIZE, "layout_template": "nine_grids_view"}, 1),
    "grid-5": (
        {**SIZE, "layout_template": "nine_grids_view", "default_user_background_image": "s3://b/face.png"},
        5,
    ),
    "grid-25": ({**SIZE, "layout_template": "nine_grids_view"}, 25),
    "left-4": ({**SIZE, "layout_template": "screen_share_left", "layout_panes": [SHARED, HOST]}, 4),
    "left-20": ({**SIZE, "layout_template": "screen_share_left", "layout_panes": [SHARED]}, 20),
    "right-4": ({**SIZE, "layout_template": "screen_share_right", "layout_panes": [SHARED, HOST]}, 4),
    "custom": (
        {**SIZE, "layout_template": "custom", "layout_panes": LESSON, "background_image": "s3://b/wall.png"},
        1,
    ),
    "odd": ({"encode_template": "640x480_15_500", "layout_template": "custom", "layout_panes": ODD}, 1),
}


def picture(name: str) -> Picture:
    mix, users = LAYOUTS[name]
    return arrange(mix, sample(mix, users))


def hostile() -> Picture:
    panes = [{"id": 1, "user_id": HOSTILE, "x": 0, "y": 0, "width": 1, "height": 1, "crop_mode": HOSTILE}]
    backgrounds = {"background_image": HOSTILE, "default_user_background_image": HOSTILE}
    mix = {**SIZE, "layout_template": "custom", "layout_panes": panes, **backgrounds}
    return arrange(mix, sample(mix, 1))


def golden(name: str, found: str) -> str:
    """The expected text; UPDATE_CASES=1 writes it anew."""
    path = GOLDENS / name
    if os.environ.get("UPDATE_CASES"):
        path.write_text(found, encoding="utf-8")
    return path.read_text(encoding="utf-8")
