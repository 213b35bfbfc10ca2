"""The whole picture as one document: what GET /_simulator/state answers. Callback and app keys are masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator import clock, deliveries, files, jobs, recording, rooms, times
from rtcctl.simulator.requestlog import masked
from rtcctl.simulator.scene import Scene

if TYPE_CHECKING:
    from rtcctl.simulator.accounts import SimulatedAccount
    from rtcctl.simulator.call import Simulator
    from rtcctl.simulator.store import Document

NEWEST_DELIVERIES = 100


def everything(simulator: Simulator, limit: int) -> Document:
    """The picture, within a transaction; of each account the newest `limit` apps."""
    return {
        "version": simulator.changed.version,
        "clock": clock_of(simulator),
        "accounts": [_account(simulator, account, limit) for account in simulator.accounts],
        "deliveries": deliveries.shown(simulator, NEWEST_DELIVERIES),
    }


def clock_of(simulator: Simulator) -> Document:
    """What the clock shows, and whether it is a virtual one."""
    now = simulator.options.now
    return {"now": times.milliseconds(now()), "virtual": isinstance(now, clock.VirtualClock)}


def _account(simulator: Simulator, account: SimulatedAccount, limit: int) -> Document:
    store = simulator.store
    apps = store.collection("app", account.name)
    total = apps.count()
    shown = apps.list(start=max(total - limit, 0))
    buckets = store.collection("bucket", account.name).list()
    return {
        "name": account.name,
        "app_count": total,
        "apps": [_app(simulator, account, app) for app in shown],
        "buckets": [
            {**bucket, "files": files.count(store, account.name, bucket["bucket"], bucket["location"])}
            for bucket in buckets
        ],
    }


def _app(simulator: Simulator, account: SimulatedAccount, app: Document) -> Document:
    scene = Scene(simulator.store, simulator.options, account.name, app["app_id"], simulator.options.now())
    running = scene.collection(recording.KIND).list()
    return {
        "app_id": app["app_id"],
        "app_name": app["app_name"],
        "state": app["state"],
        "create_time": app["create_time"],
        "record_callback": masked(app["callbacks"].get("record_callback")),
        "auto_record_mode": app["auto_record_mode"],
        "record_rules": scene.collection("record_rule").list(),
        "rooms": [rooms.shown(room) for room in rooms.live(scene)],
        "jobs": [{"kind": kind, **row["job"]} for kind in jobs.KINDS for row in scene.collection(kind).list()],
        "recordings": [_recording(found, scene.at) for found in running],
    }


def _recording(found: Document, at: float) -> Document:
    return {
        "job_id": found["id"],
        "automatic": found["job_kind"] is None,
        "room_id": found["room_id"],
        "stream_name": found["stream_name"],
        "files": [
            {
                "record_format": file["format"],
                "obs_object": file["base"] + files.EXTENSIONS[file["format"]],
                "seconds": round(files.duration(file, at)),
                "interrupted": file["resumed_at"] is None,
            }
            for file in found["files"].values()
        ],
    }
