"""Pictures in characters: as wide as the terminal, words before the drawing, nothing that moves a terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcctl.layout import Picture, arrange, sample
from rtcctl.model.cells import columns
from rtcctl.reports.pictures import words
from rtcctl.reports.pictures.blocks import blocks

from .layouts import LAYOUTS, SIZE, golden, hostile, picture


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_looks_as_it_did(name, width):
    found = blocks(picture(name), f"MixStreamJob/app/{name}", width=width) + "\n"
    assert found == golden(f"{name}-{width}.txt", found)
    assert all(columns(line) <= width for line in found.splitlines())


@pytest.mark.parametrize("name", ["custom", "odd", "left-20"])
def test_where_nothing_else_can_be_shown_it_is_ascii(name):
    found = blocks(picture(name), f"MixStreamJob/app/{name}", ascii_only=True) + "\n"
    assert found.isascii()
    assert found == golden(f"{name}-ascii.txt", found)


@pytest.mark.parametrize("ascii_only", [False, True])
@given(
    user=st.text(max_size=70),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
    width=st.floats(0, 1),
    height=st.floats(0, 1),
)
def test_any_name_anywhere_leaves_the_frame_whole(ascii_only: bool, user: str, **sides: float):
    panes: list[dict[str, Any]] = [
        {"id": 1, "user_id": user, **sides},
        {"id": 2, "user_id": user, **sides, "zorder": 1},
    ]
    mix = {**SIZE, "layout_template": "custom", "layout_panes": panes}
    found = blocks(arrange(mix, sample(mix, 1)), "a", ascii_only=ascii_only)
    assert "".join(found.split("\n")).isprintable()
    frame = [line for line in found.split("\n") if line[:1] in ("╔", "║", "╚", "#")]
    assert len(frame) == 24
    assert {columns(line) for line in frame} == {80}
    assert all(line[-1] in "╗║╝#" for line in frame)


def test_everything_is_said_in_words_before_it_is_drawn():
    said, _, drawn = blocks(picture("custom"), "MixStreamJob/app/lesson").partition("\n\n")
    assert said.splitlines() == [
        "MixStreamJob/app/lesson",
        "      custom, 1280×720 pixels, 3 panes",
        "      background of the canvas: s3://b/wall.png",
        "      1  teacher, screen  1280×720  at 0,0      zorder 0, whole with bars",
        "      2  teacher          320×180   at 960,540  zorder 1, edges cut off",
        "      3  student          320×180   at 640,540  zorder 1",
    ]
    assert re.findall(r"┌ (\d) ", drawn) == ["1", "3", "2"]


def test_colour_adds_nothing():
    def paint(tone: str, text: str) -> str:
        return f"<{tone}>{text}</{tone}>"

    coloured = blocks(picture("left-4"), "a", paint=paint)
    assert "<changed>approximate: the API Reference" in coloured
    assert re.sub(r"</?\w+>", "", coloured) == blocks(picture("left-4"), "a")


def test_sound_and_an_empty_room_are_told_in_words_alone():
    assert blocks(Picture(0, 0, note="sound only: no picture is recorded"), "a") == (
        "a\n      sound only: no picture is recorded"
    )
    assert "0 panes" in blocks(Picture(1280, 720, template="nine_grids_view"), "a")


def test_foreign_text_is_inert():
    found = blocks(hostile(), "a\x1b[2J")
    assert "\x1b" not in found
    assert "\u202e" not in found


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("学生会", 5, "学生…"), ("学", 1, "…"), ("a", 0, "")],
)
def test_texts_are_cut_by_columns(text, most, cut):
    assert words.cut(text, most) == cut
    assert columns(cut) <= most


def test_an_accent_takes_no_column_of_its_own():
    assert columns("e\u0301") == 1
    panes = [{"id": 1, "user_id": "Rene\u0301", "x": 0, "y": 0, "width": 1, "height": 1}]
    mix = {**SIZE, "layout_template": "custom", "layout_panes": panes}
    assert "║┌ 1 Rene\u0301 ─" in blocks(arrange(mix, sample(mix, 1)), "a")
