"""Whom a picture is drawn with while nobody is in the room, and what panes say of crop, policy and background."""

from __future__ import annotations

from typing import Any

from rtcctl.layout import Stream, arrange, sample
from rtcctl.layout.picture import SCREEN

SIZE = {"encode_template": "1280x720_30_1710"}
HOST = {"id": 4, "user_id": "host", "filling_policy": "FIXED_USER"}
SHARED = {"id": 2, "user_id": "", "filling_policy": "SHARED_SCREEN"}


def mix(template: str, *panes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**SIZE, "layout_template": template, "layout_panes": list(panes), **more}


def test_users_whom_the_job_names_come_first():
    background = [{"user_id": "guest", "image_uri": "s3://b/g.png"}, {"user_id": "host", "image_uri": "s3://b/h.png"}]
    named = mix("nine_grids_view", HOST, user_background_images=background)
    assert sample(named, 4) == (Stream("host"), Stream("guest"), Stream("user 3"), Stream("user 4"))
    assert sample(named, 1) == (Stream("host"),)


def test_somebody_shares_the_screen_where_a_pane_is_for_it():
    streams = (Stream("user 1"), Stream("user 2"), Stream("", SCREEN))
    assert sample(mix("screen_share_left", SHARED), 2) == streams
    assert sample(mix("screen_share_left"), 2) == streams
    assert sample(mix("nine_grids_view"), 2) == streams[:2]
    fixed = {"user_id": "host", "video_type": SCREEN}
    assert sample(mix("screen_share_left", fixed), 1) == (Stream("host"), Stream("host", SCREEN))


def test_a_fixed_user_who_has_no_place_among_few_users_has_no_stream():
    panes: list[dict[str, Any]] = [SHARED, HOST, {"id": 9, "user_id": "late"}]
    picture = arrange(mix("screen_share_right", *panes), sample(mix("screen_share_right", *panes), 1))
    assert [(pane.number, pane.user_id, pane.live) for pane in picture.panes] == [
        (2, "", True), (4, "host", True), (9, "late", False)
    ]  # fmt: skip


def test_panes_without_a_declaration_count_on_from_the_highest_id():
    picture = arrange(mix("screen_share_left", SHARED, HOST), sample(mix("screen_share_left", SHARED, HOST), 3))
    assert [pane.number for pane in picture.panes] == [2, 4, 5, 6]
    assert [pane.filling_policy for pane in picture.panes] == ["SHARED_SCREEN", "FIXED_USER", "", ""]


def test_every_pane_of_a_custom_layout_has_its_stream_but_nobodys():
    panes: list[dict[str, Any]] = [
        {"user_id": "a", "crop_mode": "KEEP_RATIO_CROP"},
        {"user_id": "a"},
        {"user_id": ""},
        SHARED,
    ]
    found = sample(mix("custom", *panes), 25)
    assert found == (Stream("a"), Stream("", SCREEN))
    picture = arrange(mix("custom", *panes), found)
    assert [pane.live for pane in picture.panes] == [True, True, False, True]
    assert picture.panes[0].crop_mode == "KEEP_RATIO_CROP"
    assert not picture.approximate


def test_a_users_own_background_wins_and_screens_have_theirs():
    backgrounds = {
        "default_user_background_image": "s3://b/anybody.png",
        "screen_background_image": "s3://b/screen.png",
        "background_image": "s3://b/canvas.png",
        "user_background_images": [{"user_id": "host", "image_uri": "s3://b/host.png"}, "odd", {"user_id": 5}],
    }
    declared = mix("screen_share_left", SHARED, HOST, **backgrounds)
    picture = arrange(declared, sample(declared, 2))
    assert [pane.background for pane in picture.panes] == ["s3://b/screen.png", "s3://b/host.png", "s3://b/anybody.png"]
    assert picture.background == "s3://b/canvas.png"


def test_who_finds_no_place_in_the_column_is_counted():
    picture = arrange(mix("screen_share_left", SHARED), sample(mix("screen_share_left", SHARED), 18))
    assert picture.note.endswith("; 2 more are not shown")
    picture = arrange(mix("screen_share_left", SHARED), sample(mix("screen_share_left", SHARED), 17))
    assert picture.note.endswith("; 1 more is not shown")
