"""What a change does to people and recordings, in words that a source supports: one table."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from rtcctl.model.plan import Action
from rtcctl.model.values import Path, get
from rtcctl.planner.draft import NOT_SET, Draft

NO_LONGER_DECLARED = "no longer declared"
_OTHER = "other"


class _Row(Struct, frozen=True):
    """What one kind of change means.

    `member` limits a row to changes of that member, `new` to these new values and `but` to all others, `live` to jobs
    in one of these states (`other`: neither INIT nor RUNNING was read), `own` to changes that take down what is
    there, and not only what an earlier replacement left behind. `{room}` and `{idle}` stand for the job's room and
    max_idle_time.
    """

    kind: str
    actions: tuple[Action, ...]
    says: str
    source: str
    member: Path = ()
    new: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    own: bool = False


def _job_rows(kind: str) -> tuple[_Row, ...]:
    stop, start = ("API Reference, StopMixJob", "API Reference, StartMixJob")
    return (
        _Row(kind, ("create",), "starts now in {room}; it ends by itself when nobody is there for {idle} s", start),
        _Row(kind, ("delete",), "stops a live recording of {room}", stop, live=("RUNNING",)),
        _Row(kind, ("delete",), "stops a recording of {room} that is about to start", stop, live=("INIT",)),
        _Row(kind, ("delete",), "may stop a live recording of {room}", stop, live=(_OTHER,)),
        _Row(
            kind,
            ("replace",),
            "starts a new recording, then stops the live one of {room}: for a moment both run",
            "NOTES section 6, DESIGN section 2",
            live=("RUNNING",),
        ),
        _Row(
            kind,
            ("replace",),
            "starts a new job, then stops the old one of {room}, which may be recording by then",
            "NOTES section 6, DESIGN section 2",
            live=("INIT", _OTHER),
        ),
        _Row(
            kind,
            ("update",),
            "waits until the job has started: before that it can't be changed",
            "NOTES section 9, RTC.00001022",
            live=("INIT",),
        ),
    )


_TABLE = (
    _Row("App", ("replace",), "the app gets a new app_id and a new app_key; clients need both", "NOTES section 6"),
    _Row("App", ("delete",), "the app's app_id and app_key are gone for good", "API Reference, DeleteApp", own=True),
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
        "RecordCallback",
        ("update",),
        "callbacks are signed with the new key from now on: the receiver has to know it",
        "FAQs, How Do I Authenticate a Recording Callback?",
        ("auth_key",),
        but=(str(NOT_SET),),
    ),
    _Row(
        "RecordCallback",
        ("update",),
        "callbacks are no longer signed: a receiver that checks signatures will refuse them",
        "FAQs, How Do I Authenticate a Recording Callback?; NOTES section 10: that this clears the key is unconfirmed",
        ("auth_key",),
        (str(NOT_SET),),
    ),
    _Row(
        "AutoRecordMode",
        ("create", "update", "delete"),
        "affects rooms created from now on",
        "API Reference, UpdateAutoRecord",
    ),
    *_job_rows("MixStreamJob"),
    *_job_rows("IndividualStreamJob"),
    _Row(
        "IndividualStreamJob",
        ("update",),
        "the job records by the other rule from now on",
        "API Reference, UpdateIndividualStreamJob",
        ("record_param", "record_rule_id"),
    ),
    _Row(
        "BucketAuthorization",
        ("delete",),
        "recordings can no longer be written to the bucket",
        "API Reference, UpdateObsBucketAuthority",
    ),
    _Row(
        "BucketAuthorization",
        ("replace",),
        "recordings can no longer be written to the old bucket, which running ones may still need",
        "API Reference, UpdateObsBucketAuthority; running recordings keep the old rule, NOTES section 6",
        own=True,
    ),
)


def consequences(draft: Draft) -> Iterator[str]:
    """Yield what a change means beyond its members; forgetting what is gone anyway means nothing."""
    change = draft.change
    if change.action == "forget" and change.reason != NO_LONGER_DECLARED:
        return
    for row in _TABLE:
        if row.kind == change.address.kind and change.action in row.actions and _fits(row, draft):
            yield row.says.format(room=_room(draft), idle=_idle(draft))


class Meaning(Struct, frozen=True):
    """A consequence as it can be told before there is a plan. `when` is empty where it always follows."""

    says: str
    source: str
    when: str = ""


def meanings(kind: str, actions: tuple[Action, ...], member: Path = ()) -> Iterator[Meaning]:
    """Yield what changes of a kind mean, or changes of one member of it, with the words of the table."""
    for row in _TABLE:
        concerns = not row.member or member[: len(row.member)] == row.member[: len(member)]
        if row.kind == kind and set(row.actions) & set(actions) and concerns:
            says = row.says.format(room="the room", idle="max_idle_time")
            yield Meaning(says.replace("max_idle_time s", "max_idle_time"), row.source, _when(row, member))


def _when(row: _Row, member: Path) -> str:
    states = " or ".join("in an unknown state" if each == _OTHER else each for each in row.live)
    values = " or ".join(row.new) or ("set" if row.but and member else "")
    return " and ".join(
        part
        for part in (
            f"the job is {states}" if states else "",
            f"{'.'.join(row.member)} becomes {values}" if values else "",
            f"{'.'.join(row.member)} changes" if row.member and not values and not member else "",
        )
        if part
    )


def _fits(row: _Row, draft: Draft) -> bool:
    state = draft.live.status.get("state", "") if draft.live is not None else ""
    if row.live and (state if state in ("INIT", "RUNNING") else _OTHER) not in row.live:
        return False
    if row.own and not draft.teardown:
        return False
    found = [str(member.new) for member in draft.change.members if member.path == row.member]
    return not row.member or any((not row.new or new in row.new) and new not in row.but for new in found)


def _room(draft: Draft) -> str:
    """Name the room of a job: as it is live, or as it will be."""
    live = draft.live.members if draft.live is not None else {}
    shown = {member.path: member.new for member in draft.change.members}
    for path in (("room_id",), ("mix_param", "room_id")):
        room = get(live, path) or shown.get(path)
        if room:
            return str(room)
    return draft.address.child


def _idle(draft: Draft) -> str:
    shown = {member.path[-1]: member.new for member in draft.change.members}
    return str(shown.get("max_idle_time", 30))
