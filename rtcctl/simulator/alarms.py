"""When something is to happen by itself: one alarm per object, kept in the store in the order of time.

An alarm is a row whose state is its time as digits of one length, so that the index on states finds the next one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtcctl.simulator.scene import Scene
    from rtcctl.simulator.store import Collection, Document, Store

KIND = "alarm"


def put(scene: Scene, kind: str, id: str, due: float | None) -> None:  # noqa: A002 - as in Collection
    """Wake an object of the app at a time in epoch seconds, instead of any time before; None: never."""
    alarms = _alarms(scene.store)
    name = json.dumps([kind, scene.account, scene.app_id, id])
    if due is None:
        alarms.delete(name)
        return
    # What became due while nobody looked, as by a shorter idle limit, is due now and not in the past.
    due = max(due, scene.at)
    document = {"kind": kind, "account": scene.account, "app_id": scene.app_id, "id": id, "due": due}
    alarms.put(name, document, state=_sortable(due))


def take(store: Store, now: float) -> Document | None:
    """The first alarm that is due, which is removed; None when none is."""
    alarms = _alarms(store)
    alarm = alarms.first(_sortable(now))
    if alarm is not None:
        alarms.delete(json.dumps([alarm["kind"], alarm["account"], alarm["app_id"], alarm["id"]]))
    return alarm


def _alarms(store: Store) -> Collection:
    return store.collection(KIND, "")


def _sortable(moment: float) -> str:
    return f"{round(moment * 1e6):020}"  # microseconds
