"""Notifications of recordings: what they say, and their places in the queue of their job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rtcctl.simulator import times

if TYPE_CHECKING:
    from rtcctl.simulator.scene import Scene
    from rtcctl.simulator.store import Collection, Document, Store

KIND = "delivery"
COUNTER = "delivery_counter"
FILE_START = "RECORD_NEW_FILE_START"
FILE_COMPLETE = "RECORD_FILE_COMPLETE"
OVER = "CLOUD_RECORD_SERVER_OVER"  # its subscription calls it CLOUD_RECORD_OVER
PENDING = "pending"
KEPT = 1_000


def queue(scene: Scene, recording: Document, event_type: str, members: Document) -> None:
    """Queue a notification for the app's callback, if it has one."""
    app = scene.app()
    callback = (app or {}).get("callbacks", {}).get("record_callback")
    if callback is None:
        return
    event = {
        "job_id": recording["id"],
        "stream_name": recording["stream_name"],
        "app_id": scene.app_id,
        "room_id": recording["room_id"],
        "event_type": event_type,
        **members,
    }
    number = _next_number(scene.store)
    delivery = {
        "id": number,
        "account": scene.account,
        "app_id": scene.app_id,
        "job_id": recording["id"],
        "time": times.microseconds(scene.now),
        "url": callback["url"],
        "body": json.dumps(event, ensure_ascii=False, separators=(",", ":")),
        "state": PENDING,
        "next_at": scene.at,
        "attempts": [],
    }
    save(scene.store, delivery)
    collection(scene.store).delete(_key(number - KEPT))


def collection(store: Store) -> Collection:
    """All deliveries, oldest first; a delivery's state is the row's."""
    return store.collection(KIND, "")


def save(store: Store, delivery: Document) -> None:
    """Store a delivery."""
    collection(store).put(_key(delivery["id"]), delivery, state=delivery["state"])


def find(store: Store, number: int) -> Document | None:
    """A delivery by its number; old ones are forgotten."""
    return collection(store).get(_key(number))


def _next_number(store: Store) -> int:
    counter = store.collection(COUNTER, "")
    number = int((counter.get("last") or {"number": 0})["number"]) + 1
    counter.put("last", {"number": number})
    return number


def _key(number: int) -> str:
    return str(number)
