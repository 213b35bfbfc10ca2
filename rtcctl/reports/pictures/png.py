"""A layout picture as PNG, painted by Pillow: the extra `preview`. It has the light colours."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rtcctl.errors import UsageError
from rtcctl.layout import Picture
from rtcctl.reports.pictures import words
from rtcctl.reports.pictures.drawing import Rect, Text, draw
from rtcctl.reports.pictures.tones import LIGHT
from rtcctl.reports.wording import plain

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw


def png(picture: Picture, heading: str) -> bytes:
    """Paint a picture that has a canvas; its pixels are those of the recording, with a caption below.

    Raises:
        UsageError: Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError:
        raise UsageError(
            "a PNG needs Pillow, which is not installed", mend="pip install 'rtcctl[preview]', or ask for SVG"
        ) from None

    drawing = draw(picture, plain(heading), words.in_ascii)
    image = Image.new("RGB", (drawing.width, drawing.height), LIGHT["paper"])
    pen = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if isinstance(shape, Rect):
            _rect(pen, shape)
        else:
            _line(pen, shape)
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _rect(pen: ImageDraw, shape: Rect) -> None:
    box = shape.box
    inside = (box.left, box.top, box.right - 1, box.bottom - 1)  # Pillow counts the last pixel in
    edge = max(round(shape.stroke), 1) if shape.stroke else 0
    pen.rectangle(inside, LIGHT[shape.tone], LIGHT["edge"] if edge else None, edge)


def _line(pen: ImageDraw, shape: Text) -> None:
    """Write a line. Pillow's own font holds little more than ASCII; other letters are written as escapes.

    They are when it is drawn, so that they fit; here it is the sign of what was cut off that still needs it.
    """
    from PIL import ImageFont

    font = ImageFont.load_default(shape.size)
    anchor = "mm" if shape.centred else "lm"
    pen.text((shape.x, shape.y), words.in_ascii(shape.text), LIGHT[shape.tone], font, anchor)
