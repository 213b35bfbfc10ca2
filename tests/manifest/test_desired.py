"""Resources from documents: members, references, secrets, places, moves, lifecycle."""

from __future__ import annotations

from rtcctl.errors import Place
from rtcctl.model.address import Address
from rtcctl.model.resource import Resource
from rtcctl.model.values import Ref, Secret
from tests.manifest.loading import APP, JOB, RULE, load_text

FULL = """apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: a}
spec:
  app_name: Room A
  state: DEACTIVATION
  moved_from: old
  lifecycle: {prevent_destroy: true}
  record_rules:
    - name: default
      moved_from: former
      obs_addr: {bucket: b, location: cn-north-4, project_id: 01234567890123456789012345678901}
      record_formats:
        - MP4
      mp4_config: {}
  record_callback:
    url: https://a.example
    auth_key: 0123456789abcdef0123456789abcdef
  auto_record_mode: {mode: AUTO_RECORD_OFF, record_rule: default}
"""


def resources(text: str) -> dict[str, Resource]:
    return {str(address): resource for address, resource in load_text(text).resources.items()}


def test_everything_an_app_declares():
    found = resources(FULL)
    assert list(found) == ["App/a", "RecordRule/a/default", "RecordCallback/a", "AutoRecordMode/a"]
    assert found["App/a"].members == {"app_name": "Room A", "state": "DEACTIVATION"}
    assert found["RecordRule/a/default"].members == {
        "obs_addr": {"location": "cn-north-4", "project_id": "01234567890123456789012345678901", "bucket": "b"},
        "record_formats": ["MP4"],
        "mp4_config": {},
    }
    key = Secret("0123456789abcdef0123456789abcdef", "manifest")
    assert found["RecordCallback/a"].members == {"url": "https://a.example", "auth_key": key}
    rule = Ref(Address("RecordRule", "a", "default"), "rule_id")
    assert found["AutoRecordMode/a"].members == {"mode": "AUTO_RECORD_OFF", "record_rule_id": rule}


def test_places_of_members_and_of_what_is_around_them():
    places = resources(FULL)["RecordRule/a/default"].places
    assert places == {
        (): Place("<stdin>", 10, 7),
        ("obs_addr",): Place("<stdin>", 12, 7),
        ("obs_addr", "bucket"): Place("<stdin>", 12, 18),
        ("obs_addr", "location"): Place("<stdin>", 12, 29),
        ("obs_addr", "project_id"): Place("<stdin>", 12, 51),
        ("record_formats",): Place("<stdin>", 13, 7),
        ("mp4_config",): Place("<stdin>", 15, 7),
    }
    assert resources(FULL)["RecordCallback/a"].place() == Place("<stdin>", 16, 3)
    assert resources(FULL)["AutoRecordMode/a"].place(("record_rule_id",)) == Place("<stdin>", 19, 45)
    assert resources(FULL)["App/a"].place(("state",)) == Place("<stdin>", 6, 3)


def test_the_name_stands_in_for_the_app_name():
    app = resources(APP + "  state: ACTIVATION\n")["App/a"]
    assert app.members == {"app_name": "a", "state": "ACTIVATION"}
    assert app.place(("app_name",)) == Place("<stdin>", 3, 18)


def test_protection_covers_the_app_and_all_under_it():
    assert all(resource.prevent_destroy for resource in resources(FULL).values())
    assert not any(resource.prevent_destroy for resource in resources(APP + RULE).values())


def test_moves():
    found = resources(FULL)
    assert found["App/a"].moved_from == Address("App", "old")
    assert found["RecordRule/a/default"].moved_from == Address("RecordRule", "a", "former")
    assert found["RecordCallback/a"].moved_from is None


def test_jobs():
    text = APP + RULE + JOB + "      restart: OnFailure\n"
    job = resources(text)["MixStreamJob/a/lesson"]
    assert job.restart == "OnFailure"
    rule = Ref(Address("RecordRule", "a", "default"), "rule_id")
    assert job.members["record_param"] == {"record_rule_id": rule}
    assert job.place(("record_param", "record_rule_id")) == Place("<stdin>", 13, 22)
    assert resources(APP + RULE + JOB)["MixStreamJob/a/lesson"].restart == "Never"


def test_a_rule_that_is_not_of_this_app():
    text = APP + JOB.replace("record_rule: default", 'record_rule_id: "0123"')
    assert resources(text)["MixStreamJob/a/lesson"].members["record_param"] == {"record_rule_id": "0123"}


def test_lists_count_as_one_leaf():
    text = (
        APP
        + """  mix_stream_jobs:
    - name: lesson
      mix_param:
        room_id: r
        encode_template: 1280x720_15_1130
        layout_template: custom
        layout_panes:
          - {id: 1, x: 0, y: 0.5, width: 1.0, height: 0.5}
          - {id: 2, user_id: u}
"""
    )
    job = resources(text)["MixStreamJob/a/lesson"]
    panes = [{"id": 1, "x": 0, "y": 0.5, "width": 1, "height": 0.5}, {"id": 2, "user_id": "u"}]
    assert job.members["mix_param"]["layout_panes"] == panes  # type: ignore[index, call-overload]
    assert [path for path in job.places if "layout_panes" in path] == [("mix_param", "layout_panes")]
    assert job.place(("mix_param", "layout_panes", "0")) == Place("<stdin>", 11, 9)


def test_truth_is_kept():
    text = APP + "  individual_stream_jobs:\n    - {name: u, room_id: r, user_id: u, is_record_audio: false}\n"
    job = resources(text)["IndividualStreamJob/a/u"]
    assert job.members == {"room_id": "r", "user_id": "u", "is_record_audio": False}


def test_empty_lists_declare_nothing():
    assert list(resources(APP + "  record_rules: []\n  mix_stream_jobs: []\n")) == ["App/a"]


def test_repeated_values_are_read_in_each_place():
    text = (
        APP
        + """  record_rules:
    - name: one
      obs_addr: &addr {bucket: b, location: cn-north-4, project_id: "0123"}
      record_formats: [MP4]
      mp4_config: {}
---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: b}
spec:
  record_rules:
    - &rule
      name: one
      obs_addr: {bucket: b, location: cn-north-4, project_id: "0123"}
      record_formats: [MP4]
      mp4_config: {}
"""
    )
    found = resources(text)
    assert found["RecordRule/a/one"].members == found["RecordRule/b/one"].members
