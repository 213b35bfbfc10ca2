"""ListObsBucketObjects: the objects of a bucket, or the folders they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator import errors, files
from rtcctl.simulator.call import Answer
from rtcctl.simulator.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtcctl.simulator.call import Call
    from rtcctl.simulator.store import Document


def list_obs_bucket_objects(call: Call) -> Answer:
    """ListObsBucketObjects: all at once, in the order of names."""
    bucket, location = call.query["bucket"], call.query["location"]
    # unconfirmed: that a bucket nobody named is 404, and not an empty list
    if call.collection("bucket").get(f"{location}/{bucket}") is None:
        raise Refused(errors.NOT_FOUND, "no such bucket")
    prefix = call.query.get("prefix", "")
    found = files.objects(call.store, call.account.name, bucket, location, call.now.timestamp())
    matching = [each for each in found if each["file_name"].startswith(prefix)]
    # unconfirmed: objects are listed through all folders below the prefix, folders one level deep
    listed = _folders(matching, prefix) if call.query["type"] == "folders" else matching
    listed = sorted(listed, key=lambda each: each["file_name"])
    return Answer(200, {"count": len(listed), "objects": listed})


def _folders(found: Iterable[Document], prefix: str) -> list[Document]:
    """The folders that come next after the prefix, each with the time of what was changed last in it."""
    latest: dict[str, str] = {}
    for each in found:
        rest = each["file_name"][len(prefix) :]
        head, slash, _ = rest.partition("/")
        if slash:
            name = prefix + head + slash
            latest[name] = max(latest.get(name, ""), each["last_modified"])
    return [{"file_name": name, "size": 0, "last_modified": changed} for name, changed in latest.items()]
