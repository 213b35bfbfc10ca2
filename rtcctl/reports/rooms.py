"""Who is in which room of a simulator, and which jobs record there; from what its control API tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rtcctl.reports.wording import plain

_KINDS = {"mix_job": "mixed stream", "individual_job": "single stream"}


def rooms(state: Mapping[str, Any], app: str | None, room: str | None) -> list[dict[str, Any]]:
    """Return every room with users or jobs: of one app, by name or id, and of one id, where that is asked for."""
    return [
        found
        for account in state["accounts"]
        for each in account["apps"]
        if app in (None, each["app_name"], each["app_id"])
        for found in _of_app(account["name"], each)
        if room in (None, found["room_id"])
    ]


def text(found: list[dict[str, Any]]) -> str:
    """Write them a line each, with users and jobs below."""
    return "\n".join(line for each in found for line in _lines(each)) or "Nobody is in a room, and no job has run."


def _of_app(account: str, app: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    users = {room["room_id"]: room["users"] for room in app["rooms"]}
    jobs: dict[str, list[Any]] = {}
    for job in app["jobs"]:
        jobs.setdefault(job["room_id"], []).append(job)
    for room_id in dict.fromkeys((*users, *jobs)):
        yield {
            "account": account,
            "app_id": app["app_id"],
            "app_name": app["app_name"],
            "room_id": room_id,
            "users": users.get(room_id, []),
            "jobs": jobs.get(room_id, []),
        }


def _lines(room: Mapping[str, Any]) -> Iterator[str]:
    count = len(room["users"])
    users = f"{count} user{'' if count == 1 else 's'}" if count else "nobody there"
    yield f"{plain(room['app_name'])}/{plain(room['room_id'])}: {users}"
    for user in room["users"]:
        sends = ", ".join(name for name in ("camera", "screen", "audio") if user[name]) or "nothing"
        yield f"  {plain(user['user_id'])}  {user['role']}, sends {sends}"
    for job in room["jobs"]:
        state = " ".join(part for part in (job["state"], job.get("stop_reason")) if part)
        yield f"  job {plain(job['job_id'])}  {_KINDS[job['kind']]}, {state}"
