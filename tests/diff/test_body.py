"""Whole bodies: a PUT changes what differs and sends everything else as it is."""

from __future__ import annotations

from typing import Any

from rtcctl.diff.body import whole_body
from rtcctl.diff.compare import compare
from rtcctl.kinds import KINDS
from rtcctl.model.ledger import Entry
from rtcctl.model.values import Path, Secret

from .support import ECHO, KEY, MASK, MIX, RULE, URL, live, resource


def body(kind: str, want: Any, told: Any, last: Any = None, *ignored: Path) -> tuple[dict[str, Any], tuple[Path, ...]]:
    found = live(kind, told)
    entry = None if last is None else Entry({}, last)
    differences = compare(KINDS[kind], want, found, entry, frozenset(ignored)).differences
    made, masked = whole_body(KINDS[kind], resource(kind, want, *ignored), found.members, differences)
    return dict(made), masked


def test_a_rule_is_sent_with_what_is_declared_and_what_was_never_declared() -> None:
    want = {**RULE, "mp4_config": {"record_cycle": 3600}}
    assert body("RecordRule", want, ECHO)[0] == {
        "obs_addr": RULE["obs_addr"],
        "record_formats": ["MP4"],
        "mp4_config": {
            "record_cycle": 3600,
            "record_max_duration_to_merge_file": 0,
            "record_prefix": "Record/{stream}",
        },
    }


def test_no_config_of_a_format_that_is_not_requested_is_sent() -> None:
    want = {**RULE, "hls_config": {"record_cycle": 3600}}
    assert "hls_config" not in body("RecordRule", want, ECHO)[0]


def test_a_config_that_is_declared_empty_and_not_told_is_sent_empty() -> None:
    told = {name: value for name, value in ECHO.items() if name != "mp4_config"}
    assert body("RecordRule", RULE, told)[0]["mp4_config"] == {}


def test_a_member_that_is_reset_is_left_out() -> None:
    last = {**RULE, "mp4_config": {"record_cycle": 3600}}
    told = {**ECHO, "mp4_config": {"record_cycle": 3600, "record_max_duration_to_merge_file": 5}}
    assert body("RecordRule", RULE, told, last)[0]["mp4_config"] == {"record_max_duration_to_merge_file": 5}


def test_a_config_whose_members_are_all_reset_is_sent_empty_where_its_format_stays() -> None:
    want = {"obs_addr": RULE["obs_addr"], "record_formats": ["HLS"], "hls_config": {"record_cycle": 3600}}
    told = {"obs_addr": RULE["obs_addr"], "record_formats": ["MP4"], "mp4_config": {"record_cycle": 3600}}
    found, _ = body("RecordRule", want, told, told, ("record_formats",))
    assert found["record_formats"] == ["MP4"]
    assert found["mp4_config"] == {}


def test_an_ignored_member_is_sent_as_it_is_live() -> None:
    want = {**RULE, "mp4_config": {"record_cycle": 3600}, "obs_addr": {**RULE["obs_addr"], "bucket": "other"}}
    found, _ = body("RecordRule", want, ECHO, None, ("mp4_config", "record_cycle"))
    assert found["mp4_config"]["record_cycle"] == 7200
    assert found["obs_addr"]["bucket"] == "other"


def test_a_job_gets_the_documented_default_of_what_is_reset() -> None:
    last = {"mix_param": {**MIX, "max_idle_time": 60}}
    found, _ = body("MixStreamJob", {"mix_param": MIX}, last, last)
    assert found["mix_param"]["max_idle_time"] == 30


def test_a_template_is_sent_in_the_spelling_of_the_samples() -> None:
    found, _ = body("MixStreamJob", {"mix_param": {**MIX, "encode_template": "1280*720_15_2260"}}, {"mix_param": MIX})
    assert found["mix_param"]["encode_template"] == "1280x720_15_2260"


def test_a_callback_is_sent_with_the_live_key_that_nobody_declared() -> None:
    found, masked = body("RecordCallback", {"url": "https://new.example.com"}, {"url": URL, "auth_key": KEY.reveal()})
    assert found == {"url": "https://new.example.com", "auth_key": KEY}
    assert not masked


def test_a_masked_key_that_nobody_declared_is_reported() -> None:
    told = {"url": URL, "auth_key": MASK.reveal()}
    assert body("RecordCallback", {"url": "https://new.example.com"}, told)[1] == (("auth_key",),)


def test_a_masked_key_is_no_matter_where_one_is_declared() -> None:
    found, masked = body("RecordCallback", {"url": URL, "auth_key": KEY}, {"url": URL, "auth_key": MASK.reveal()})
    assert found["auth_key"] == KEY
    assert not masked


def test_an_ignored_key_that_is_masked_is_reported_though_declared() -> None:
    told = {"url": URL, "auth_key": MASK.reveal()}
    want = {"url": "https://new.example.com", "auth_key": KEY}
    assert body("RecordCallback", want, told, None, ("auth_key",))[1] == (("auth_key",),)


def test_a_url_whose_credentials_are_hidden_can_not_be_sent_again() -> None:
    told = {"url": "https://(secret)@a.example", "auth_key": KEY.reveal()}
    want = {"url": URL, "auth_key": Secret("fake-new-key-of-this-test", "env:K")}
    assert body("RecordCallback", want, told, None, ("url",))[1] == (("url",),)
    assert not body("RecordCallback", want, told)[1]


def test_a_key_that_is_reset_is_left_out_even_where_it_is_masked() -> None:
    found = live("RecordCallback", {"url": URL, "auth_key": MASK.reveal()})
    entry = Entry({}, {"url": URL, "auth_key": "was declared"})
    kind = KINDS["RecordCallback"]
    differences = compare(kind, {"url": URL}, found, entry).differences
    made, masked = whole_body(kind, resource("RecordCallback", {"url": URL}), found.members, differences)
    assert made == {"url": URL}
    assert not masked


def test_automatic_recording_that_is_off_sends_no_rule() -> None:
    told = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": "r1"}
    assert body("AutoRecordMode", {"mode": "AUTO_RECORD_OFF"}, told)[0] == {"mode": "AUTO_RECORD_OFF"}


def test_a_write_only_member_is_sent_as_declared_and_never_invented() -> None:
    told = {"bucket": "rec", "location": "cn-north-4", "is_authorized": True}
    want = {"bucket": "rec", "location": "cn-north-4", "project_id": "0123"}
    assert body("BucketAuthorization", want, told)[0] == want
    ignored, _ = body("BucketAuthorization", want, told, None, ("project_id",))
    assert ignored == want
    del want["project_id"]
    assert body("BucketAuthorization", want, told)[0] == want


def test_a_single_stream_job_always_says_which_video() -> None:
    want = {"room_id": "room1", "user_id": "u1", "record_param": {"record_rule_id": "r2"}}
    told = {**want, "record_param": {"record_rule_id": "r1"}}
    found, _ = body("IndividualStreamJob", want, told)
    assert found["video_type"] == "CAMERASTREAM"
    assert found["record_param"] == {"record_rule_id": "r2"}


def test_a_secret_in_a_body_is_still_a_secret() -> None:
    found, _ = body("RecordCallback", {"url": URL, "auth_key": KEY}, {})
    assert isinstance(found["auth_key"], Secret)
    assert KEY.reveal() not in repr(found)
