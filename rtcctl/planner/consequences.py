"""What a change does to people and recordings, in words that a source supports: one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rtcctl.model.plan import Action, Change
from rtcctl.model.values import Path


@dataclass(frozen=True, slots=True)
class _Row:
    """`member` limits a row to changes of that member, `new` to these new values."""

    kind: str
    actions: tuple[Action, ...]
    says: str
    source: str
    member: Path = ()
    new: tuple[str, ...] = ()


NO_LONGER_DECLARED = "no longer declared"
_JOBS = ("MixStreamJob", "IndividualStreamJob")
_TABLE = (
    _Row("App", ("replace",), "the app gets a new app_id and a new app_key; clients need both", "NOTES section 6"),
    _Row("App", ("delete",), "the app's app_id and app_key are gone for good", "API Reference, DeleteApp"),
    _Row(
        "App",
        ("create", "update"),
        "no room can be created or joined, mixing and recording stop; rooms already joined go on",
        "API Reference, StopApp",
        ("state",),
        ("DEACTIVATION",),
    ),
    _Row(
        "App",
        ("update",),
        "rooms can be created and joined again",
        "API Reference, StartApp",
        ("state",),
        ("ACTIVATION", "(server default)"),
    ),
    _Row(
        "RecordRule",
        ("update",),
        "new recordings follow from 5 minutes on, running ones keep the old rule",
        "API Reference, UpdateRecordRule",
    ),
    _Row(
        "RecordCallback",
        ("forget",),
        "the service goes on sending events there: the API has no call that clears a callback",
        "NOTES section 10",
    ),
    _Row(
        "RecordCallback",
        ("create", "update"),
        "the receiver has to be up: the service may probe the URL",
        "error table, RTC.00001018",
        ("url",),
    ),
    _Row(
        "AutoRecordMode",
        ("create", "update", "delete"),
        "affects rooms created from now on",
        "API Reference, UpdateAutoRecord",
    ),
    *(_Row(kind, ("delete",), "stops a live recording", "API Reference, StopMixJob") for kind in _JOBS),
    *(
        _Row(kind, ("replace",), "starts a new recording, then stops the live one", "API Reference, StopMixJob")
        for kind in _JOBS
    ),
    _Row(
        "BucketAuthorization",
        ("delete",),
        "recordings can no longer be written to the bucket",
        "API Reference, UpdateObsBucketAuthority",
    ),
)


def consequences(change: Change) -> Iterator[str]:
    """Yield what a change means beyond its members; forgetting what is gone anyway means nothing."""
    if change.action == "forget" and change.reason != NO_LONGER_DECLARED:
        return
    for row in _TABLE:
        if row.kind == change.address.kind and change.action in row.actions and _member_fits(row, change):
            yield row.says


def _member_fits(row: _Row, change: Change) -> bool:
    if not row.member:
        return True
    return any(member.path == row.member and (not row.new or str(member.new) in row.new) for member in change.members)
