"""What both job kinds share: they start, run and end by themselves, and are found by job_id alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rtcctl.kinds.base import Ids, Item, Kind, Member, Show, Write, pick, text
from rtcctl.model.call import Call
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members

NOT_INITIALIZED = "RTC.00001022"
"""Update or stop came while the job was INIT (NOTES section 3): wait and repeat."""

JOB_DONE = "RTC.00001009"

ROOM_ID = Member(
    name="room_id",
    type="string",
    doc="Room to record: letters, digits, '-' and '_'.",
    required=True,
    min_length=1,
    max_length=64,
    pattern="^[A-Za-z0-9_-]{1,64}$",
    immutable=True,
    source="FAQs, RoomID naming",
)


def max_idle_time(*, immutable: bool) -> Member:
    """Describe max_idle_time, which only mixed-stream jobs may change."""
    return Member(
        name="max_idle_time",
        type="integer",
        doc="Time without any joiner or publisher in the room after which the job ends by itself.",
        unit="seconds",
        minimum=5,
        maximum=43200,
        default=30,
        immutable=immutable,
    )


def record_param(*, required: bool, immutable: bool) -> Member:
    """Describe record_param, which only single-stream jobs may change."""
    rule = Member(
        name="record_rule_id",
        type="string",
        doc="Remote id of the rule to record by.",
        required=required,
        min_length=1,
        immutable=immutable,
        refers="RecordRule",
        refer_as="record_rule",
    )
    return Member(
        name="record_param",
        type="object",
        doc="How the job records; without it nothing is recorded.",
        members=(rule,),
        immutable=immutable,
    )


class Job(Kind):
    """A recording job."""

    parent = "App"
    many = True
    id_name = "job_id"
    job = True
    after = ("RecordCallback", "AutoRecordMode")
    keeps_omitted = True
    path: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.read = Show(f"{cls.path}/{{job_id}}")

    def natural_key(self, members: Members) -> None:
        """Return None: only the job_id finds a job, and only the state knows it."""
        return

    def parse(self, item: Item, ids: Mapping[str, str]) -> RemoteObject:
        """Read a job. Idle times out of range are slips of the service's samples and count as not told."""
        own = {"app_id": ids.get("app_id", ""), "job_id": ids.get("job_id") or text(item, "job_id")}
        status = {name: text(item, name) for name in ("state", "stop_reason", "start_time") if text(item, name)}
        return RemoteObject(self.name, own, pick(self.without_slips(item), self.members), status)

    def without_slips(self, item: Item) -> Item:
        """Drop a max_idle_time of 0 (a slip in the API Reference's UpdateMixJob sample)."""
        return {name: value for name, value in item.items() if (name, value) != ("max_idle_time", 0)}

    def create(self, members: Members, ids: Ids) -> tuple[Write, ...]:
        """POST: starts the job."""
        call = Call("POST", self.path, self.category, ids, members, expect=(201,), returns=("job_id",))
        return (Write(call, "start", tuple(members), makes=True),)

    def delete(self, ids: Ids, live: RemoteObject | None) -> tuple[Write, ...]:
        """DELETE: stops the job. Unknown and finished jobs are stopped already (NOTES section 9)."""
        call = Call(
            "DELETE",
            f"{self.path}/{{job_id}}",
            self.category,
            ids,
            expect=(204,),
            done_statuses=(404,),
            done_codes=(JOB_DONE,),
        )
        return (Write(call, "stop"),)
