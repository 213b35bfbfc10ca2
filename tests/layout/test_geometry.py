"""Properties of every layout: within the canvas, nobody twice, boxes that touch, and nothing that any input breaks."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcctl.layout import Box, Pane, Picture, arrange, flaws, hidden, sample

SIZES = ("1920x1080_30_4620", "1280*720_15_2260", "640x480_15_500", "480x360_15_320")
GRIDS = ("nine_grids_view", "screen_share_left", "screen_share_right")
SHARES = st.floats(0, 1) | st.sampled_from([0, 1, 0.25, 0.333, 0.5, None, "x", float("nan"), float("inf"), -1, 10**400])
PANES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers(1, 25),
        "user_id": st.sampled_from(["", "a", "b", "c"]),
        "video_type": st.sampled_from(["CAMERASTREAM", "SCREENSTREAM"]),
        "x": SHARES,
        "y": SHARES,
        "width": SHARES,
        "height": SHARES,
        "zorder": st.integers(0, 24),
        "filling_policy": st.sampled_from(["FIXED_USER", "SHARED_SCREEN"]),
    },
)
BACKGROUNDS: dict[str, st.SearchStrategy[Any]] = {
    "default_user_background_image": st.just("s3://b/default.png"),
    "screen_background_image": st.just("s3://b/screen.png"),
    "user_background_images": st.lists(st.just({"user_id": "a", "image_uri": "s3://b/a.png"}), max_size=2),
}


def mixes(*templates: str) -> st.SearchStrategy[dict[str, Any]]:
    declared: dict[str, st.SearchStrategy[Any]] = {
        "encode_template": st.sampled_from(SIZES),
        "layout_template": st.sampled_from(templates),
        "layout_panes": st.lists(PANES | st.just("no pane"), min_size=1, max_size=30),
    }
    return st.fixed_dictionaries(declared, optional=BACKGROUNDS)


def shared(template: str, size: str) -> dict[str, Any]:
    panes = [{"id": 1, "user_id": "", "filling_policy": "SHARED_SCREEN"}]
    return {"encode_template": size, "layout_template": template, "layout_panes": panes}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("template", GRIDS)
def test_every_number_of_users_gives_panes_on_the_canvas_that_do_not_overlap(template, size):
    for users in range(1, 26):
        mix = shared(template, size)
        picture = arrange(mix, sample(mix, users))
        boxes = [picture.box(pane) for pane in picture.panes]
        assert len(boxes) == (users if template == "nine_grids_view" else 1 + min(users, 16))
        assert [picture.seen(pane) for pane in picture.panes] == boxes
        assert all(box.width > 20 and box.height > 20 for box in boxes)
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
        assert [pane.number for pane in picture.panes] == list(range(1, len(boxes) + 1))
        assert len({(pane.user_id, pane.video_type) for pane in picture.panes}) == len(boxes)
        assert all(pane.live for pane in picture.panes)
        assert picture.approximate
        assert picture.note.startswith("approximate: ")
        assert not hidden(picture)


@given(mix=mixes("custom", *GRIDS, "other"), users=st.integers(1, 25))
def test_whatever_is_declared_is_seen_on_the_canvas_only(mix: dict[str, Any], users: int):
    picture = arrange(mix, sample(mix, users))
    for pane in picture.panes:
        box, seen = picture.box(pane), picture.seen(pane)
        assert 0 <= seen.left <= seen.right <= picture.width
        assert 0 <= seen.top <= seen.bottom <= picture.height
        assert seen.width <= box.width
        assert seen.height <= box.height
    assert hidden(picture) <= set(range(len(picture.panes)))
    assert len(picture.panes) <= 25
    assert [pane.zorder for pane in picture.panes] == sorted(pane.zorder for pane in picture.panes)
    assert all(0 <= flaw.index < len(mix["layout_panes"]) for flaw in flaws(mix))


@given(mix=mixes("custom"))
def test_what_is_hidden_wholly_is_warned_of(mix: dict[str, Any]):
    picture = arrange(mix, ())
    declared = [pane for pane in mix.get("layout_panes") or () if isinstance(pane, dict)]
    if hidden(picture) and len(declared) <= 25:
        assert list(flaws(mix))


@given(cuts=st.lists(st.integers(0, 64), min_size=2, max_size=8, unique=True), width=st.sampled_from([1920, 1280, 640]))
def test_panes_that_share_an_edge_share_it_in_pixels(cuts: list[int], width: int):
    picture, edges = Picture(width, 360), [cut / 64 for cut in sorted(cuts)]
    boxes = [picture.box(Pane(left, 0, right - left, 1)) for left, right in pairwise(edges)]
    assert all(one.right == other.left for one, other in pairwise(boxes))


def test_boxes_overlap_by_more_than_the_slack():
    assert Box(0, 0, 10, 10).overlaps(Box(9, 9, 20, 20))
    assert not Box(0, 0, 10, 10).overlaps(Box(9, 9, 20, 20), slack=1)
    assert not Box(0, 0, 10, 10).overlaps(Box(10, 0, 20, 20))
