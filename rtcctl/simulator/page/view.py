"""What the page shows, as one document: the overview, with pictures of mixed jobs, files, and the latest calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.layout import Stream, arrange
from rtcctl.layout.picture import CAMERA, SCREEN
from rtcctl.simulator import files, overview, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rtcctl.simulator.call import Simulator
    from rtcctl.simulator.store import Document

NEWEST_APPS = 50
NEWEST_REQUESTS = 100
JOBS_THAT_ARE_OVER = 8
FILES = 20


def view(simulator: Simulator) -> Document:
    """The document, within a transaction; newest things first."""
    document = overview.everything(simulator, NEWEST_APPS)
    for account in document["accounts"]:
        account["apps"].reverse()
        for app in account["apps"]:
            app["jobs"] = [_job(app, job) for job in _current(app["jobs"])]
            app["files"] = list(_files(simulator, account["name"], app))
    document["deliveries"].reverse()
    document["requests"] = simulator.store.requests(NEWEST_REQUESTS)[::-1]
    return document


def _current(jobs: list[Document]) -> list[Document]:
    """The jobs that are not over, then the latest of those that are."""
    over = [job for job in jobs if job["state"] == "STOPPED"]
    return [job for job in jobs if job["state"] != "STOPPED"] + over[-JOBS_THAT_ARE_OVER:][::-1]


def _job(app: Document, job: Document) -> Document:
    if "mix_param" not in job or job["state"] == "STOPPED":
        return job | {"picture": None}
    users: list[Document] = next((room["users"] for room in app["rooms"] if room["room_id"] == job["room_id"]), [])
    return job | {"picture": arrange(job["mix_param"], list(_streams(users))).document()}


def _streams(users: list[Document]) -> Iterator[Stream]:
    """The pictures that are sent, in the order in which their senders joined."""
    for user in users:
        if user["camera"]:
            yield Stream(user["user_id"], CAMERA)
        if user["screen"]:
            yield Stream(user["user_id"], SCREEN)


def _files(simulator: Simulator, account: str, app: Document) -> Iterator[Document]:
    """The latest files of the app in the buckets of its rules."""
    now = simulator.options.now().timestamp()
    places = {(rule["obs_addr"]["location"], rule["obs_addr"]["bucket"]) for rule in app["record_rules"]}
    for location, bucket in sorted(places):
        newest = simulator.store.collection(files.KIND, account, f"{location}/{bucket}").list(
            size=10 * FILES, newest_first=True
        )
        for file in [each for each in newest if each["app_id"] == app["app_id"]][:FILES]:
            yield {
                "name": f"{bucket}/{file['base']}{files.EXTENSIONS[file['format']]}",
                "seconds": round(files.duration(file, now)),
                "since": times.seconds(times.from_epoch(file["started_at"])),
            }
