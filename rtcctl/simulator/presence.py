"""Users enter and leave rooms, or are put out of them; jobs and automatic recording follow.

unconfirmed: an app that is disabled or in arrears takes no new users, while rooms, jobs and recordings go on.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from rtcctl.simulator import alarms, auto_recording, errors, jobs, recording, rooms, times
from rtcctl.simulator.call import Answer
from rtcctl.simulator.errors import Refused

if TYPE_CHECKING:
    from rtcctl.simulator.call import Call
    from rtcctl.simulator.scene import Scene
    from rtcctl.simulator.store import Document

REMOVAL = "removal"


def join(scene: Scene, room_id: str, user_id: str, role: str, media: dict[str, bool]) -> Document:
    """Let a user enter, or change what one who is there does; the room."""
    room = rooms.find(scene, room_id)
    if room is None or not room["users"]:
        room = {"room_id": room_id, "create_time": times.seconds(scene.now), "created_at": scene.at, "users": {}}
        room["auto_rule_id"] = auto_recording.rule_for_new_room(scene)
    before = room["users"].get(user_id, {"join_time": times.seconds(scene.now), "joined_at": scene.at})
    times_of_user = {name: before[name] for name in ("join_time", "joined_at")}
    room["users"][user_id] = {"role": role, **media, **times_of_user}
    _changed(scene, room)
    return room


def leave(scene: Scene, room: Document, user_ids: list[str]) -> None:
    """Let users leave; those who are not in the room do not matter."""
    room["users"] = {user_id: user for user_id, user in room["users"].items() if user_id not in user_ids}
    _changed(scene, room)


def remove_room(call: Call) -> Answer:
    """RemoveRoom: everybody is out a moment later."""
    return _remove(call, None)


def remove_users(call: Call) -> Answer:
    """RemoveUsers: they are out a moment later; unconfirmed: user ids that are not in the room do not matter."""
    return _remove(call, call.body["user_ids"])


def wake_removal(scene: Scene, removal_id: str) -> None:
    """Put out who was in the room when that was asked for."""
    removal = scene.collection(REMOVAL).get(removal_id)
    if removal is None:
        return  # gone with its app
    scene.collection(REMOVAL).delete(removal_id)
    room = rooms.find(scene, removal["room_id"])
    if room is None:
        if removal["user_ids"] is not None:
            return  # of a room that nobody touched nobody is known
        room = {"room_id": removal["room_id"], "create_time": times.seconds(scene.now), "users": {}}
    # Who came later stays.
    there = [user_id for user_id, user in room["users"].items() if user["joined_at"] <= removal["asked_at"]]
    leave(scene, room, there if removal["user_ids"] is None else [one for one in there if one in removal["user_ids"]])


def forget_app(scene: Scene) -> None:
    """Take everything that hangs on an app away with it; what was recorded stays in its bucket."""
    for found in scene.collection(recording.KIND).list():
        recording.end(scene, found)
    for kind in (rooms.KIND, recording.KIND, recording.HISTORY, REMOVAL):
        scene.collection(kind).clear()


def _remove(call: Call, user_ids: list[str] | None) -> Answer:
    call.app()
    scene, room_id = call.scene(), call.path["room_id"]
    room = rooms.find(scene, room_id)
    exists = bool(room["users"]) if room else jobs.any_in(scene, room_id) and rooms.occupied(None, scene.options)
    if not exists:
        raise Refused(errors.NOT_FOUND, "no such room")
    removal_id = secrets.token_hex(8)
    removal = {"room_id": room_id, "user_ids": user_ids, "asked_at": scene.at}
    scene.collection(REMOVAL).put(removal_id, removal)
    alarms.put(scene, REMOVAL, removal_id, scene.at + scene.options.removal_delay)
    return Answer(202)


def _changed(scene: Scene, room: Document) -> None:
    rooms.save(scene, room)
    jobs.room_changed(scene, room["room_id"])
    auto_recording.room_changed(scene, room)
