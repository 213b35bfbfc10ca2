"""BucketAuthorization: the service's right to write recordings into an OBS bucket."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from rtcctl.kinds.base import Ids, Item, Kind, Listing, Member, Write, text
from rtcctl.model.call import Call
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members

_PATH = "/v2/rtc-ops/buckets/authentication"
LOCATIONS = ("cn-north-4", "cn-north-1", "cn-north-5", "cn-north-6", "cn-south-1", "cn-east-2")


class BucketAuthorization(Kind):
    """Granted and withdrawn by the same call; read back through `is_authorized` of the bucket list."""

    name = "BucketAuthorization"
    doc = "Lets SparkRTC write recordings into an OBS bucket of the account."
    source = "API Reference, Configuring OBS Bucket Authorization"
    category = "rtc-ops"
    keeps_adopted = True
    read = Listing("/v2/rtc-ops/buckets", "buckets", paged=False)
    members = (
        Member(
            name="bucket",
            type="string",
            doc="Name of the OBS bucket.",
            required=True,
            min_length=1,
            immutable=True,
        ),
        Member(
            name="location",
            type="string",
            doc="Region of the bucket.",
            required=True,
            enum=LOCATIONS,
            immutable=True,
        ),
        Member(
            name="project_id",
            type="string",
            doc="The account's project ID in that region. Sent, never read back.",
            write_only=True,
        ),
    )

    def natural_key(self, members: Members) -> tuple[str, ...]:
        """Return bucket and location."""
        return (str(members.get("bucket", "")), str(members.get("location", "")))

    def label(self, remote: RemoteObject) -> str:
        """Return the bucket's name."""
        return remote.ids.get("bucket", "")

    def exists(self, remote: RemoteObject) -> bool:
        """Tell whether the bucket is authorized; a bucket that is merely listed does not count."""
        return remote.status.get("is_authorized") == "true"

    def made(self, parent: Mapping[str, str], members: Members, answer: Item) -> dict[str, str]:
        """Return bucket and location: the answer has no body."""
        return {name: str(members[name]) for name in ("bucket", "location")}

    def parse(self, item: Item, ids: Mapping[str, str]) -> RemoteObject:
        """Read one bucket of the list."""
        key = {"bucket": text(item, "bucket"), "location": text(item, "location")}
        return RemoteObject(self.name, key, key, {"is_authorized": text(item, "is_authorized").lower()})

    def create(self, members: Members, ids: Ids) -> tuple[Write, ...]:
        """PUT operation 1; the answer has no body."""
        return (Write(self._put(members, 1), "authorize", tuple(members), makes=True),)

    def update(self, body: Members, changed: frozenset[str], ids: Ids) -> tuple[Write, ...]:
        """PUT operation 1 again, with the new project_id."""
        return (Write(self._put(body, 1), "authorize", tuple(body)),)

    def delete(self, ids: Ids, live: RemoteObject | None) -> tuple[Write, ...]:
        """PUT operation 0."""
        return (Write(replace(self._put(ids, 0), ids=ids), "withdraw"),)

    def _put(self, members: Mapping[str, object], operation: int) -> Call:
        body = {name: str(members[name]) for name in ("bucket", "location", "project_id") if members.get(name)}
        return Call("PUT", _PATH, self.category, body={**body, "operation": operation})
