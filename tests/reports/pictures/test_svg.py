"""SVG: well-formed, inert, nothing loaded, words for who can't see it, panes at their pixels."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from rtcctl.layout import Picture, arrange, hidden
from rtcctl.reports.pictures.svg import svg
from rtcctl.reports.pictures.tones import DARK, LIGHT

from .layouts import LAYOUTS, golden, hostile, picture

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "style", "rect", "text"}
ATTRIBUTES = {
    "class", "role", "viewBox", "width", "height", "font-family", "x", "y", "fill", "stroke", "stroke-width",
    "stroke-dasharray", "font-size", "text-anchor",
}  # fmt: skip


def checked(text: str) -> ET.Element:
    """The document, after a look at everything that it may hold."""
    root = ET.fromstring(text)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
        for name in ("x", "y", "width", "height", "font-size", "stroke-width"):
            assert float(element.get(name, "0")) >= 0
    assert root.get("role") == "img"
    assert [child.tag for child in root[:3]] == [f"{SVG}{name}" for name in ("title", "desc", "style")]
    [style] = root.iter(f"{SVG}style")
    assert re.fullmatch(
        r"@media \(prefers-color-scheme:dark\)\{(\.rtcctl-layout [.a-z0-9]+\{[^{}]*\})+\}", style.text or ""
    )
    for forbidden in ("http:", "https:", "url(", "@import", "<!", "<?", "javascript"):
        assert forbidden not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    return root


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_looks_as_it_did(name):
    found = svg(picture(name), f"MixStreamJob/app/{name}")
    checked(found)
    assert found == golden(f"{name}.svg", found)


@pytest.mark.parametrize("name", LAYOUTS)
def test_panes_stand_at_their_pixels_lowest_first(name):
    drawn = picture(name)
    root = checked(svg(drawn, "a"))
    rects = [each for each in root.iter(f"{SVG}rect") if each.find(f"{SVG}title") is not None]
    found = [tuple(int(each.get(side, "")) for side in ("x", "y", "width", "height")) for each in rects]
    seen = [drawn.seen(pane) for at, pane in enumerate(drawn.panes) if at not in hidden(drawn)]
    assert found == [(box.left, box.top, box.width, box.height) for box in seen]


def test_approximate_pictures_say_so_where_it_is_seen_and_where_it_is_read():
    for name in LAYOUTS:
        root = checked(svg(picture(name), "a"))
        texts = " ".join(each.text or "" for each in root.iter(f"{SVG}text"))
        description = root.findtext(f"{SVG}desc", "")
        assert ("approximate" in texts) == ("pproximate" in description) == (name not in ("custom", "odd"))


def test_who_can_not_see_it_reads_everything():
    root = checked(svg(picture("custom"), "MixStreamJob/app/lesson"))
    assert root.findtext(f"{SVG}title") == "MixStreamJob/app/lesson: custom, 1280×720 pixels, 3 panes"
    assert root.findtext(f"{SVG}desc") == (
        "Background of the canvas: s3://b/wall.png. "
        "Pane 1: teacher, screen, 1280×720 pixels at 0,0, zorder 0, whole with bars. "
        "Pane 2: teacher, 320×180 pixels at 960,540, zorder 1, edges cut off. "
        "Pane 3: student, 320×180 pixels at 640,540, zorder 1."
    )


def test_foreign_text_is_inert():
    text = svg(hostile(), "a")
    checked(text)
    assert "<script" not in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e\ud800]", text)


def test_a_picture_without_panes_says_so():
    root = checked(svg(Picture(1280, 720, template="nine_grids_view"), "a"))
    assert "nobody sends a picture" in [each.text for each in root.iter(f"{SVG}text")]


def test_a_pane_without_a_stream_is_dashed_and_says_so():
    panes = [{"id": 1, "user_id": "late", "x": 0, "y": 0, "width": 1, "height": 1}]
    mix = {"encode_template": "1280x720_30_1710", "layout_template": "custom", "layout_panes": panes}
    root = checked(svg(arrange(mix, ()), "a"))
    assert [each.get("class") for each in root.iter(f"{SVG}rect") if each.get("stroke-dasharray")] == ["absent"]
    assert "no stream" in [each.text for each in root.iter(f"{SVG}text")]


def test_inline_it_takes_the_width_that_there_is_and_leaves_the_caption_to_the_page():
    inline = checked(svg(picture("custom"), "a", inline=True))
    assert "width" not in inline.attrib
    assert inline.get("viewBox") == "0 0 1280 720"
    assert not any("pixels" in (each.text or "") for each in inline.iter(f"{SVG}text"))
    assert checked(svg(picture("custom"), "a")).get("width") == "1280"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_letters_stand_out_in_both_schemes(colours):
    grounds = [colour for tone, colour in colours.items() if tone not in ("ink", "soft", "edge")]
    for letters in ("ink", "soft"):
        for ground in grounds:
            low, high = sorted((_luminance(colours[letters]), _luminance(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4.5
