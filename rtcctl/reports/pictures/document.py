"""Layout pictures as a JSON document; `schemas/preview.schema.json` describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtcctl.layout import Pane, Picture, hidden
from rtcctl.model.address import Address
from rtcctl.reports.as_json import FORMAT_VERSION


def document(pictures: Mapping[Address, Picture]) -> dict[str, Any]:
    """Return what was drawn: every pane with its box in pixels, lowest first."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "preview",
        "pictures": [{"address": str(address), **_picture(picture)} for address, picture in pictures.items()],
    }


def _picture(picture: Picture) -> dict[str, Any]:
    out_of_sight = hidden(picture)
    return {
        "template": picture.template or None,
        "width": picture.width,
        "height": picture.height,
        "approximate": picture.approximate,
        "note": picture.note or None,
        "background": picture.background or None,
        "panes": [
            {**_pane(picture, pane), "out_of_sight": at in out_of_sight} for at, pane in enumerate(picture.panes)
        ],
    }


def _pane(picture: Picture, pane: Pane) -> dict[str, Any]:
    box = picture.box(pane)
    return {
        "number": pane.number,
        "user_id": pane.user_id or None,
        "video_type": pane.video_type,
        "has_stream": pane.live,
        "left": box.left,
        "top": box.top,
        "width": box.width,
        "height": box.height,
        "zorder": pane.zorder,
        "crop_mode": pane.crop_mode or None,
        "filling_policy": pane.filling_policy or None,
        "background": pane.background or None,
    }
