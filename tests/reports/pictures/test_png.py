"""PNG: the recording's own pixels with a caption below, and a kind word where Pillow is missing."""

from __future__ import annotations

import io
import sys

import pytest
from PIL import Image

from rtcctl.errors import UsageError
from rtcctl.layout import Stream, arrange
from rtcctl.reports.pictures.png import png
from rtcctl.reports.pictures.tones import LIGHT

from .layouts import LAYOUTS, hostile, picture


def opened(name: str) -> Image.Image:
    image = Image.open(io.BytesIO(png(picture(name), f"MixStreamJob/app/{name}")))
    image.load()
    return image


def colour(tone: str) -> tuple[int, ...]:
    return tuple(int(LIGHT[tone][at : at + 2], 16) for at in (1, 3, 5))


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_canvas_is_there_pixel_by_pixel_and_a_caption_below(name):
    image, drawn = opened(name), picture(name)
    assert (image.format, image.mode, image.width) == ("PNG", "RGB", drawn.width)
    assert drawn.height < image.height < drawn.height * 1.3
    assert image.getpixel((drawn.width - 1, image.height - 1)) == colour("paper")
    caption = image.crop((0, drawn.height, image.width, image.height))
    assert colour("ink") in {found for _, found in caption.getcolors(1 << 16) or ()}


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name != "odd"])
def test_every_pane_has_its_colour_inside_and_an_edge_around(name):
    image, drawn = opened(name), picture(name)
    for pane in drawn.panes:
        box = drawn.seen(pane)
        inside = image.getpixel((box.left + 5, box.top + 5))
        assert inside == colour(f"c{(pane.number - 1) % 8}")
        corners = [(box.left, box.top), (box.right - 1, box.top), (box.right - 1, box.bottom - 1)]
        assert [image.getpixel(corner) for corner in corners] == [colour("edge")] * 3


def test_the_higher_pane_is_on_top_and_the_canvas_shows_where_no_pane_is():
    assert opened("custom").getpixel((970, 550)) == colour("c1")
    assert opened("grid-5").getpixel((50, 50)) == colour("canvas")
    odd = opened("odd")
    assert odd.getpixel((70, 60)) == colour("c2")
    assert odd.getpixel((635, 60)) == colour("c0")


def test_foreign_text_does_no_harm():
    assert png(hostile(), "a\x00b").startswith(b"\x89PNG")


def test_without_pillow_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UsageError) as caught:
        png(picture("custom"), "a")
    assert "Pillow" in caught.value.message
    assert "pip install 'rtcctl[preview]'" in caught.value.mend


def test_names_that_are_written_as_escapes_stay_in_their_panes():
    panes = [
        {"id": 1, "user_id": "学生" * 16, "x": 0.25, "y": 0.25, "width": 0.25, "height": 0.5},
        {"id": 2, "user_id": "u2", "x": 0.75, "y": 0, "width": 0.25, "height": 0.5},
    ]
    mix = {"encode_template": "1280x720_30_1710", "layout_template": "custom", "layout_panes": panes}
    image = Image.open(io.BytesIO(png(arrange(mix, [Stream("学生" * 16), Stream("u2")]), "MixStreamJob/app/job")))
    outside = image.convert("RGB").crop((2, 180, 316, 540))
    assert outside.getcolors() == [(314 * 360, colour("canvas"))]
