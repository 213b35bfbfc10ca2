"""RecordRule: the service's zeros, the location as key, whole bodies."""

from __future__ import annotations

from typing import Any

from rtcctl.kinds import KINDS
from rtcctl.model.remote import RemoteObject

RULE = KINDS["RecordRule"]
IDS = {"app_id": "1", "rule_id": "2"}
ADDRESS: dict[str, Any] = {"bucket": "b", "location": "cn-north-4", "object": "Record/", "project_id": "0123"}
MP4: dict[str, Any] = {"obs_addr": ADDRESS, "record_formats": ["MP4"], "mp4_config": {"record_cycle": 7200}}


def test_parse_keeps_what_a_manifest_could_declare():
    answer = {
        **MP4,
        "rule_id": "2",
        "app_id": "1",
        "hls_config": {"record_cycle": 0, "record_max_duration_to_merge_file": 0},
        "create_time": "2024-01-15T08:30:00Z",
    }
    remote = RULE.parse(answer, {"app_id": "1"})
    assert remote.ids == IDS
    assert remote.members == {**MP4, "hls_config": answer["hls_config"]}
    assert RULE.label(remote) == "2"


def test_the_key_is_the_location():
    assert RULE.natural_key(MP4) == ("cn-north-4",)
    assert RULE.natural_key({}) == ("",)


def test_the_config_of_a_format_that_is_not_requested_does_not_count():
    live = RemoteObject("RecordRule", IDS, MP4)
    assert not RULE.compared(("hls_config", "record_cycle"), MP4, live)
    assert RULE.compared(("mp4_config", "record_cycle"), MP4, live)
    assert RULE.sendable({**MP4, "hls_config": {"record_cycle": 0}}) == MP4


def test_each_format_needs_its_config():
    missing = list(RULE.check({"record_formats": ["MP4", "HLS"]}))
    assert [finding.message for finding in missing] == ["format HLS needs hls_config", "format MP4 needs mp4_config"]
    assert all(finding.severity == "error" and finding.mend for finding in missing)


def test_a_config_without_its_format_is_a_warning():
    (finding,) = RULE.check({"record_formats": ["MP4"], "mp4_config": {}, "hls_config": {"record_cycle": 60}})
    assert (finding.path, finding.severity) == (("hls_config",), "warning")


def test_formats_of_the_wrong_type_count_as_none():
    (finding,) = RULE.check({"record_formats": "MP4", "mp4_config": {}})
    assert finding.severity == "warning"


def test_writes():
    (create,) = RULE.create(MP4, {"app_id": "1"})
    assert (create.call.method, create.call.path) == ("POST", "/v2/apps/{app_id}/record-rules")
    assert (create.call.body, create.call.expect, create.call.returns) == (MP4, (201, 200), ("rule_id",))
    (update,) = RULE.update(MP4, frozenset({"mp4_config"}), IDS)
    assert (update.call.method, update.call.body) == ("PUT", MP4)
    assert update.settles == tuple(MP4)
    (delete,) = RULE.delete(IDS, None)
    assert (delete.call.method, delete.call.done_statuses) == ("DELETE", (404,))
    assert update.call.path == delete.call.path == "/v2/apps/{app_id}/record-rules/{rule_id}"


def test_a_rule_uses_the_authorization_of_its_bucket():
    assert RULE.uses(MP4) == (("BucketAuthorization", ("b", "cn-north-4")),)
