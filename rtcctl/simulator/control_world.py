"""The control API: users, app states, failures, the clock, and what can be seen of it all.

    GET    /_simulator/state?limit=100              everything, of each account the newest `limit` apps
    GET    /_simulator/clock                        {"now", "virtual"}
    POST   /_simulator/clock                        {"advance": seconds}; 409 for a real clock
    GET    /_simulator/apps/{app}/rooms             {"rooms": [...]}: those that somebody is in
    POST   /_simulator/apps/{app}/rooms/{room_id}/join   {"user_id", "role", "camera", "screen", "audio"} -> the room
    POST   /_simulator/apps/{app}/rooms/{room_id}/leave  {"user_id"} -> the room
    POST   /_simulator/apps/{app}/state             {"state": "ARREARS" | "ACTIVATION" | "DEACTIVATION"}
    POST   /_simulator/jobs/{job_id}/fail           the job ends with INTERNAL_ERROR -> the job
    POST   /_simulator/jobs/{job_id}/stop           the job ends with TENANT_STOP -> the job
    GET    /_simulator/deliveries?limit=1000        {"deliveries": [...]}, oldest first

`{app}` is an app_id, or an app_name that only one account has. A role is joiner (the default), publisher or player; the
first two send camera and sound unless told otherwise, a player sends nothing. Joining again changes what a user sends.
"""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from rtcctl.simulator import clock, deliveries, jobs, overview, presence, progress, rooms, times
from rtcctl.simulator.control import ControlError, route
from rtcctl.simulator.scene import Scene

if TYPE_CHECKING:
    from rtcctl.simulator.control import ControlCall
    from rtcctl.simulator.store import Document

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # of rooms and users, from the FAQ
STATES = ("ACTIVATION", "DEACTIVATION", "ARREARS")
LIMIT = 100


def _state(call: ControlCall) -> Document:
    return overview.everything(call.simulator, _limit(call, LIMIT))


def _show_clock(call: ControlCall) -> Document:
    return overview.clock_of(call.simulator)


def _advance(call: ControlCall) -> Document:
    now = call.simulator.options.now
    if not isinstance(now, clock.VirtualClock):
        raise ControlError(409, "the clock is a real one; serve with a virtual clock to advance it")
    seconds = call.member("advance", (int, float))
    if not math.isfinite(seconds) or not 0 <= seconds <= clock.MAX_ADVANCE.total_seconds():
        raise ControlError(400, f"advance: seconds from 0 to {clock.MAX_ADVANCE.total_seconds():.0f} needed")
    end = now() + timedelta(seconds=seconds)
    while now() < end:
        now.move_to(min(now() + clock.STEP, end))
        progress.settle(call.simulator, now())
    clock.remember(call.simulator.store, now())
    return overview.clock_of(call.simulator)


def _show_rooms(call: ControlCall) -> Document:
    scene, _ = _scene(call)
    return {"rooms": [rooms.shown(room) for room in rooms.live(scene)]}


def _join(call: ControlCall) -> Document:
    scene, app = _scene(call)
    room_id, user_id = _name("room_id", call.path["room_id"]), _name("user_id", call.member("user_id", str))
    role = call.member("role", str, "joiner")
    if role not in rooms.ROLES:
        raise ControlError(400, f"role: {', '.join(rooms.ROLES)} are possible")
    sending = role in rooms.SENDING_ROLES
    media = {name: call.member(name, bool, sending and name != "screen") for name in rooms.MEDIA}
    if not sending and any(media.values()):
        raise ControlError(400, "a player sends nothing")
    state = app["state"]["state"]
    if state != "ACTIVATION":
        raise ControlError(409, f"the app takes no users: its state is {state}")
    return rooms.shown(presence.join(scene, room_id, user_id, role, media))


def _leave(call: ControlCall) -> Document:
    scene, _ = _scene(call)
    room, user_id = rooms.find(scene, call.path["room_id"]), call.member("user_id", str)
    if room is None or user_id not in room["users"]:
        raise ControlError(404, "no such user in the room")
    presence.leave(scene, room, [user_id])
    return rooms.shown(room)


def _set_state(call: ControlCall) -> Document:
    scene, app = _scene(call)
    state = call.member("state", str)
    if state not in STATES:
        raise ControlError(400, f"state: {', '.join(STATES)} are possible")
    app["state"] = {"state": state, "update_time": times.milliseconds(scene.now)}
    scene.account_collection("app").put(scene.app_id, app, key=app["app_name"], state=state)
    return {"app_id": scene.app_id, "state": app["state"]}


def _fail(call: ControlCall) -> Document:
    return _end(call, "INTERNAL_ERROR", "failed by the control API")


def _stop(call: ControlCall) -> Document:
    return _end(call, "TENANT_STOP")


def _end(call: ControlCall, reason: str, description: str = "") -> Document:
    for kind in jobs.KINDS:
        found = call.simulator.store.find(kind, call.path["job_id"])
        if found is not None:
            account, app_id, row = found
            if row["job"]["state"] == "STOPPED":
                raise ControlError(409, "the job is over")
            jobs.end(_at(call, account, app_id), kind, row, reason, description)
            job: Document = row["job"]
            return job
    raise ControlError(404, "no such job")


def _show_deliveries(call: ControlCall) -> Document:
    return {"deliveries": deliveries.shown(call.simulator, _limit(call, 1_000))}


def _scene(call: ControlCall) -> tuple[Scene, Document]:
    """The app that the path names by id or name, now."""
    wanted = call.path["app"]
    collections = {each.name: call.simulator.store.collection("app", each.name) for each in call.simulator.accounts}
    found = {name: apps.get(wanted) or apps.by_key(wanted) for name, apps in collections.items()}
    matching = [(name, app) for name, app in found.items() if app is not None and app["state"]["state"] != "DELETED"]
    if not matching:
        raise ControlError(404, "no such app")
    if len(matching) > 1:
        raise ControlError(409, "several accounts have an app of this name; use its app_id")
    account, app = matching[0]
    return _at(call, account, app["app_id"]), app


def _at(call: ControlCall, account: str, app_id: str) -> Scene:
    options = call.simulator.options
    return Scene(call.simulator.store, options, account, app_id, options.now())


def _name(what: str, text: str) -> str:
    if NAME.fullmatch(text) is None:
        raise ControlError(400, f"{what}: 1 to 64 letters, digits, _ or - needed")
    return text


def _limit(call: ControlCall, default: int) -> int:
    text = call.query.get("limit", str(default))
    if re.fullmatch(r"[0-9]{1,6}", text) is None:
        raise ControlError(400, "limit: a number needed")
    return int(text)


ROUTES = [
    route("GET", "/state", _state),
    route("GET", "/clock", _show_clock),
    route("POST", "/clock", _advance),
    route("GET", "/apps/{app}/rooms", _show_rooms),
    route("POST", "/apps/{app}/rooms/{room_id}/join", _join),
    route("POST", "/apps/{app}/rooms/{room_id}/leave", _leave),
    route("POST", "/apps/{app}/state", _set_state),
    route("POST", "/jobs/{job_id}/fail", _fail),
    route("POST", "/jobs/{job_id}/stop", _stop),
    route("GET", "/deliveries", _show_deliveries),
]
