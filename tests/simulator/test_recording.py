"""Recordings: which files there are, what they are called, when they are split, and what stops them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rtcctl.simulator import recording
from rtcctl.simulator.scene import Scene

from .driver import MP4_RULE, Driver, Json, join, leave

HLS_RULE: Json = {
    **MP4_RULE,
    "record_formats": ["HLS"],
    "hls_config": {"record_cycle": 60, "record_prefix": "{stream}"},
}
OBJECTS = "/v2/rtc-ops/buckets/objects?bucket=obsName&location=cn-north-4"


def mp4(**config: Any) -> Json:
    return {**MP4_RULE, "mp4_config": {"record_prefix": "{file_start_time}", **config}}


def objects(sim: Driver, prefix: str = "", kind: str = "objects") -> list[Json]:
    answer = sim.done("GET", f"{OBJECTS}&type={kind}&prefix={prefix}")
    assert answer["count"] == len(answer["objects"])
    found: list[Json] = answer["objects"]
    return found


def names(sim: Driver, prefix: str = "", kind: str = "objects") -> list[str]:
    return [each["file_name"].removeprefix("Record/") for each in objects(sim, prefix, kind)]


def recorded(sim: Driver, rule: Json = MP4_RULE, **mix_param: Any) -> tuple[str, str]:
    """Paths of an app and of a job of it that records by a rule."""
    sim.authorize()
    app = sim.new_app()
    job = sim.new_mix_job(app, record_param={"record_rule_id": sim.new_rule(app, rule)}, **mix_param)
    return app, job


def automatic(sim: Driver, rule: Json = MP4_RULE) -> str:
    """The path of an app that records every stream."""
    sim.authorize()
    app = sim.new_app()
    mode = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": sim.new_rule(app, rule)}
    sim.done("PUT", app + "/auto-record-mode", mode)
    return app


def test_file_of_a_mixed_job_is_named_as_documented(sim: Driver) -> None:
    app, job = recorded(sim)
    sim.clock.advance(59.2)
    assert objects(sim) == []  # MP4 is uploaded when it is complete
    sim.done("DELETE", job, status=204)
    stream = f"m_{job.rpartition('/')[2]}_room001_2024-01-15-08-30-00"
    folder = f"Record/Record/{app[9:]}.SparkRTC.myhuaweicloud.com/live/continuous_record/mp4/{stream}"
    assert objects(sim) == [
        {
            "file_name": f"{folder}/{stream}.mp4",
            "size": 35_130,  # 60 seconds of 4620 and 64 kbit/s
            "last_modified": "2024/01/15 16:31:00 GMT+08:00",
        }
    ]
    folders = [{"file_name": "Record/", "size": 0, "last_modified": "2024/01/15 16:31:00 GMT+08:00"}]
    assert objects(sim, "", "folders") == objects(sim, "Rec", "folders") == folders
    assert names(sim, "Record/", "folders") == ["Record/"]
    assert objects(sim, folder + "/", "folders") == objects(sim, "elsewhere") == []


@pytest.mark.parametrize(
    ("path", "prefix", "expected"),
    [
        ("Record", "{app_id}/{record_format}/x", "Record/{id}/mp4/x.mp4"),
        ("", "{record_type}-{app}-{other}", "continuous_record-live-{other}.mp4"),
        (None, "{publish_domain}", "{id}.SparkRTC.myhuaweicloud.com.mp4"),
    ],
)
def test_prefix_and_folder_make_the_name(sim: Driver, path: str | None, prefix: str, expected: str) -> None:
    address = {name: value for name, value in MP4_RULE["obs_addr"].items() if name != "object"}
    rule = {**mp4(record_prefix=prefix), "obs_addr": address if path is None else {**address, "object": path}}
    app, job = recorded(sim, rule)
    sim.done("DELETE", job, status=204)
    assert [each["file_name"] for each in objects(sim)] == [expected.replace("{id}", app[9:])]


def test_single_stream_job_records_only_its_user(sim: Driver) -> None:
    sim.authorize()
    app = sim.new_app()
    rule = {"record_param": {"record_rule_id": sim.new_rule(app, mp4(record_prefix="{stream}"))}}
    path = app + "/individual-stream-jobs"
    join(sim, app, "other")
    screen = {"room_id": "room001", "user_id": "user001", "video_type": "SCREENSTREAM", "is_record_audio": False}
    ids = [sim.done("POST", path, {**screen, **members, **rule}, 201)["job_id"] for members in ({}, {"user_id": "no"})]
    sim.clock.advance(10.2)
    join(sim, app)
    sim.clock.advance(10)
    join(sim, app, screen=True)
    sim.clock.advance(10)
    join(sim, app, screen=False)
    sim.clock.advance(10)
    for job_id in ids:
        sim.done("DELETE", f"{path}/{job_id}", status=204)
    [found] = objects(sim)
    assert found["file_name"] == f"Record/s_{ids[0]}_room001_user001.mp4"
    assert found["size"] == 3_830  # 10 seconds


def test_audio_only_needs_sound(sim: Driver) -> None:
    app, job = recorded(sim, mp4(), encode_template="audio_only")
    join(sim, app, audio=False)
    sim.clock.advance(9)
    join(sim, app, camera=False)
    sim.clock.advance(8)
    sim.done("DELETE", job, status=204)
    assert [(each["file_name"][-12:], each["size"]) for each in objects(sim)] == [
        ("08-30-00.mp4", 7),  # while nobody had touched the room
        ("08-30-10.mp4", 64),
    ]


def test_job_without_a_rule_records_nothing(sim: Driver) -> None:
    sim.authorize()
    job = sim.new_mix_job(sim.new_app())
    sim.clock.advance(60)
    sim.done("DELETE", job, status=204)
    assert objects(sim) == []


def test_files_are_split_by_record_cycle(sim: Driver) -> None:
    _, job = recorded(sim, mp4(record_cycle=60))
    sim.clock.advance(180)
    sim.done("DELETE", job, status=204)
    assert names(sim) == [f"2024-01-15-08-3{minute}-00.mp4" for minute in range(4)]
    assert [each["size"] for each in objects(sim)] == [35_130] * 3 + [469]  # 0.8 seconds


def test_hls_is_a_playlist_and_slices_that_appear_while_it_runs(sim: Driver) -> None:
    _, job = recorded(sim, HLS_RULE)
    sim.clock.advance(24.2)
    stream = f"m_{job.rpartition('/')[2]}_room001"
    assert names(sim) == [f"{stream}.m3u8", f"{stream}_00000.ts", f"{stream}_00001.ts"]
    assert [each["last_modified"][11:19] for each in objects(sim)] == ["16:30:25", "16:30:10", "16:30:20"]
    sim.done("DELETE", job, status=204)
    assert [each["size"] for each in objects(sim)] == [1, 5855, 5855, 2928]
    assert objects(sim)[-1]["last_modified"] == "2024/01/15 16:30:25 GMT+08:00"


def test_long_hls_file_shows_a_bounded_number_of_slices(sim: Driver) -> None:
    config = {"record_cycle": 0, "record_slice_duration": 2, "record_prefix": "x"}
    _, job = recorded(sim, {**HLS_RULE, "hls_config": config})
    sim.clock.advance(43201)
    assert len(objects(sim)) == 1001
    sim.done("DELETE", job, status=204)
    assert len(objects(sim)) == 1001


def test_both_formats_are_written_side_by_side(sim: Driver) -> None:
    both = {
        **HLS_RULE,
        "record_formats": ["HLS", "MP4"],
        "mp4_config": {"record_prefix": "{stream}", "record_cycle": 90},
    }
    _, job = recorded(sim, both)
    sim.clock.advance(59.5)
    sim.done("DELETE", job, status=204)
    assert sorted({name.rpartition(".")[2] for name in names(sim)}) == ["m3u8", "mp4", "ts"]


@pytest.mark.parametrize(
    ("merge", "gap", "files"), [(0, 1, 2), (30, 29, 1), (30, 31, 2), (300, 299, 1)], ids=lambda value: str(value)
)
def test_interruption_begins_a_new_file_when_it_is_longer_than_the_rule_says(
    sim: Driver, merge: int, gap: int, files: int
) -> None:
    app, job = recorded(sim, mp4(record_max_duration_to_merge_file=merge), max_idle_time=3600)
    join(sim, app)
    sim.clock.advance(10)
    leave(sim, app)
    sim.clock.advance(gap)
    join(sim, app)
    sim.clock.advance(10)
    sim.done("DELETE", job, status=204)
    assert len(objects(sim)) == files
    assert sum(each["size"] for each in objects(sim)) == pytest.approx(20.8 * 4684 / 8, abs=2)


def test_hls_can_always_append(sim: Driver) -> None:
    rule = {**HLS_RULE, "hls_config": {**HLS_RULE["hls_config"], "record_max_duration_to_merge_file": -1}}
    app, job = recorded(sim, rule, max_idle_time=43200)
    join(sim, app)
    leave(sim, app)
    sim.clock.advance(43000)
    join(sim, app)
    sim.clock.advance(20)
    sim.done("DELETE", job, status=204)
    assert len([name for name in names(sim) if name.endswith("m3u8")]) == 1


def test_file_that_nobody_came_back_to_ends_when_it_was_interrupted(sim: Driver) -> None:
    app, _ = recorded(sim, mp4(record_max_duration_to_merge_file=60), max_idle_time=3600)
    join(sim, app)
    sim.clock.advance(9)
    leave(sim, app)
    sim.clock.advance(59)
    assert objects(sim) == []
    sim.clock.advance(2)
    assert [each["last_modified"] for each in objects(sim)] == ["2024/01/15 16:30:10 GMT+08:00"]


def test_bucket_that_is_not_authorized_gets_no_file_and_fails_the_job(sim: Driver) -> None:
    app = sim.new_app()
    job = sim.new_mix_job(app, record_param={"record_rule_id": sim.new_rule(app)})
    failed = sim.done("GET", job)
    assert (failed["state"], failed["stop_reason"]) == ("STOPPED", "INTERNAL_ERROR")
    assert failed["description"] == "the bucket is not authorized"
    assert failed["stop_time"] == "2024-01-15T08:30:00Z"
    assert objects(sim) == []


def test_withdrawn_bucket_fails_the_job_at_its_next_file(sim: Driver) -> None:
    _, job = recorded(sim, mp4(record_cycle=60))
    sim.authorize(operation=0)
    sim.clock.advance(58)
    assert sim.done("GET", job)["state"] == "RUNNING"
    sim.clock.advance(60)
    assert sim.done("GET", job)["stop_time"] == "2024-01-15T08:31:00Z"
    assert len(objects(sim)) == 1


def test_another_rule_begins_another_file_and_the_job_is_not_over(sim: Driver) -> None:
    sim.authorize()
    app = sim.new_app()
    sim.done("PUT", app + "/record-callback", {"url": "http://127.0.0.1:9/"})
    path = app + "/individual-stream-jobs"
    job = f"{path}/{sim.done('POST', path, {'room_id': 'r', 'user_id': 'u'}, 201)['job_id']}"
    sim.clock.advance(10.2)
    rule_id = sim.new_rule(app, mp4())
    sim.done("PUT", job, {"record_param": {"record_rule_id": rule_id}})
    sim.clock.advance(10)
    sim.done("PUT", job, {"record_param": {"record_rule_id": rule_id}})
    assert objects(sim) == []
    # A second rule of the app needs a second location, which the API does not have: one is put there by hand.
    simulator = sim.app.state.simulator
    with simulator.store.transaction():
        rules = simulator.store.collection("record_rule", "simulator", app[9:])
        rules.put("second", {**(rules.get(rule_id) or {}), "rule_id": "second"}, key="elsewhere")
    sim.done("PUT", job, {"record_param": {"record_rule_id": "second"}})
    assert names(sim) == ["2024-01-15-08-30-10.mp4"]
    sim.clock.advance(10)
    sim.done("DELETE", job, status=204)
    assert names(sim) == ["2024-01-15-08-30-10.mp4", "2024-01-15-08-30-20.mp4"]
    kinds = [each["event"]["event_type"] for each in sim.control("GET", "/deliveries")["deliveries"]]
    assert kinds == ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"] * 2 + ["CLOUD_RECORD_SERVER_OVER"]


def test_changed_rule_reaches_recordings_that_begin_five_minutes_later(sim: Driver) -> None:
    sim.authorize()
    app = sim.new_app()
    rule_id = sim.new_rule(app, mp4(record_prefix="old {stream}"))
    rule, used = f"{app}/record-rules/{rule_id}", {"record_param": {"record_rule_id": rule_id}}
    jobs = {"running": sim.new_mix_job(app, **used)}
    sim.done("PUT", rule, mp4(record_prefix="new {stream}"))
    sim.clock.advance(100)
    sim.done("PUT", rule, mp4(record_prefix="newest {stream}"))
    for expected, seconds in (("old", 150), ("new", 100), ("newest", 100)):
        sim.clock.advance(seconds)
        jobs[expected] = sim.new_mix_job(app, **used)
    sim.done("PUT", rule, mp4(record_prefix="last {stream}"))
    followed = {}
    for expected, job in jobs.items():
        sim.done("DELETE", job, status=204)
        [followed[expected]] = [name.split()[0] for name in names(sim) if job.rpartition("/")[2] in name]
    assert followed == {"running": "old", "old": "old", "new": "new", "newest": "newest"}


def test_automatic_recording_writes_every_stream_of_a_new_room(sim: Driver) -> None:
    app = automatic(sim, mp4(record_prefix="{stream}"))
    join(sim, app, "one", screen=True)
    join(sim, app, "two", role="publisher", camera=False)
    join(sim, app, "three", role="player")
    sim.clock.advance(10)
    assert [each["automatic"] for each in sim.control("GET", "/state")["accounts"][0]["apps"][0]["recordings"]] == [
        True
    ] * 3
    for user_id in ("one", "two", "three"):
        leave(sim, app, user_id)
    streams = ["one_av_m", "one_v_a", "two_av_m"]
    assert names(sim) == [f"{app[9:]}_room001_{stream}.mp4" for stream in streams]


def test_user_who_comes_back_in_time_goes_on_in_the_same_file(sim: Driver) -> None:
    app = automatic(sim, mp4(record_max_duration_to_merge_file=60))
    join(sim, app, "host", camera=False, audio=False)
    join(sim, app)
    sim.clock.advance(10)
    leave(sim, app)
    sim.clock.advance(30)
    join(sim, app)
    sim.clock.advance(10)
    leave(sim, app)
    leave(sim, app, "host")
    assert [each["size"] for each in objects(sim)] == [3750]  # 20 seconds


def test_room_that_was_there_before_is_not_recorded_and_its_successor_is(sim: Driver) -> None:
    sim.authorize()
    app = sim.new_app()
    rule_id = sim.new_rule(app)
    join(sim, app)
    sim.done("PUT", app + "/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id})
    join(sim, app, "two")
    leave(sim, app)
    leave(sim, app, "two")
    assert objects(sim) == []
    join(sim, app)
    sim.done("PUT", app + "/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    sim.done("DELETE", f"{app}/record-rules/{rule_id}", status=204)
    join(sim, app, "late")  # its rule is gone
    leave(sim, app, "late")
    leave(sim, app)
    assert len(objects(sim)) == 1


def test_automatic_recording_to_a_bucket_without_access_goes_on_once_there_is(sim: Driver) -> None:
    app = automatic(sim, mp4(record_cycle=60))
    sim.authorize(operation=0)
    join(sim, app)
    sim.clock.advance(10)
    sim.authorize()
    join(sim, app)  # any change in the room is a new attempt
    sim.clock.advance(30)
    sim.authorize(operation=0)
    sim.clock.advance(100)
    leave(sim, app)
    assert names(sim) == ["2024-01-15-08-30-10.mp4"]


def test_only_the_last_day_is_made_up_for_after_a_long_pause(sim: Driver) -> None:
    recorded(sim, mp4(record_cycle=10800))
    sim.clock.advance(timedelta(days=365).total_seconds())
    assert sim.control("GET", "/state")["accounts"][0]["buckets"][0]["files"] == 8 + 1


def test_alarm_of_what_is_gone_is_nothing(sim: Driver) -> None:
    simulator = sim.app.state.simulator
    scene = Scene(simulator.store, simulator.options, "simulator", "no-app", sim.clock())
    assert recording.wake(scene, "no-recording") is None


def test_recordings_survive_the_deletion_of_their_app(sim: Driver) -> None:
    sim.authorize()
    app = sim.new_app()
    rule_id = sim.new_rule(app)
    rule = f"{app}/record-rules/{rule_id}"
    sim.done("PUT", app + "/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id})
    join(sim, app)
    sim.clock.advance(10)
    sim.done("PUT", app + "/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    sim.done("DELETE", rule, status=204)
    sim.done("DELETE", app, status=204)
    assert len(objects(sim)) == 1
