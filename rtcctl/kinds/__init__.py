"""What SparkRTC has: one file per kind, each a declaration of members with flags, of reading and of writing.

Layer: above `model`. Nothing here does input or output. Adding a kind is one file and one line in `KINDS`.
"""

from __future__ import annotations

from rtcctl.kinds.app import App
from rtcctl.kinds.auto_record_mode import AutoRecordMode
from rtcctl.kinds.base import Embedded, Finding, Ids, Item, Kind, Listing, Member, Show, Write
from rtcctl.kinds.bucket_authorization import BucketAuthorization
from rtcctl.kinds.individual_stream_job import IndividualStreamJob
from rtcctl.kinds.mix_stream_job import MixStreamJob
from rtcctl.kinds.record_callback import RecordCallback
from rtcctl.kinds.record_rule import RecordRule

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        BucketAuthorization(),
        App(),
        RecordRule(),
        RecordCallback(),
        AutoRecordMode(),
        MixStreamJob(),
        IndividualStreamJob(),
    )
}
"""All kinds by name, in the order in which they are built up."""


def children_of(kind: str) -> tuple[Kind, ...]:
    """Return the kinds that hang on a kind."""
    return tuple(child for child in KINDS.values() if child.parent == kind)


__all__ = [
    "KINDS",
    "Embedded",
    "Finding",
    "Ids",
    "Item",
    "Kind",
    "Listing",
    "Member",
    "Show",
    "Write",
    "children_of",
]
