"""IndividualStreamJob: records one user's stream."""

from __future__ import annotations

from rtcctl.kinds.base import Ids, Member, Write
from rtcctl.kinds.job import ROOM_ID, Job, max_idle_time, record_param
from rtcctl.model.call import Call
from rtcctl.model.values import Members


class IndividualStreamJob(Job):
    """A single-stream recording job; only its rule may change."""

    name = "IndividualStreamJob"
    doc = "Records one user's stream."
    source = "API Reference, Starting a Single Stream Job"
    category = "individual-stream-jobs"
    manifest_key = "individual_stream_jobs"
    path = "/v2/apps/{app_id}/individual-stream-jobs"
    members = (
        ROOM_ID,
        Member(
            name="user_id",
            type="string",
            doc="User to record: letters, digits, '-' and '_'.",
            required=True,
            min_length=1,
            max_length=64,
            pattern="^[A-Za-z0-9_-]{1,64}$",
            immutable=True,
            source="FAQs, UserID naming",
        ),
        Member(
            name="is_record_audio",
            type="boolean",
            doc="Whether sound is recorded.",
            default=True,
            immutable=True,
        ),
        Member(
            name="video_type",
            type="string",
            doc="CAMERASTREAM camera, SCREENSTREAM shared screen. Always sent, since what leaving it out does is "
            "described in two ways.",
            enum=("CAMERASTREAM", "SCREENSTREAM"),
            default="CAMERASTREAM",
            immutable=True,
        ),
        Member(
            name="select_stream_type",
            type="string",
            doc="Resolution step pulled.",
            enum=("LD", "SD", "HD", "FHD"),
            default="FHD",
            immutable=True,
        ),
        max_idle_time(immutable=True),
        record_param(required=True, immutable=False),
    )

    def sendable(self, members: Members) -> Members:
        """Always send video_type (NOTES section 12)."""
        return {**members, "video_type": members.get("video_type", "CAMERASTREAM")}

    def update(self, body: Members, changed: frozenset[str], ids: Ids) -> tuple[Write, ...]:
        """PUT record_param, the one member that may change."""
        call = Call("PUT", f"{self.path}/{{job_id}}", self.category, ids, {"record_param": body.get("record_param")})
        return (Write(call, "update", tuple(body)),)
