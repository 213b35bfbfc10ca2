"""Filling a simulator with an account that exists already, its objects under the ids that they have there.

Nothing goes through the API: no fault strikes, no limit counts, and the request log stays empty.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from rtcctl.simulator import alarms, record_rules, times, validation
from rtcctl.simulator.scene import Scene
from rtcctl.simulator.store import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from starlette.applications import Starlette

    from rtcctl.simulator.call import Simulator
    from rtcctl.simulator.store import Document

JOBS = {
    "mix-stream-jobs": ("mix_job", "m"),
    "individual-stream-jobs": ("individual_job", "s"),
}


def seed(app: Starlette, objects: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Put objects into the first account of an empty simulator.

    Args:
        app: the simulator, as `create_app` returns it.
        objects: `apps`, `buckets`, `rules`, `mix-stream-jobs` and `individual-stream-jobs`, each as the API shows it,
            with ids; rules and jobs with their app_id. What a member leaves out is filled in as for a new object. A job
            that is INIT runs at the next look.
    """
    world = _World(app.state.simulator)
    with world.simulator.store.transaction():
        for item in objects.get("buckets", ()):
            world.bucket(item)
        for item in objects.get("apps", ()):
            world.app(item)
        for item in objects.get("rules", ()):
            world.rule(item)
        for path in JOBS:
            for item in objects.get(path, ()):
                world.job(path, item)


def copy_data(data: Path, copy: Path) -> None:
    """Copy the data of an embedded simulator, which are only read: neither file nor log changes.

    Raises:
        sqlite3.DatabaseError: the file is not a SQLite file.
        ValueError: the file was written by another version of the simulator.
    """
    # Where SQLite left no side file nobody has it open, and an immutable file gets none by being read.
    mode = "mode=ro" if data.with_name(f"{data.name}-wal").exists() else "mode=ro&immutable=1"
    with (
        closing(sqlite3.connect(f"{data.absolute().as_uri()}?{mode}", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        version = source.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            raise ValueError(f"data of another simulator version ({version}, not {VERSION})")
        source.backup(target)


class _World:
    """An account that is being filled; used within a transaction."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.account = simulator.accounts[0]
        self.now = simulator.options.now()
        self._taken: set[tuple[str, ...]] = set()

    def bucket(self, item: Mapping[str, Any]) -> None:
        """A bucket and whether the service may write to it."""
        shown = {
            "bucket": item["bucket"],
            "location": item["location"],
            "creation_date": item.get("creation_date") or times.obs_date(self.now),
            "is_authorized": bool(item.get("is_authorized")),
        }
        self._put("bucket", "", f"{shown['location']}/{shown['bucket']}", shown)

    def app(self, item: Mapping[str, Any]) -> None:
        """An app with its settings."""
        app_id, moment = item["app_id"], times.milliseconds(self.now)
        shown = {
            "app_name": item.get("app_name", ""),
            "app_id": app_id,
            "state": {"update_time": moment, **item["state"]},
            "scope": item.get("scope", "DOMESTIC"),
            "tenant_name": self.account.domain,
            "domain": f"{app_id}.SparkRTC.myhuaweicloud.com",
            "create_time": item.get("create_time") or moment,
            "authentication": {"enable": True, "expire": 300, "app_key": secrets.token_hex(16), "update_time": moment},
            "callbacks": {},
            "auto_record_mode": {"mode": "AUTO_RECORD_OFF"},
        }
        callback = (item.get("callbacks") or {}).get("record_callback") or {}
        if callback.get("url"):
            shown["callbacks"] = {"record_callback": {"update_time": times.four_digits(self.now), **callback}}
        if (item.get("auto_record_mode") or {}).get("mode"):
            shown["auto_record_mode"] = {"update_time": moment, **item["auto_record_mode"]}
        state = shown["state"]["state"]
        key = shown["app_name"] if state != "DELETED" else None
        self._put("app", "", app_id, shown, key=key, state=state)

    def rule(self, item: Mapping[str, Any]) -> None:
        """A recording rule."""
        moment = times.seconds(self.now)
        shown = {"create_time": moment, "update_time": moment, **item}
        for record_format, (member, schema) in record_rules.CONFIGS.items():
            if record_format in item.get("record_formats", ()):
                defaults = {**validation.with_defaults(schema, {}), "record_prefix": record_rules.RECORD_PREFIX}
                shown[member] = {**defaults, **(item.get(member) or {})}
        location = (item.get("obs_addr") or {}).get("location")
        self._put("record_rule", item["app_id"], item["rule_id"], shown, key=location)

    def job(self, path: str, item: Mapping[str, Any]) -> None:
        """A job in the state that it is in."""
        kind, letter = JOBS[path]
        job_id, moment = item["job_id"], times.seconds(self.now)
        if kind == "mix_job":
            mix_param = {**validation.with_defaults("MixParam", {}), **(item.get("mix_param") or {})}
            members = {**item, "mix_param": mix_param, "room_id": mix_param.get("room_id", "")}
        else:
            members = {"room_id": "", **validation.with_defaults("IndividualStreamJobReq", {}), **item}
        job = {
            "stream_name": f"{letter}_{job_id}_{members['room_id']}",
            "create_time": moment,
            "update_time": moment,
            "start_time": moment,
            "stop_time": moment if item["state"] == "STOPPED" else times.UNSET,
            **members,
        }
        row = {"job": job, "running_from": self.now.timestamp(), "idle_since": None}
        self._put(kind, item["app_id"], job_id, row, state=item["state"])
        if item["state"] == "INIT":
            options = self.simulator.options
            scene = Scene(self.simulator.store, options, self.account.name, item["app_id"], self.now)
            alarms.put(scene, kind, job_id, self.now.timestamp())

    def _put(
        self,
        kind: str,
        parent: str,
        id: str,  # noqa: A002 - as in Collection
        document: Document,
        *,
        key: str | None = None,
        state: str | None = None,
    ) -> None:
        """Store an object; of two with one natural key, which the API excludes, the first one bears it."""
        key = key or None
        if key is not None and (kind, parent, key) in self._taken:
            key = None
        self._taken.add((kind, parent, key or ""))
        self.simulator.store.collection(kind, self.account.name, parent).put(id, document, key=key, state=state)
