"""Short ways to compare one declared object with one live object."""

from __future__ import annotations

from typing import Any

from rtcctl.diff.compare import Comparison, compare
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Fingerprint
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Resource
from rtcctl.model.values import Members, Path, Secret

KEY = Secret("fake-key-0123456789abcdef0123456", "env:KEY")
OTHER = Secret("another-fake-key-0123456789abcde", "env:OTHER")
MASK = Secret("****", "live")
URL = "https://hooks.example.com/rtc"

RULE: dict[str, Any] = {
    "obs_addr": {"bucket": "rec", "location": "cn-north-4", "project_id": "0123"},
    "record_formats": ["MP4"],
    "mp4_config": {},
}
ECHO: dict[str, Any] = {
    **RULE,
    "rule_id": "r1",
    "hls_config": {"record_cycle": 0, "record_max_duration_to_merge_file": 0},
    "mp4_config": {"record_cycle": 7200, "record_max_duration_to_merge_file": 0, "record_prefix": "Record/{stream}"},
}
MIX: dict[str, Any] = {"room_id": "room1", "encode_template": "1280x720_15_2260", "layout_template": "custom"}


def live(kind: str, item: Members, **ids: str) -> RemoteObject:
    return KINDS[kind].parse(item, {"app_id": "a1", **ids})


def resource(kind: str, members: Members, *ignored: Path) -> Resource:
    return Resource(Address(kind, "a"), members, ignore_changes=frozenset(ignored))


def compared(kind: str, desired: Any, found: Any, last: Any = None, *ignored: Path) -> Comparison:
    entry = None if last is None else Entry({}, last)
    return compare(KINDS[kind], desired, live(kind, found), entry, frozenset(ignored))


def differing(kind: str, desired: Any, found: Any, last: Any = None, *ignored: Path) -> set[str]:
    return {".".join(each.path) for each in compared(kind, desired, found, last, *ignored).differences}


def callback_entry(sent: Secret | None, read: Secret | None) -> Entry:
    return Entry({}, {"url": URL}, {} if sent is None else {"auth_key": Fingerprint.of(sent, read)})
