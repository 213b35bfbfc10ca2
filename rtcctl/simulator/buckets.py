"""OBS buckets as SparkRTC sees them: which there are, and whether the service may write to them.

OBS itself is not simulated: a bucket exists once a recording rule or an authorization names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator import times
from rtcctl.simulator.call import Answer

if TYPE_CHECKING:
    from rtcctl.simulator.call import Call
    from rtcctl.simulator.store import Document


def list_obs_buckets(call: Call) -> Answer:
    """ListObsBuckets: all at once."""
    found = call.collection("bucket").list()
    return Answer(200, {"count": len(found), "buckets": found})


def update_obs_bucket_authority(call: Call) -> Answer:
    """UpdateObsBucketAuthority: 200 with an empty body."""
    bucket = name_bucket(call, call.body["bucket"], call.body["location"])
    _save(call, {**bucket, "is_authorized": call.body["operation"] == 1})
    return Answer(200)


def name_bucket(call: Call, bucket: str, location: str) -> Document:
    """The bucket, which exists from now on if it did not."""
    found = call.collection("bucket").get(_id(bucket, location))
    if found is not None:
        return found
    created = {
        "bucket": bucket,
        "location": location,
        "creation_date": times.obs_date(call.now),
        "is_authorized": False,
    }
    _save(call, created)
    return created


def _save(call: Call, bucket: Document) -> None:
    call.collection("bucket").put(_id(bucket["bucket"], bucket["location"]), bucket)


def _id(bucket: str, location: str) -> str:
    return f"{location}/{bucket}"
