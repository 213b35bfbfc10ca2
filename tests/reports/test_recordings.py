"""Files and notifications at a terminal: what does not fit goes on in a line of its own, broken between its parts."""

from __future__ import annotations

from datetime import UTC, datetime

from rtcctl.model.recording import Place, Recording, Recordings
from rtcctl.reports import notifications
from rtcctl.reports import recordings as report

PLACE = Place("school-recordings", "cn-north-4", "", ("school",), True)
NAME = f"Record/{'0' * 24}.SparkRTC.myhuaweicloud.com/live/continuous_record/mp4/lesson_2026-01-15-08-30-00.mp4"
FOUND = Recordings((PLACE,), (Recording(PLACE, NAME, 2048, "2026/01/15 16:30:00 GMT+08:00", "school"),), ())


def test_a_name_that_does_not_fit_has_a_line_of_its_own():
    whole = report.text(FOUND).splitlines()
    assert whole[1] == f"  school     2.0 MB  2026/01/15 16:30:00 GMT+08:00  {NAME}"
    assert report.text(FOUND, width=200).splitlines() == whole
    assert report.text(FOUND, width=80).splitlines()[1:3] == [whole[1].removesuffix(f"  {NAME}"), f"    {NAME}"]


def test_a_notification_is_broken_between_its_parts():
    event = {"event_type": "RECORD_FILE_COMPLETE", "app_id": "0" * 24, "room_id": "room1", "obs_bucket": "b"}
    event |= {"obs_object": "Record/one.mp4", "record_duration": "601"}
    now = datetime(2026, 1, 15, 8, 40, 2, tzinfo=UTC)
    whole = notifications.line(now, "verified", event)
    assert "\n" not in whole
    assert notifications.line(now, "verified", event, width=200) == whole
    assert notifications.line(now, "verified", event, width=80).splitlines() == [
        f"08:40:02  RECORD_FILE_COMPLETE      app {'0' * 24}  room room1",
        "          file b/Record/one.mp4 (601 s)  [verified]",
    ]
