"""The three-way rule, and the echoes that must never make a difference."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.diff.compare import compare
from rtcctl.diff.secrets import Relation, is_masked, relation
from rtcctl.kinds import KINDS
from rtcctl.model.ledger import Entry, Fingerprint
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Secret

from .support import ECHO, KEY, MASK, MIX, OTHER, RULE, URL, callback_entry, compared, differing, live

SINGLE: dict[str, Any] = {"room_id": "room1", "user_id": "u1", "record_param": {"record_rule_id": "r1"}}


def rule(**changed: Any) -> dict[str, Any]:
    return {**RULE, **changed}


def test_what_the_service_fills_in_makes_no_difference() -> None:
    assert not compared("RecordRule", RULE, ECHO, RULE).differences


def test_a_declared_member_is_compared_with_live_and_not_with_what_was_last_applied() -> None:
    last = rule(mp4_config={"record_cycle": 3600})
    found = compared("RecordRule", rule(mp4_config={"record_cycle": 3600}), ECHO, last)
    assert [(each.path, each.old, each.new, each.reset) for each in found.differences] == [
        (("mp4_config", "record_cycle"), 7200, 3600, False)
    ]
    assert found.equal == 4


def test_a_member_that_is_no_longer_declared_is_reset() -> None:
    found = compared(
        "RecordRule", RULE, {**ECHO, "mp4_config": {"record_cycle": 3600}}, rule(mp4_config={"record_cycle": 3600})
    )
    (only,) = found.differences
    assert (only.path, only.old, only.new, only.reset) == (("mp4_config", "record_cycle"), 3600, None, True)


@pytest.mark.parametrize("told", [7200, None])
def test_a_reset_to_what_holds_already_is_no_difference(told: int | None) -> None:
    assert not differing(
        "RecordRule", RULE, {**ECHO, "mp4_config": {"record_cycle": told}}, rule(mp4_config={"record_cycle": 3600})
    )


def test_a_member_that_was_never_declared_is_not_compared() -> None:
    echo = {**ECHO, "mp4_config": {"record_cycle": 60}}
    assert not differing("RecordRule", RULE, echo, RULE)
    assert not differing("RecordRule", RULE, echo, None)


@pytest.mark.parametrize("ignored", [("mp4_config", "record_cycle"), ("mp4_config",)])
def test_an_ignored_member_is_not_compared_neither_declared_nor_dropped(ignored: tuple[str, ...]) -> None:
    echo = {**ECHO, "mp4_config": {"record_cycle": 60}}
    last = rule(mp4_config={"record_cycle": 3600})
    assert not differing("RecordRule", rule(mp4_config={"record_cycle": 3600}), echo, last, ignored)
    assert not differing("RecordRule", RULE, echo, last, ignored)


def test_ignoring_one_member_does_not_ignore_its_neighbour() -> None:
    want = rule(obs_addr={**RULE["obs_addr"], "bucket": "other"}, mp4_config={"record_cycle": 60})
    assert differing("RecordRule", want, ECHO, None, ("mp4_config",)) == {"obs_addr.bucket"}


def test_the_config_of_a_format_that_is_not_requested_is_not_compared() -> None:
    assert not differing("RecordRule", rule(hls_config={"record_cycle": 3600}), ECHO)


def test_the_order_of_formats_means_nothing() -> None:
    both = rule(record_formats=["MP4", "HLS"])
    assert not differing("RecordRule", both, {**ECHO, "record_formats": ["HLS", "MP4"]})
    assert differing("RecordRule", both, ECHO) == {"record_formats"}


@pytest.mark.parametrize(("want", "told"), [("", None), (None, ""), ("", ""), (None, None)])
def test_an_empty_text_says_the_same_as_none(want: str | None, told: str | None) -> None:
    addr = {**RULE["obs_addr"], **({} if want is None else {"object": want})}
    assert not differing("RecordRule", rule(obs_addr=addr), {**ECHO, "obs_addr": {**RULE["obs_addr"], "object": told}})


def test_a_free_text_that_the_service_does_not_tell_is_taken_to_be_empty() -> None:
    want = rule(obs_addr={**RULE["obs_addr"], "object": "Record/"})
    assert differing("RecordRule", want, ECHO, want) == {"obs_addr.object"}


def test_two_spellings_of_one_template_are_equal() -> None:
    assert not differing(
        "MixStreamJob", {"mix_param": MIX}, {"mix_param": {**MIX, "encode_template": "1280*720_15_2260"}}
    )
    other = {"mix_param": {**MIX, "encode_template": "1280*720_15_1130"}}
    assert differing("MixStreamJob", {"mix_param": MIX}, other) == {"mix_param.encode_template"}


@pytest.mark.parametrize("told", [{}, {"max_idle_time": 0}, {"max_idle_time": None}, {"max_idle_time": "60"}])
def test_an_idle_time_that_is_not_told_or_is_a_slip_is_as_last_applied(told: dict[str, Any]) -> None:
    want = {"mix_param": {**MIX, "max_idle_time": 60}}
    assert not differing("MixStreamJob", want, {"mix_param": {**MIX, **told}}, want)


def test_an_idle_time_that_is_not_told_and_was_never_applied_is_the_default() -> None:
    want = {"mix_param": {**MIX, "max_idle_time": 60}}
    assert differing("MixStreamJob", want, {"mix_param": MIX}) == {"mix_param.max_idle_time"}
    assert not differing("MixStreamJob", {"mix_param": {**MIX, "max_idle_time": 30}}, {"mix_param": MIX})


def test_members_that_audio_only_ignores_are_not_compared() -> None:
    audio = {
        "room_id": "room1",
        "encode_template": "audio_only",
        "layout_template": "custom",
        "background_image": "s3://b/x",
    }
    assert not differing(
        "MixStreamJob",
        {"mix_param": audio},
        {"mix_param": {**audio, "layout_template": "nine_grids_view", "background_image": ""}},
    )
    assert differing("MixStreamJob", {"mix_param": {**audio, "room_id": "room2"}}, {"mix_param": audio}) == {
        "mix_param.room_id"
    }


def test_the_rule_of_automatic_recording_that_is_off_is_not_compared() -> None:
    off = {"mode": "AUTO_RECORD_OFF", "record_rule_id": "r1"}
    assert not differing("AutoRecordMode", off, {"mode": "AUTO_RECORD_OFF"})
    assert differing("AutoRecordMode", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": "r1"}, off) == {"mode"}


def test_the_state_of_an_app_in_arrears_is_not_compared() -> None:
    arrears = {"app_id": "a1", "app_name": "a", "state": {"state": "ARREARS"}}
    assert not differing("App", {"app_name": "a", "state": "ACTIVATION"}, arrears)


def test_flags_of_single_stream_jobs_that_are_not_told_are_their_defaults() -> None:
    assert not differing(
        "IndividualStreamJob", {**SINGLE, "is_record_audio": True, "select_stream_type": "FHD"}, SINGLE
    )
    assert differing("IndividualStreamJob", {**SINGLE, "is_record_audio": False}, SINGLE) == {"is_record_audio"}
    assert differing("IndividualStreamJob", {**SINGLE, "video_type": "SCREENSTREAM"}, SINGLE) == {"video_type"}


def bucket(project: str | None) -> dict[str, Any]:
    return {"bucket": "rec", "location": "cn-north-4", **({} if project is None else {"project_id": project})}


@pytest.mark.parametrize(
    ("want", "last", "differs"),
    [
        ("0123", bucket("0123"), False),
        ("4567", bucket("0123"), True),
        ("0123", None, False),
        (None, bucket("0123"), False),
    ],
)
def test_a_write_only_member_is_compared_with_what_was_last_applied(want: str | None, last: Any, differs: bool) -> None:
    found = differing("BucketAuthorization", bucket(want), {**bucket(None), "is_authorized": True}, last)
    assert found == ({"project_id"} if differs else set())


def pane(**members: Any) -> dict[str, Any]:
    return {"id": 1, "user_id": "u1", "x": 0.1, "y": 0, "width": 0.5, "height": 1, **members}


def panes_differ(want: list[Any], told: list[Any] | None) -> bool:
    found = {"mix_param": {**MIX, "layout_panes": told}}
    return bool(differing("MixStreamJob", {"mix_param": {**MIX, "layout_panes": want}}, found))


@pytest.mark.parametrize(
    ("want", "told"),
    [
        ([pane()], [pane(x=0.10000000149, width=0.5)]),
        ([pane(x=1)], [pane(x=1.0)]),
        ([pane(x=0.3333333)], [pane(x=0.33333334)]),
        ([pane()], [pane(video_type="CAMERASTREAM")]),
        ([pane(user_id="")], [pane(user_id=None)]),
        ([pane(id=1), pane(id=2), pane(id=10)], [pane(id=10), pane(id=2), pane(id=1)]),
        ([], None),
        ([pane()], [pane(unheard_of="x")]),
    ],
)
def test_panes_that_say_the_same_are_equal(want: list[Any], told: list[Any] | None) -> None:
    assert not panes_differ(want, told)


@pytest.mark.parametrize(
    ("want", "told"),
    [
        ([pane()], [pane(x=0.1001)]),
        ([pane()], [pane(video_type="SCREENSTREAM")]),
        ([pane()], [pane(), pane(id=2)]),
        ([pane()], []),
        ([pane()], None),
        ([pane(user_id="u2")], [pane()]),
    ],
)
def test_panes_that_say_something_else_differ(want: list[Any], told: list[Any] | None) -> None:
    assert panes_differ(want, told)


@pytest.mark.parametrize(
    ("want", "have", "last", "how"),
    [
        (KEY, KEY, None, "equal"),
        (KEY, OTHER, None, "different"),
        (KEY, OTHER, Fingerprint.of(KEY, KEY), "different"),
        (KEY, None, None, "unset"),
        (KEY, Secret("", "live"), Fingerprint.of(KEY, KEY), "unset"),
        (Secret("", "env:KEY"), None, None, "equal"),
        (KEY, MASK, None, "unknown"),
        (KEY, MASK, Fingerprint.of(KEY, MASK), "equal"),
        (KEY, MASK, Fingerprint.of(KEY), "equal"),
        (KEY, MASK, Fingerprint.of(OTHER, MASK), "different"),
        (KEY, Secret("fa***56", "live"), Fingerprint.of(KEY, MASK), "different"),
    ],
)
def test_how_a_live_secret_stands_to_the_declared_one(
    want: Secret, have: Secret | None, last: Fingerprint | None, how: Relation
) -> None:
    assert relation(want, have, last) == how
    found = compare(
        KINDS["RecordCallback"],
        {"url": URL, "auth_key": want},
        live("RecordCallback", {"url": URL, "auth_key": have.reveal() if have else None}),
        Entry({}, {"url": URL}, {"auth_key": last} if last else {}),
    )
    assert [each.relation for each in found.differences] == ([] if how == "equal" else [how])


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        ("****", True),
        ("ab***yz", True),
        ("••••", True),
        ("XxX", True),
        ("", False),
        ("fake-key", False),
        ("a**b", False),
    ],
)
def test_what_counts_as_a_mask(shown: str, masked: bool) -> None:
    assert is_masked(Secret(shown, "live")) is masked


def test_a_secret_that_is_no_longer_declared_is_reset_while_one_is_set() -> None:
    kind = KINDS["RecordCallback"]
    had = callback_entry(KEY, KEY)
    (only,) = compare(
        kind, {"url": URL}, live("RecordCallback", {"url": URL, "auth_key": KEY.reveal()}), had
    ).differences
    assert only.reset
    assert only.relation == "different"
    for told in ("", None):
        assert not compare(kind, {"url": URL}, live("RecordCallback", {"url": URL, "auth_key": told}), had).differences


def test_a_secret_that_was_never_declared_is_left_alone() -> None:
    found = live("RecordCallback", {"url": URL, "auth_key": KEY.reveal()})
    assert not compare(KINDS["RecordCallback"], {"url": URL}, found, callback_entry(None, None)).differences


def test_a_secret_that_the_service_never_tells_is_judged_by_what_was_sent() -> None:
    silent = Fingerprint.of(KEY)
    assert relation(KEY, None, silent) == "equal"
    assert relation(OTHER, None, silent) == "unset"


def test_a_secret_that_was_told_and_is_gone_is_unset() -> None:
    told = Fingerprint.of(KEY, KEY)
    assert relation(KEY, None, told) == "unset"


def test_a_job_member_without_a_default_is_not_said_to_be_reset() -> None:
    plain = {"mix_param": {"room_id": "room1", "encode_template": "1280x720_15_2260"}}
    image = {"mix_param": {**plain["mix_param"], "background_image": "s3://b/x.jpg"}}
    assert not compared("MixStreamJob", plain, image, image).differences


def test_what_can_not_be_changed_and_was_never_told_forces_nothing() -> None:
    """An object is not torn down for a member that can't be seen."""
    assert differing("MixStreamJob", {"mix_param": MIX}, {}) == set()
    assert differing("MixStreamJob", {"mix_param": MIX}, {"mix_param": {**MIX, "room_id": "other"}}) == {
        "mix_param.room_id"
    }


def test_a_required_member_that_is_no_longer_declared_is_not_reset() -> None:
    both = {**RULE, "record_formats": ["HLS", "MP4"]}
    applied = {**both, "hls_config": {"record_cycle": 3600}}
    assert differing("RecordRule", both, applied, applied) == set()


def test_a_secret_that_was_applied_and_not_read_is_reset_all_the_same() -> None:
    unread = RemoteObject("RecordCallback", {}, {"url": URL}, assumed=True)
    [found] = compare(KINDS["RecordCallback"], {"url": URL}, unread, callback_entry(KEY, KEY)).differences
    assert (found.reset, found.relation, found.old) == (True, "unknown", None)


def test_what_was_not_read_is_compared_with_what_was_applied() -> None:
    unread = RemoteObject("RecordCallback", {}, {"url": URL}, assumed=True)
    kind, entry = KINDS["RecordCallback"], callback_entry(KEY, KEY)
    assert not compare(kind, {"url": URL, "auth_key": KEY}, unread, entry).differences
    [found] = compare(kind, {"url": URL, "auth_key": OTHER}, unread, entry).differences
    assert found.relation == "different"
