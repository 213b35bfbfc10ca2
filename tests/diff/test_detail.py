"""Inside lists that differ: every difference is named, and nothing else."""

from __future__ import annotations

from typing import Any

from rtcctl.diff.detail import explode
from rtcctl.kinds import KINDS
from rtcctl.model.values import Value

MEMBERS = {path[-1]: (path, member) for path, member in KINDS["MixStreamJob"].leaves}


def exploded(name: str, old: Value, new: Value) -> dict[str, tuple[Value, Value]]:
    path, member = MEMBERS[name]
    return {".".join(where): (was, is_) for where, was, is_ in explode(path, member, old, new)}


def pane(number: int | None, **members: Any) -> dict[str, Any]:
    return ({} if number is None else {"id": number}) | {"user_id": "u1", **members}


def test_one_member_of_one_pane_is_named_by_the_number_of_the_pane() -> None:
    old, new = [pane(2), pane(1, x=0.1)], [pane(1, x=0.2), pane(2)]
    assert exploded("layout_panes", old, new) == {"mix_param.layout_panes[1].x": (0.1, 0.2)}


def test_an_added_and_a_removed_pane_are_shown_whole() -> None:
    found = exploded("layout_panes", [pane(1)], [pane(2)])
    assert found["mix_param.layout_panes[1]"] == ({"video_type": "CAMERASTREAM", **pane(1)}, None)
    assert found["mix_param.layout_panes[2]"] == (None, {"video_type": "CAMERASTREAM", **pane(2)})
    assert len(found) == 2


def test_a_member_that_is_added_to_a_pane_was_nothing_before() -> None:
    assert exploded("layout_panes", [pane(1)], [pane(1, zorder=3)]) == {"mix_param.layout_panes[1].zorder": (None, 3)}


def test_panes_without_a_number_are_named_by_their_place() -> None:
    found = exploded("layout_panes", [pane(None, x=0.1)], [pane(None, x=0.2)])
    assert found == {"mix_param.layout_panes[#1].x": (0.1, 0.2)}


def test_a_list_that_was_not_there_is_added_item_by_item() -> None:
    assert set(exploded("layout_panes", None, [pane(1), pane(2)])) == {
        "mix_param.layout_panes[1]",
        "mix_param.layout_panes[2]",
    }


def test_backgrounds_are_named_by_their_user() -> None:
    old, new = [{"user_id": "u1", "image_uri": "s3://b/1"}], [{"user_id": "u1", "image_uri": "s3://b/2"}]
    assert exploded("user_background_images", old, new) == {
        "mix_param.user_background_images[u1].image_uri": ("s3://b/1", "s3://b/2")
    }


def test_the_difference_is_shown_although_two_live_panes_have_one_number() -> None:
    old = [pane(1, x=0.1), pane(1, x=0.5)]
    new = [pane(1, x=0.2), pane(1, x=0.5)]
    assert exploded("layout_panes", old, new)


def test_a_plain_value_is_one_difference() -> None:
    assert exploded("room_id", "a", "b") == {"mix_param.room_id": ("a", "b")}


def test_a_list_of_plain_values_is_one_difference() -> None:
    path, member = next(each for each in KINDS["RecordRule"].leaves if each[0] == ("record_formats",))
    assert list(explode(path, member, ["MP4"], ["HLS"])) == [(path, ["MP4"], ["HLS"])]


def test_what_is_no_list_where_one_is_due_is_one_difference() -> None:
    assert exploded("layout_panes", "odd", [pane(1)]) == {"mix_param.layout_panes": ("odd", [pane(1)])}
