"""Which job and which room a recorded file is of, by the documented names."""

from __future__ import annotations

import pytest

from rtcctl.operations.streams import is_of_job, is_of_room

JOB = "607f9fc100d861eeefff9b300b388daa"
APP = "5ff9701f2346968bb306cb44"
MIX = f"Record/{APP}/mp4/m_{JOB}_room_1_2024-01-15-08-30-00/m_{JOB}_room_1_2024-01-15-08-30-00.mp4"
SINGLE = f"Record/s_{JOB}_room_1_alice_2024-01-15-08-30-00/index.m3u8"
AUTO = f"{APP}_room_1_alice_av_m_2024-01-15-08-30-00.mp4"


@pytest.mark.parametrize("name", [MIX, SINGLE, AUTO, f"x/m_{JOB}_room_1.mp4"])
def test_file_is_of_its_room(name: str) -> None:
    assert is_of_room(name, "room_1")
    assert not is_of_room(name, "room_2")
    assert not is_of_room(name, "oom_1")
    assert not is_of_room(name, "1")
    assert not is_of_room(name, ".")


def test_room_of_a_mixed_stream_is_exact() -> None:
    assert not is_of_room(MIX, "room")


def test_room_with_the_beginning_of_another_one_finds_single_streams_of_both() -> None:
    assert is_of_room(SINGLE, "room")


@pytest.mark.parametrize(("name", "made"), [(MIX, True), (SINGLE, True), (AUTO, False), (f"xm_{JOB}_r", False)])
def test_file_is_of_the_job_in_its_name(name: str, made: bool) -> None:
    assert is_of_job(name, JOB) is made
    assert not is_of_job(name, JOB[:-1])
