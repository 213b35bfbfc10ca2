"""What moved since the last apply: live against last-applied, member by member."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.diff.drift import moved, paths
from rtcctl.kinds import KINDS
from rtcctl.model.ledger import Entry, Fingerprint
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Secret

from .support import ECHO, KEY, MASK, MIX, OTHER, RULE, URL, live

CONFIG_ALONE = {"mp4_config": {"record_cycle": 60}}
"""What is on record of a rule whose record_formats are in `ignore_changes`."""


def drifted(kind: str, applied: Any, found: Any, **prints: Fingerprint) -> set[str]:
    entry = Entry({}, applied, prints)
    return {".".join(path) for path in paths(moved(KINDS[kind], entry, live(kind, found)))}


def test_an_echo_with_defaults_filled_in_did_not_move() -> None:
    assert drifted("RecordRule", RULE, ECHO) == set()


@pytest.mark.parametrize(
    ("kind", "applied", "found", "expected"),
    [
        ("RecordRule", RULE, {**ECHO, "record_formats": ["MP4", "HLS"]}, {"record_formats"}),
        ("RecordRule", {**RULE, "record_formats": ["HLS", "MP4"]}, {**ECHO, "record_formats": ["MP4", "HLS"]}, set()),
        ("RecordRule", {**RULE, "mp4_config": {"record_cycle": 60}}, ECHO, {"mp4_config.record_cycle"}),
        ("RecordRule", RULE, {**ECHO, "mp4_config": {"record_cycle": 60}}, set()),
        ("MixStreamJob", {"mix_param": MIX}, {"mix_param": {**MIX, "encode_template": "1280*720_15_2260"}}, set()),
        ("MixStreamJob", {"mix_param": {**MIX, "background_image": ""}}, {"mix_param": MIX}, set()),
        (
            "MixStreamJob",
            {"mix_param": {**MIX, "background_image": "s3://b/1"}},
            {"mix_param": MIX},
            {"mix_param.background_image"},
        ),
        ("AutoRecordMode", {"mode": "AUTO_RECORD_OFF"}, {"mode": "AUTO_RECORD_OFF", "record_rule_id": "r"}, set()),
        ("App", {"app_name": "a"}, {"app_name": "a", "state": {"state": "DEACTIVATION"}}, set()),
        ("RecordRule", CONFIG_ALONE, ECHO, {"mp4_config.record_cycle"}),
        ("RecordRule", CONFIG_ALONE, {**ECHO, "record_formats": ["HLS"]}, set()),
        ("AutoRecordMode", {"record_rule_id": "r"}, {"mode": "AUTO_RECORD_OFF", "record_rule_id": "q"}, set()),
        ("BucketAuthorization", {"bucket": "b", "project_id": "1"}, {"bucket": "b"}, set()),
    ],
)  # fmt: skip
def test_only_what_was_applied_is_judged_in_its_normal_form(
    kind: str, applied: Any, found: Any, expected: set[str]
) -> None:
    assert drifted(kind, applied, found) == expected


def test_what_the_service_leaves_out_of_its_answer_is_as_it_was() -> None:
    assert drifted("RecordRule", {**RULE, "mp4_config": {"record_cycle": 60}}, {**RULE, "mp4_config": {}}) == set()


def test_old_is_what_was_applied_and_new_what_is_live() -> None:
    [found] = moved(KINDS["RecordCallback"], Entry({}, {"url": URL}), live("RecordCallback", {"url": "http://new"}))
    assert (found.old, found.new, found.relation) == (URL, "http://new", None)


@pytest.mark.parametrize(
    ("sent", "came_back", "found", "expected"),
    [
        (KEY, KEY, KEY, False),
        (KEY, KEY, OTHER, True),
        (KEY, KEY, None, True),
        (KEY, KEY, MASK, False),  # the write came back in clear: a mask tells nothing
        (KEY, MASK, MASK, False),
        (KEY, MASK, Secret("ab****cd", "live"), True),
        (KEY, MASK, None, True),
        (KEY, None, None, False),  # it never came back
        (KEY, None, MASK, False),
        (KEY, None, KEY, False),
        (KEY, None, OTHER, True),
    ],
)
def test_a_secret_is_judged_by_what_came_back(
    sent: Secret, came_back: Secret | None, found: Secret | None, expected: bool
) -> None:
    item = {"url": URL, "auth_key": found.reveal() if found else None}
    assert bool(drifted("RecordCallback", {"url": URL}, item, auth_key=Fingerprint.of(sent, came_back))) is expected


def test_a_secret_that_was_never_applied_is_not_judged() -> None:
    assert drifted("RecordCallback", {"url": URL}, {"url": URL, "auth_key": "x" * 32}) == set()


def test_what_was_not_read_can_not_have_moved() -> None:
    unread = RemoteObject("RecordCallback", {}, {"url": "http://new"}, assumed=True)
    assert moved(KINDS["RecordCallback"], Entry({}, {"url": URL}), unread) == ()
