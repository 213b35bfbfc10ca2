"""Where pictures stand: inside the canvas, without overlap, everybody shown once."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from rtcctl.layout import Pane, Picture, Stream, arrange, canvas, nine_grids_view
from rtcctl.layout.picture import SCREEN

GRID = {"encode_template": "1920x1080_30_4620", "layout_template": "nine_grids_view"}


def users(count: int) -> list[Stream]:
    return [Stream(f"user{number}") for number in range(count)]


def share(side: str, *panes: dict[str, Any]) -> dict[str, Any]:
    return {
        "encode_template": "1280x720_15_2260",
        "layout_template": f"screen_share_{side}",
        "layout_panes": list(panes),
    }


def assert_tidy(panes: tuple[Pane, ...]) -> None:
    for pane in panes:
        assert pane.width > 0
        assert pane.height > 0
        assert pane.x >= -1e-9
        assert pane.y >= -1e-9
        assert pane.x + pane.width <= 1 + 1e-9
        assert pane.y + pane.height <= 1 + 1e-9
    for one, other in combinations(panes, 2):
        across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
        assert across < 1e-9 or down < 1e-9


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (4, 2, 2), (5, 3, 2), (9, 3, 3), (16, 4, 4), (25, 5, 5)]
)
def test_grid_grows_with_the_number_of_users(count: int, columns: int, rows: int) -> None:
    panes = nine_grids_view(users(count))
    assert_tidy(panes)
    assert len({round(pane.y, 6) for pane in panes}) == rows
    assert {round(pane.width, 6) for pane in panes} == {round(1 / columns, 6)}
    assert [pane.user_id for pane in panes] == [f"user{number}" for number in range(count)]


@pytest.mark.parametrize("count", range(26))
def test_every_grid_is_tidy_and_in_the_middle(count: int) -> None:
    panes = nine_grids_view(users(count))
    assert_tidy(panes)
    if panes:
        assert min(pane.y for pane in panes) == pytest.approx(1 - max(pane.y + pane.height for pane in panes))


def test_grid_shows_25_and_says_how_many_are_left_out() -> None:
    picture = arrange(GRID, users(27))
    assert len(picture.panes) == 25
    assert picture.note.endswith("2 more are not shown")
    assert picture.approximate


@pytest.mark.parametrize(("side", "left", "column"), [("left", 0.0, 0.8), ("right", 0.2, 0.0)])
def test_shared_screen_is_large_with_the_others_in_a_column(side: str, left: float, column: float) -> None:
    streams = [*users(3), Stream("user1", SCREEN)]
    picture = arrange(share(side, {"id": 1, "user_id": "", "filling_policy": "SHARED_SCREEN"}), streams)
    assert_tidy(picture.panes)
    large, *small = picture.panes
    assert (large.user_id, large.video_type, large.x, large.width) == ("user1", SCREEN, left, 0.8)
    assert [pane.user_id for pane in small] == ["user0", "user1", "user2"]
    assert {pane.x for pane in small} == {column}


def test_large_picture_waits_where_nobody_shares_a_screen() -> None:
    picture = arrange(share("left", {"filling_policy": "SHARED_SCREEN"}), users(1))
    assert (picture.panes[0].user_id, picture.panes[0].live) == ("", False)
    assert (picture.panes[1].user_id, picture.panes[1].live) == ("user0", True)


def test_large_picture_fills_the_canvas_when_it_is_alone() -> None:
    picture = arrange(share("right", {"user_id": "user0", "filling_policy": "FIXED_USER"}), users(1))
    assert picture.panes == (
        Pane(0.0, 0.0, 1.0, 1.0, user_id="user0", live=True, number=1, filling_policy="FIXED_USER"),
    )


def test_fixed_users_head_the_column_even_before_they_come() -> None:
    panes = ({"filling_policy": "SHARED_SCREEN"}, {"user_id": "host", "filling_policy": "FIXED_USER"})
    picture = arrange(share("left", *panes), [Stream("guest"), Stream("other")])
    assert [(pane.user_id, pane.live) for pane in picture.panes] == [
        ("", False), ("host", False), ("guest", True), ("other", True)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 4, 8, 9, 16, 20])
def test_column_holds_sixteen(count: int) -> None:
    picture = arrange(share("right", {"filling_policy": "SHARED_SCREEN"}), users(count))
    assert_tidy(picture.panes)
    assert len(picture.panes) == 1 + min(count, 16)


def test_custom_panes_stand_where_they_say_and_above_each_other() -> None:
    declared = [
        {"user_id": "a", "x": 0.75, "y": 0.75, "width": 0.25, "height": 0.25, "zorder": 2},
        {"user_id": "b", "video_type": SCREEN, "x": 0, "y": 0, "width": 1, "height": 1, "zorder": 0},
    ]
    mix = {"encode_template": "1280*720_30_1710", "layout_template": "custom", "layout_panes": declared}
    picture = arrange(mix, [Stream("a")])
    assert picture == Picture(
        1280,
        720,
        (
            Pane(0, 0, 1, 1, 0, "b", SCREEN, live=False, number=2),
            Pane(0.75, 0.75, 0.25, 0.25, 2, "a", live=True, number=1),
        ),
        template="custom",
    )


def test_sound_has_no_picture() -> None:
    picture = arrange({"encode_template": "audio_only", "layout_template": "custom"}, users(2))
    assert (picture.width, picture.panes) == (0, ())
    assert picture.note.startswith("sound only")


@pytest.mark.parametrize(
    "mix",
    [
        {"encode_template": "1280x720_15_2260"},
        {**share("left", {}), "layout_panes": None},
        {
            "encode_template": "1280x720_15_2260",
            "layout_template": "custom",
            "layout_panes": ["x", {"x": "a", "y": -4}],
        },
    ],
)
def test_what_is_missing_or_odd_does_no_harm(mix: dict[str, Any]) -> None:
    assert arrange(mix, users(2)).width == 1280


@pytest.mark.parametrize(
    ("text", "size"), [("480x360_15_320", (480, 360)), ("640*480_30_1000", (640, 480)), ("", (0, 0))]
)
def test_canvas_is_in_the_name_of_the_encode_template(text: str, size: tuple[int, int]) -> None:
    assert canvas(text) == size


def test_document_is_plain_json() -> None:
    document = arrange(GRID, users(1)).document()
    assert document["panes"][0] == {
        "x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0, "zorder": 0,
        "user_id": "user0", "video_type": "CAMERASTREAM", "live": True,
        "number": 1, "crop_mode": "", "filling_policy": "", "background": "",
    }  # fmt: skip
