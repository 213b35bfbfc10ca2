"""Is there anything twice, and is what belongs to others as it was? Judged from the simulator's data alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.properties.foreign import Foreign, ForeignApp
from tests.survive.manifests import APPS

THEIRS = Foreign(
    (
        ForeignApp(
            name="theirs",
            rule={
                "obs_addr": {"bucket": "theirs", "location": "cn-north-4", "project_id": "0" * 32, "object": ""},
                "record_formats": ["MP4"],
                "mp4_config": {"record_cycle": 600},
            },
            callback={"url": "http://callback.example/theirs"},
            records=True,
            job=True,
            disabled=False,
        ),
    ),
    ("theirs",),
)
"""Somebody else's app in the same account, recording."""


def duplicates(documents: Any) -> list[str]:
    """Return every app, rule and running job of ours that is there more than once; `documents` lists by kind."""
    apps = [app for app in documents("app") if app["app_name"] in APPS]
    found = [f"app {name}" for name, count in Counter(app["app_name"] for app in apps).items() if count > 1]
    for app in apps:
        if len(documents("record_rule", app["app_id"])) > 1:
            found.append(f"rules of {app['app_name']}")
        for kind in ("mix_job", "individual_job"):
            rooms = Counter(job["room_id"] for job in documents(kind, app["app_id"]) if job["state"] != "STOPPED")
            found += [f"jobs in {room}" for room, count in rooms.items() if count > 1]
    return found
