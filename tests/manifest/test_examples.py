"""The examples load without an environment, say what they claim, and the overlays render to two environments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rtcctl.model.address import Address
from rtcctl.model.resource import Desired
from rtcctl.model.values import Ref, Secret
from tests.manifest.loading import load_files, load_text

EXAMPLES = Path(__file__).parents[2] / "examples"
ENVIRONMENTS = EXAMPLES / "two-environments"


def members(found: Desired, address: str) -> Any:
    return found.resources[Address.parse(address)].members


def test_the_reference_example_to_the_letter():
    found = load_files(EXAMPLES, "mixed-recording.yaml")
    assert [str(address) for address in found.resources] == [
        "BucketAuthorization/recordings",
        "App/rtctest",
        "RecordRule/rtctest/default",
        "RecordCallback/rtctest",
        "MixStreamJob/rtctest/room001",
    ]
    project_id = "01234567890123456789012345678901"
    assert members(found, "BucketAuthorization/recordings") == {
        "bucket": "obsName",
        "location": "cn-north-4",
        "project_id": project_id,
    }
    assert members(found, "App/rtctest") == {"app_name": "rtctest"}
    assert members(found, "RecordRule/rtctest/default") == {
        "obs_addr": {
            "bucket": "obsName",
            "location": "cn-north-4",
            "object": "Record/",
            "project_id": project_id,
        },
        "record_formats": ["MP4"],
        "mp4_config": {},
    }
    callback = members(found, "RecordCallback/rtctest")
    assert callback["url"] == "http://mydomain.com/callback"
    assert isinstance(callback["auth_key"], Secret)
    assert len(callback["auth_key"].reveal()) >= 32
    assert members(found, "MixStreamJob/rtctest/room001") == {
        "mix_param": {
            "room_id": "room001",
            "encode_template": "1920x1080_30_4620",
            "max_idle_time": 30,
            "layout_template": "nine_grids_view",
        },
        "record_param": {"record_rule_id": Ref(Address("RecordRule", "rtctest", "default"), "rule_id")},
    }


@pytest.mark.parametrize("name", sorted(file.name for file in EXAMPLES.glob("*.yaml")))
def test_an_example_loads_without_warnings(name):
    found = load_files(EXAMPLES, name)
    assert found.warnings == ()
    assert found.project.name == "default"
    assert "#" in (EXAMPLES / name).read_text().splitlines()[2]


def test_single_streams_are_recorded_by_themselves_and_by_a_job():
    found = load_files(EXAMPLES, "single-stream-recording.yaml")
    assert members(found, "AutoRecordMode/rtctest-single")["mode"] == "AUTO_INDIVIDUAL_RECORD"
    assert [a.kind for a in found.resources].count("IndividualStreamJob") == 1


def test_the_custom_layout_has_panes():
    mix = members(load_files(EXAMPLES, "custom-layout.yaml"), "MixStreamJob/rtctest-custom/lesson")["mix_param"]
    assert mix["layout_template"] == "custom"
    assert len(mix["layout_panes"]) == 3


def test_the_webinar_has_a_second_job_for_sound():
    found = load_files(EXAMPLES, "webinar.yaml")
    assert members(found, "RecordRule/webinar/web-and-archive")["record_formats"] == ["HLS", "MP4"]
    picture = members(found, "MixStreamJob/webinar/picture")["mix_param"]
    assert picture["layout_template"] == "screen_share_left"
    assert picture["user_background_images"]
    assert members(found, "MixStreamJob/webinar/sound")["mix_param"]["encode_template"] == "audio_only"


def patched(document: Any, operations: list[dict[str, Any]]) -> Any:
    """Apply a JSON patch (RFC 6902; add and replace, without escapes)."""
    for operation in operations:
        *above, last = operation["path"].strip("/").split("/")
        target = document
        for step in above:
            target = target[int(step)] if isinstance(target, list) else target[step]
        assert operation["op"] == "add" or last in target
        target[last] = operation["value"]
    return document


def rendered(environment: str) -> str:
    """Do by hand what `kubectl kustomize` does."""
    folder = ENVIRONMENTS / "overlays" / environment
    overlay = yaml.safe_load((folder / "kustomization.yaml").read_text())
    base, project = overlay["resources"]
    (app,) = yaml.safe_load((folder / base / "kustomization.yaml").read_text())["resources"]
    document = yaml.safe_load((folder / base / app).read_text())
    for patch in overlay["patches"]:
        assert patch["target"] == {"kind": document["kind"], "name": document["metadata"]["name"]}
        document = patched(document, yaml.safe_load(patch["patch"]))
    return yaml.safe_dump_all([document, yaml.safe_load((folder / project).read_text())])


@pytest.mark.parametrize("environment", ["test", "prod"])
def test_each_environment_has_a_project_and_an_app_of_its_own(environment):
    found = load_text(rendered(environment))
    assert found.project.name == f"classroom-{environment}"
    assert members(found, "App/classroom")["app_name"] == f"classroom-{environment}"
    assert found.warnings == ()


def test_what_differs_between_the_environments():
    test, prod = load_text(rendered("test")), load_text(rendered("prod"))
    assert members(test, "AutoRecordMode/classroom") == {"mode": "AUTO_RECORD_OFF"}
    assert members(test, "RecordRule/classroom/default")["mp4_config"] == {"record_cycle": 600}
    assert members(prod, "RecordRule/classroom/default")["mp4_config"] == {"record_cycle": 3600}
    assert Address("RecordCallback", "classroom") not in test.resources
    assert all(resource.prevent_destroy for resource in prod.resources.values())
    assert (test.project.max_deletes, prod.project.max_deletes) == (3, 0)


def test_the_base_alone_is_a_manifest_too():
    assert len(load_files(ENVIRONMENTS, "base").resources) == 3
