"""Pictures as a document that fits its schema."""

from __future__ import annotations

import jsonschema
import pytest

from rtcctl.layout import Picture
from rtcctl.model.address import Address
from rtcctl.reports.as_json import dumps
from rtcctl.reports.pictures.document import document
from rtcctl.schema import load

from .layouts import LAYOUTS, hostile, picture

JOB = Address("MixStreamJob", "a", "b")


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_fits_the_schema(name):
    found = document({JOB: picture(name)})
    jsonschema.validate(found, load("preview"))
    assert len(found["pictures"][0]["panes"]) == len(picture(name).panes)


def test_boxes_are_in_pixels_and_what_is_not_seen_is_told():
    [found] = document({JOB: picture("odd")})["pictures"]
    panes = {pane["number"]: pane for pane in found["panes"]}
    assert [panes[1][side] for side in ("left", "top", "width", "height")] == [384, 48, 512, 240]
    assert {number for number, pane in panes.items() if pane["out_of_sight"]} == {2, 5}
    assert not panes[4]["has_stream"]
    assert panes[4]["user_id"] is None


def test_sound_alone_has_no_size():
    [found] = document({JOB: Picture(0, 0, note="sound only")})["pictures"]
    assert (found["width"], found["panes"], found["note"], found["template"]) == (0, [], "sound only", None)


def test_foreign_text_is_escaped():
    assert "\x1b" not in dumps(document({JOB: hostile()}))
