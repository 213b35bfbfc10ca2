"""What a job takes from its room, and what that makes: size and bit rate. Pure functions of a job's document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rtcctl.simulator import rooms

if TYPE_CHECKING:
    from rtcctl.simulator.call import Options
    from rtcctl.simulator.store import Document

AUDIO_KBPS = 64
ENCODE_TEMPLATE = re.compile(r"(\d+)[x*](\d+)_\d+_(\d+)")
# unconfirmed: what the steps of select_stream_type mean
STEPS = {"LD": (320, 180, 250), "SD": (640, 360, 500), "HD": (1280, 720, 1500), "FHD": (1920, 1080, 3000)}


def max_idle_time(job: Document) -> int:
    """Seconds after which the job ends in an empty room."""
    return int(job["mix_param"]["max_idle_time"] if "mix_param" in job else job["max_idle_time"])


def sends(job: Document, room: Document | None, options: Options) -> bool:
    """Whether there is something that the job records."""
    if "mix_param" in job:
        media = ("audio",) if job["mix_param"]["encode_template"] == "audio_only" else rooms.MEDIA
        return rooms.sends(room, options, media)
    video = "screen" if job["video_type"] == "SCREENSTREAM" else "camera"
    return rooms.sends(room, options, (video, "audio") if job["is_record_audio"] else (video,), job["user_id"])


def picture(job: Document) -> dict[str, int]:
    """Width and height, 0 without a picture, and bit rate of what the job writes."""
    if "mix_param" in job:
        found = ENCODE_TEMPLATE.fullmatch(job["mix_param"]["encode_template"])
        width, height, kbps = (int(part) for part in found.groups()) if found else (0, 0, 0)
    else:
        width, height, kbps = STEPS[job["select_stream_type"]]
    return {"width": width, "height": height, "kbps": kbps + AUDIO_KBPS}
