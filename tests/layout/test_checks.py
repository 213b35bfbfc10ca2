"""Panes that are most likely an accident are told of, and those that are meant are not."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.layout import Stream, arrange, flaws, hidden

FULL = {"x": 0, "y": 0, "width": 1, "height": 1}


def custom(*panes: Any, template: str = "custom", size: str = "1280x720_30_1710") -> dict[str, Any]:
    return {"encode_template": size, "layout_template": template, "layout_panes": list(panes)}


def pane(number: int, x: float, y: float, width: float, height: float, zorder: int | None = None) -> dict[str, Any]:
    found = {"id": number, "user_id": f"u{number}", "x": x, "y": y, "width": width, "height": height}
    return found if zorder is None else {**found, "zorder": zorder}


def said(*panes: Any, **others: str) -> list[tuple[int, str]]:
    found = list(flaws(custom(*panes, **others)))
    assert all(flaw.mend for flaw in found)
    return [(flaw.index, flaw.message) for flaw in found]


def test_a_picture_within_a_picture_is_meant():
    assert said(pane(1, 0, 0, 1, 1, 0), pane(2, 0.75, 0.75, 0.25, 0.25, 1), pane(3, 0.5, 0.75, 0.25, 0.25, 1)) == []


def test_panes_that_touch_do_not_overlap_even_when_written_with_three_digits():
    thirds = [pane(at, share, 0, 0.334, 1) for at, share in enumerate((0, 0.333, 0.666), 1)]
    assert said(*thirds) == []
    assert said(*thirds, size="480x360_15_320") == []


def test_panes_on_one_layer_overlap_by_accident_each_told_of_once():
    panes = [pane(1, 0, 0, 0.6, 1), pane(2, 0.5, 0, 0.5, 1), pane(3, 0.4, 0, 0.6, 1, 0)]
    assert said(*panes) == [
        (1, "pane 2 overlaps pane 1 at the same zorder 0"),
        (2, "pane 3 overlaps pane 1 and pane 2 at the same zorder 0"),
    ]


def test_a_pane_without_zorder_lies_lowest():
    assert said(pane(1, 0, 0, 1, 1), pane(2, 0.5, 0.5, 0.5, 0.5, 1)) == []


@pytest.mark.parametrize("rim", [0.0, 0.0005])
def test_a_pane_under_another_is_hidden(rim):
    found = said(pane(1, 0.1, 0.1, 0.2, 0.2, 1), pane(2, 0.1 + rim, 0.1 + rim, 0.4, 0.4, 2))
    assert found == [(0, "pane 1 is hidden wholly by pane 2")]


def test_several_panes_hide_one_together():
    quarters = [pane(at, x, y, 0.5, 0.5, 3) for at, (x, y) in enumerate([(0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5)], 2)]
    assert said(pane(1, 0, 0, 1, 1, 0), *quarters) == [
        (0, "pane 1 is hidden wholly by pane 2, pane 3, pane 4 and pane 5")
    ]
    assert said(pane(1, 0, 0, 1, 1, 0), *quarters[1:]) == []


def test_what_is_off_the_canvas_does_not_keep_a_pane_in_sight():
    found = said(pane(1, 0.9, 0.9, 0.3, 0.1, 0), pane(2, 0.8, 0.8, 0.2, 0.2, 1))
    assert found == [
        (0, "pane 1 leaves the canvas by 256 pixels to the right"),
        (0, "pane 1 is hidden wholly by pane 2"),
    ]


def test_a_pane_leaves_the_canvas_to_the_right_and_below():
    assert said(pane(7, 0.5, 0.75, 0.75, 0.5)) == [
        (0, "pane 7 leaves the canvas by 320 pixels to the right and 180 pixels below")
    ]
    assert said(pane(7, 0.5, 0.5, 0.501, 0.502)) == []


@pytest.mark.parametrize("where", [{"x": 1, "y": 0}, {"x": 0, "y": 0.9999}])
def test_a_pane_off_the_canvas_is_told_of(where):
    assert said({"id": 3, **where, "width": 0.5, "height": 0.5}) == [(0, "nothing of pane 3 is on the canvas")]


@pytest.mark.parametrize(
    ("panes", "words"),
    [
        ({"id": 1}, "pane 1 has no width and no height"),
        ({"x": 0, "y": 0, "width": 1, "height": 0}, "pane 1 of the list has no height"),
        ({"id": 4, "height": 1}, "pane 4 has no width"),
    ],
)
def test_a_pane_without_a_size_is_not_seen(panes, words):
    assert said(panes) == [(0, f"{words}: nothing of it is seen")]


def test_shared_ids_are_told_at_the_later_pane():
    panes = [pane(1, 0, 0, 0.5, 1), pane(2, 0.5, 0, 0.5, 0.5), pane(1, 0.5, 0.5, 0.5, 0.5)]
    assert said(*panes) == [(2, "another pane has id 1, too")]
    assert said({**FULL, "id": None, "zorder": 0}, {"width": 0.5, "height": 0.5, "zorder": 1}) == []


@pytest.mark.parametrize(("template", "most"), [("custom", 25), ("screen_share_right", 17)])
def test_more_panes_than_are_shown(template, most):
    panes = [pane(at, at / 64, 0, 1 / 64, 1) if template == "custom" else {"id": at} for at in range(most + 2)]
    assert said(*panes[:most], template=template) == []
    assert said(*panes, template=template) == [(most, f"{template} shows up to {most} panes, {most + 2} are declared")]


@pytest.mark.parametrize(
    "mix",
    [
        {},
        custom({"id": 1}, size="audio_only"),
        {"encode_template": "1280x720_30_1710", "layout_template": "custom"},
        {"encode_template": "1280x720_30_1710", "layout_panes": [{"id": 1}]},
        custom("no pane"),
    ],
)
def test_where_no_panes_are_drawn_nothing_is_said(mix):
    assert list(flaws(mix)) == []


def test_what_is_hidden_in_a_picture_is_known_by_its_place():
    mix = custom(pane(1, 0, 0, 0.5, 1, 0), pane(2, 0, 0, 0.5, 1, 1), pane(3, 1, 0, 0.5, 1), pane(4, 0, 0, 1, 1, 0))
    picture = arrange(mix, [Stream("u1")])
    assert {picture.panes[at].number for at in hidden(picture)} == {1, 3}


@pytest.mark.parametrize("template", ["custom", "screen_share_left", "nine_grids_view"])
def test_an_id_given_twice_is_told_of_in_every_template(template):
    found = said({**FULL, "id": 1, "zorder": 0}, {"id": 1, **FULL, "zorder": 1}, template=template)
    assert (1, "another pane has id 1, too") in found


def test_members_of_panes_that_a_template_does_not_look_at_are_told_of():
    assert said({"id": 1, "x": 0, "crop_mode": "KEEP_RATIO_CROP"}, {"id": 2}, template="screen_share_right") == [
        (0, "x and crop_mode have no effect with screen_share_right")
    ]
    assert said({**FULL, "id": 1, "filling_policy": "FIXED_USER"}) == [(0, "filling_policy has no effect with custom")]
    assert said({"id": 1, "filling_policy": "FIXED_USER"}, template="screen_share_left") == []


def test_a_grid_is_not_known_to_use_panes():
    assert said({"id": 1}, {"id": 2}, template="nine_grids_view") == [
        (0, "nine_grids_view places everybody by itself, and is not known to use panes")
    ]
    assert said(template="nine_grids_view") == []
