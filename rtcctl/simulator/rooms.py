"""Rooms and who is in them. A room appears with its first user and ends with its last one.

The row of a room that has ended stays, without users: it tells that the control API took the room in hand, so that from
then on it is empty when nobody is in it. A room without a row is one that nobody touched (see `Options`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtcctl.simulator.call import Options
    from rtcctl.simulator.scene import Scene
    from rtcctl.simulator.store import Document

KIND = "room"
LIVE = "LIVE"
ENDED = "ENDED"
ROLES = ("joiner", "publisher", "player")
SENDING_ROLES = ("joiner", "publisher")
MEDIA = ("camera", "screen", "audio")


def find(scene: Scene, room_id: str) -> Document | None:
    """The row of a room, which may have ended."""
    return scene.collection(KIND).get(room_id)


def live(scene: Scene) -> list[Document]:
    """The rooms that somebody is in."""
    return scene.collection(KIND).list(LIVE)


def save(scene: Scene, room: Document) -> None:
    """Store a room."""
    scene.collection(KIND).put(room["room_id"], room, state=LIVE if room["users"] else ENDED)


def occupied(room: Document | None, options: Options) -> bool:
    """Whether a joiner or a publisher is in the room: players do not keep a job alive."""
    if room is None:
        return not options.rooms_start_empty
    return any(user["role"] in SENDING_ROLES for user in room["users"].values())


def sends(room: Document | None, options: Options, media: tuple[str, ...], user_id: str | None = None) -> bool:
    """Whether a user, or anybody, sends one of these media; in a room that nobody touched somebody does."""
    if room is None:
        return not options.rooms_start_empty
    users = room["users"]
    senders = users.values() if user_id is None else [users[user_id]] if user_id in users else []
    return any(user[medium] for user in senders for medium in media)


def shown(room: Document) -> Document:
    """A room as the control API shows it."""
    users = [
        {"user_id": user_id, **{name: value for name, value in user.items() if name != "joined_at"}}
        for user_id, user in room["users"].items()
    ]
    return {"room_id": room["room_id"], "create_time": room["create_time"], "users": users}
