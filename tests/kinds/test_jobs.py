"""Jobs: found by job_id alone, slips of the samples, what may change, what a layout needs."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.kinds import KINDS
from rtcctl.kinds.job import JOB_DONE
from rtcctl.model.remote import RemoteObject

MIX = KINDS["MixStreamJob"]
SINGLE = KINDS["IndividualStreamJob"]
IDS = {"app_id": "1", "job_id": "3"}
NINE: dict[str, Any] = {
    "room_id": "room001",
    "encode_template": "1920x1080_30_4620",
    "max_idle_time": 30,
    "layout_template": "nine_grids_view",
}
RECORD = {"record_rule_id": "2"}


def mix(**members: Any) -> dict[str, Any]:
    return {"mix_param": {**NINE, **members}, "record_param": RECORD}


@pytest.mark.parametrize("kind", [MIX, SINGLE])
def test_nothing_but_the_id_finds_a_job(kind):
    assert kind.natural_key(mix()) is None
    assert kind.job
    assert kind.read.path.endswith("/{job_id}")
    assert kind.after == ("RecordCallback", "AutoRecordMode")


def test_a_mixed_job_is_read():
    answer = {
        "job_id": "3",
        "room_id": "room001",
        "mix_param": {**NINE, "layout_panes": None},
        "push_param": {"rtmp_urls": None},
        "record_param": RECORD,
        "state": "STOPPED",
        "stop_reason": "TENANT_STOP",
        "stop_time": "0001-01-01T00:00:00Z",
    }
    remote = MIX.parse(answer, {"app_id": "1"})
    assert (remote.ids, remote.members) == (IDS, mix())
    assert remote.status == {"state": "STOPPED", "stop_reason": "TENANT_STOP"}


def test_slips_of_the_samples_count_as_not_told():
    remote = MIX.parse({"mix_param": {**NINE, "max_idle_time": 0}}, IDS)
    assert remote.ids == IDS
    assert "max_idle_time" not in remote.members["mix_param"]  # type: ignore[operator]
    assert MIX.parse({"mix_param": None}, IDS).members == {}
    single = SINGLE.parse({"job_id": 1, "max_idle_time": 0, "user_id": 5}, {"app_id": "1"})
    assert (single.ids["job_id"], single.members) == ("1", {"user_id": "5"})


@pytest.mark.parametrize("kind", [MIX, SINGLE])
def test_start_and_stop(kind):
    body = mix()
    (start,) = kind.create(body, {"app_id": "1"})
    assert (start.call.method, start.call.expect, start.call.returns) == ("POST", (201,), ("job_id",))
    assert (start.makes, start.settles) == (True, tuple(body))
    (stop,) = kind.delete(IDS, None)
    assert (stop.call.method, stop.call.done_statuses, stop.call.done_codes) == ("DELETE", (404,), (JOB_DONE,))


def test_an_update_of_a_mixed_job_holds_what_may_change():
    (write,) = MIX.update(mix(), frozenset({"mix_param"}), IDS)
    assert write.call.body == {"mix_param": {"max_idle_time": 30}}
    (write,) = MIX.update(mix(layout_template="custom", layout_panes=[]), frozenset({"mix_param"}), IDS)
    expected = {"max_idle_time": 30, "layout_template": "custom", "layout_panes": []}
    assert write.call.body == {"mix_param": expected}
    assert write.call.path == "/v2/apps/{app_id}/mix-stream-jobs/{job_id}"


def test_an_update_of_a_single_stream_job_holds_the_rule():
    (write,) = SINGLE.update({"room_id": "r", "record_param": RECORD}, frozenset({"record_param"}), IDS)
    assert write.call.body == {"record_param": RECORD}


def test_the_template_is_sent_with_x():
    assert MIX.sendable(mix(encode_template="1280*720_15_1130"))["mix_param"] == {
        **NINE,
        "encode_template": "1280x720_15_1130",
    }
    assert MIX.sendable({}) == {}
    template = next(member for member in MIX.members[0].members if member.name == "encode_template")
    assert template.canonical is not None
    assert template.canonical("1280*720_15_1130") == "1280x720_15_1130"


def test_the_kind_of_video_is_always_sent():
    assert SINGLE.sendable({}) == {"video_type": "CAMERASTREAM"}
    assert SINGLE.sendable({"video_type": "SCREENSTREAM"}) == {"video_type": "SCREENSTREAM"}


def test_sound_alone_ignores_pictures():
    live = RemoteObject("MixStreamJob", IDS, {})
    sound = mix(encode_template="audio_only")
    assert not MIX.compared(("mix_param", "layout_template"), sound, live)
    assert MIX.compared(("mix_param", "room_id"), sound, live)
    assert MIX.compared(("record_param", "record_rule_id"), sound, live)
    assert MIX.compared(("mix_param", "layout_template"), mix(), live)
    (finding,) = MIX.check(sound)
    assert (finding.path, finding.severity) == (("mix_param", "layout_template"), "warning")


def test_a_picture_needs_a_layout():
    assert list(MIX.check(mix())) == []
    (finding,) = MIX.check({"mix_param": {"encode_template": "480x360_15_320"}})
    assert (finding.path, finding.severity) == (("mix_param", "encode_template"), "error")
    assert [found.severity for found in MIX.check({})] == ["error"]


@pytest.mark.parametrize("layout", ["custom", "screen_share_left", "screen_share_right"])
def test_layouts_with_panes_need_panes(layout):
    (finding,) = MIX.check(mix(layout_template=layout))
    assert finding.path == ("mix_param", "layout_template")
    pane = {"id": 1, "width": 1, "height": 1} if layout == "custom" else {"id": 1}
    assert list(MIX.check(mix(layout_template=layout, layout_panes=[pane]))) == []
