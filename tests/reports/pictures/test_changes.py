"""Before and after: what a plan tells of a job's layout is enough to draw both."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtcctl.diff.compare import compare
from rtcctl.kinds import KINDS
from rtcctl.layout import Picture, arrange, sample
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry
from rtcctl.model.plan import Action, Change, MemberChange
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Resource
from rtcctl.model.values import Mark
from rtcctl.planner.draft import Marks, differing_members
from rtcctl.reports.pictures.changes import figure, layouts
from tests.test_cases import CASES, planned

from .layouts import LESSON, SHARED, SIZE

JOB = Address("MixStreamJob", "a", "lesson")
GRID: dict[str, Any] = {**SIZE, "layout_template": "nine_grids_view"}
CUSTOM: dict[str, Any] = {**SIZE, "layout_template": "custom", "layout_panes": LESSON}

SHARES = st.sampled_from([0, 0.25, 0.5, 0.75, 1])
_OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "user_id": st.sampled_from(["a", "b"]),
    **dict.fromkeys(("x", "y", "width", "height"), SHARES),
    "zorder": st.integers(0, 3),
    "crop_mode": st.sampled_from(["KEEP_RATIO_CROP", "KEEP_RATIO_PADDING"]),
}
_ID: dict[str, st.SearchStrategy[Any]] = {"id": st.integers(1, 6)}
PANE = st.fixed_dictionaries(_ID, optional=_OPTIONAL)
OWN: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"user_id": st.sampled_from(["a", "b"]), "image_uri": st.sampled_from(["s3://b/1", "s3://b/2"])}
)
_MIX: dict[str, st.SearchStrategy[Any]] = {
    "encode_template": st.just(SIZE["encode_template"]),
    "layout_template": st.just("custom"),
    "layout_panes": st.lists(PANE, min_size=1, max_size=5, unique_by=lambda pane: int(pane["id"])),
    "background_image": st.sampled_from(["s3://b/1", "s3://b/2"]),
    "user_background_images": st.lists(OWN, min_size=1, max_size=2, unique_by=lambda each: str(each["user_id"])),
}
MIXES = st.fixed_dictionaries(_MIX)


def drawn(mix: dict[str, Any]) -> Picture:
    return arrange(mix, sample(mix))


def changed(before: dict[str, Any], after: dict[str, Any], action: Action = "update") -> Change:
    """What the planner makes of a job that is live as `before` and declared as `after`."""
    kind, resource = KINDS["MixStreamJob"], Resource(JOB, {"mix_param": after})
    last = Entry({}, {"mix_param": before})
    differences = compare(kind, resource.members, RemoteObject("MixStreamJob", {}, {"mix_param": before}), last)
    members = tuple(differing_members(resource, differences.differences, Marks(), frozenset()))
    return Change(JOB, action, members=members, entry=Entry({}, resource.members))


def by_pane(picture: Picture | None) -> tuple[Any, ...]:
    assert picture is not None
    panes = sorted(picture.panes, key=lambda pane: pane.number)
    return picture.width, picture.template, picture.background, panes


@settings(deadline=None)  # the first example loads DeepDiff
@given(before=MIXES, after=MIXES)
def test_any_custom_layout_is_taken_back_to_any_other(before: dict[str, Any], after: dict[str, Any]):
    found = layouts(changed(before, after))
    if found is None:
        assert by_pane(drawn(before)) == by_pane(drawn(after))
    else:
        assert by_pane(found.before) == by_pane(drawn(before))
        assert by_pane(found.after) == by_pane(drawn(after))


def test_a_template_that_changes_is_seen_on_both_sides():
    share = {**SIZE, "layout_template": "screen_share_left", "layout_panes": [SHARED]}
    found = layouts(changed(GRID, share, "replace"))
    assert found is not None
    assert (found.before, found.after) == (drawn(GRID), drawn(share))


@pytest.mark.parametrize(
    "name", ["replace-job-by-layout", "panes-differ-by-item", "layout-custom-to-custom-is-an-update"]
)
def test_plans_of_layouts_show_both(name):
    [found] = [layouts(change) for change in planned(CASES / name).changes if layouts(change)]
    assert found is not None
    assert found.before is not None
    assert found.before != found.after
    assert found.before.panes
    assert found.after.panes


def test_a_new_job_has_no_picture_before():
    members = (MemberChange(("mix_param", "layout_template"), None, "nine_grids_view"),)
    found = layouts(Change(JOB, "create", members=members, entry=Entry({}, {"mix_param": GRID})))
    assert found is not None
    assert (found.before, found.after) == (None, drawn(GRID))


@pytest.mark.parametrize(
    "change",
    [
        changed(GRID, {**GRID, "max_idle_time": 60}),
        changed(GRID, GRID),
        Change(JOB, "delete", members=(MemberChange(("mix_param", "layout_template"), "custom", None),)),
        Change(Address("App", "a"), "update", members=(MemberChange(("state",), "A", "B"),), entry=Entry({})),
        Change(JOB, "update", members=(MemberChange(("mix_param",), None, {}),), entry=Entry({}, {"mix_param": {}})),
    ],
)
def test_what_leaves_the_layout_alone_has_no_pictures(change):
    assert layouts(change) is None
    assert list(figure(change)) == []


@pytest.mark.parametrize("path", [("mix_param", "layout_panes[#2]", "x"), ("mix_param", "layout_panes[9]")])
def test_an_item_that_can_not_be_found_again_leaves_the_picture_before_out(path):
    change = Change(JOB, "update", members=(MemberChange(path, None, 0.5),), entry=Entry({}, {"mix_param": CUSTOM}))
    found = layouts(change)
    assert found is not None
    assert (found.before, found.after) == (None, drawn(CUSTOM))


def test_a_value_that_was_the_servers_own_is_not_drawn():
    members = (MemberChange(("mix_param", "background_image"), Mark("(not set)"), "s3://b/new.png"),)
    mix = {**GRID, "background_image": "s3://b/new.png"}
    found = layouts(Change(JOB, "update", members=members, entry=Entry({}, {"mix_param": mix})))
    assert found is not None
    assert found.before is not None
    assert (found.before.background, found.after.background) == ("", "s3://b/new.png")


def test_in_html_both_stand_side_by_side_in_words_too():
    moved = {**CUSTOM, "layout_panes": [{**LESSON[1], "x": 0, "user_id": "<b>&"}, LESSON[0]]}
    text = "".join(figure(changed(CUSTOM, moved)))
    root = ET.fromstring(text)
    assert (root.tag, root.get("class")) == ("figure", "layout")
    said = ["before: custom, 1280×720 pixels, 3 panes", "after: custom, 1280×720 pixels, 2 panes"]
    assert [each.text for each in root.iter("p")] == said
    assert [each.tag.rpartition("}")[2] for each in root.iter() if each.get("role") == "img"] == ["svg", "svg"]
    assert "<b>" not in text
    titles = [each.findtext("{http://www.w3.org/2000/svg}title") for each in root.iter() if each.get("role") == "img"]
    assert titles == said


def test_in_html_a_picture_that_is_not_exact_says_so_beside_it():
    share = {**SIZE, "layout_template": "screen_share_left", "layout_panes": [SHARED], "background_image": "s3://b/<i>"}
    root = ET.fromstring("".join(figure(changed(GRID, share, "replace"))))
    before, after = root
    approximate = "approximate: the API Reference gives no coordinates for this template"
    assert [each.text for each in before.findall("p")][1:] == [approximate]
    assert [each.text for each in after.findall("p")][1:] == [approximate, "background of the canvas: s3://b/<i>"]


def test_sound_that_takes_the_picture_away_leaves_the_one_before():
    sound = {"encode_template": "audio_only"}
    found = layouts(changed(GRID, sound, "replace"))
    assert found is not None
    assert found.after.width == 0
    assert len(ET.fromstring("".join(figure(changed(GRID, sound, "replace"))))) == 1
