"""Automatic recording: every stream of a room that was created after it was switched on.

A user's camera and sound are one stream (`_av_m`), a shared screen is another (`_v_a`). The recording of a stream lasts
as long as its room, so that a user who comes back in time goes on in the same file.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from rtcctl.simulator import recording

if TYPE_CHECKING:
    from rtcctl.simulator.scene import Scene
    from rtcctl.simulator.store import Document

STREAMS = {"av_m": ("camera", "audio"), "v_a": ("screen",)}
# unconfirmed: sizes and bit rates, which depend on what users send
PICTURES = {
    "av_m": {"kbps": 1500, "width": 1280, "height": 720},
    "v_a": {"kbps": 1000, "width": 1920, "height": 1080},
}


def rule_for_new_room(scene: Scene) -> str | None:
    """The rule that records the streams of a room created now, None when nothing does."""
    app = scene.app() or {}
    mode: Document = app.get("auto_record_mode", {})
    return mode.get("record_rule_id") if mode.get("mode") == "AUTO_INDIVIDUAL_RECORD" else None


def room_changed(scene: Scene, room: Document) -> None:
    """Begin recordings for new streams, interrupt those that pause, and end all when the room has ended."""
    running = {found["stream_name"]: found for found in _running(scene, room["room_id"])}
    if not room["users"]:
        for found in running.values():
            recording.end(scene, found)
        return
    sent = dict(_sent(scene, room))
    for name, found in running.items():
        recording.set_sending(scene, found, sending=name in sent)
    if room.get("auto_rule_id") is not None:
        for name in sent.keys() - running.keys():
            _begin(scene, room, name, sent[name])


def _begin(scene: Scene, room: Document, stream_name: str, suffix: str) -> None:
    # unconfirmed: the job_id in notifications of automatic recording
    found = recording.begin(
        scene, secrets.token_hex(16), room["room_id"], stream_name, room["auto_rule_id"], PICTURES[suffix]
    )
    if found is not None:
        # unconfirmed: a bucket that is not authorized gets no files, and there is no job that could fail
        recording.set_sending(scene, found, sending=True)


def _running(scene: Scene, room_id: str) -> list[Document]:
    found = scene.collection(recording.KIND).list()
    return [each for each in found if each["room_id"] == room_id and each["job_kind"] is None]


def _sent(scene: Scene, room: Document) -> list[tuple[str, str]]:
    return [
        (f"{scene.app_id}_{room['room_id']}_{user_id}_{suffix}", suffix)
        for user_id, user in sorted(room["users"].items())
        for suffix, media in STREAMS.items()
        if any(user[medium] for medium in media)
    ]
