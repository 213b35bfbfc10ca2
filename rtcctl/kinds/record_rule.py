"""RecordRule: where recordings go and in which formats; at most one per app and location."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rtcctl.kinds.base import Finding, Ids, Item, Kind, Listing, Member, Write, pick, text
from rtcctl.model.call import Call
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Path, Value, get

_PREFIX = "{app_id}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}"
_CONFIGS = {"HLS": "hls_config", "MP4": "mp4_config"}


def _prefix(file: str) -> Member:
    return Member(
        name="record_prefix",
        type="string",
        doc=f"Path and name of the {file} file. Variables: {{app_id}}, {{record_format}}, {{stream}}, "
        "{file_start_time}.",
        default=_PREFIX,
        source="API Reference, CreateRecordRule; the worked example echoes another default, so it is never compared",
    )


def _merge(minimum: int, more: str) -> Member:
    return Member(
        name="record_max_duration_to_merge_file",
        type="integer",
        doc=f"Interruption after which a new file starts. 0: at any interruption{more}.",
        unit="seconds",
        minimum=minimum,
        maximum=300,
        default=0,
    )


class RecordRule(Kind):
    """A recording rule ("recording template" on some pages); updates replace the whole body."""

    name = "RecordRule"
    doc = "Where recordings are written and in which formats. At most one per app and location."
    source = "API Reference, Creating a Recording Rule"
    category = "record-rules"
    parent = "App"
    manifest_key = "record_rules"
    many = True
    id_name = "rule_id"
    read = Listing("/v2/apps/{app_id}/record-rules", "rules", show="/v2/apps/{app_id}/record-rules/{rule_id}")
    members = (
        Member(
            name="obs_addr",
            type="object",
            doc="Where the files go.",
            required=True,
            members=(
                Member(
                    name="location",
                    type="string",
                    doc="Region of the bucket; part of the rule's identity.",
                    required=True,
                    enum=("cn-north-4",),
                    due="rules record in cn-north-4 only (API Reference, Creating a Recording Rule)",
                    immutable=True,
                ),
                Member(
                    name="project_id",
                    type="string",
                    doc="The account's project ID in that region.",
                    required=True,
                    min_length=1,
                ),
                Member(
                    name="bucket",
                    type="string",
                    doc="Name of an authorized OBS bucket.",
                    required=True,
                    min_length=1,
                ),
                Member(name="object", type="string", doc="Path inside the bucket; empty: the root."),
            ),
        ),
        Member(
            name="record_formats",
            type="array",
            doc="Formats to record.",
            required=True,
            min_items=1,
            unordered="",
            items=Member(name="format", type="string", doc="HLS or MP4, upper case.", enum=("HLS", "MP4")),
        ),
        Member(
            name="hls_config",
            type="object",
            doc="Needed with the format HLS.",
            members=(
                Member(
                    name="record_cycle",
                    type="integer",
                    doc="Length of one file. 0: the whole stream in one file.",
                    unit="seconds",
                    required=True,
                    minimum=60,
                    maximum=43200,
                    also=0,
                ),
                _prefix("m3u8"),
                Member(
                    name="record_slice_duration",
                    type="integer",
                    doc="Length of one ts slice.",
                    unit="seconds",
                    minimum=2,
                    maximum=60,
                    default=10,
                ),
                _merge(-1, "; -1: always append to the old file, for gaps of at most 30 days"),
            ),
        ),
        Member(
            name="mp4_config",
            type="object",
            doc="Needed with the format MP4; may be empty.",
            members=(
                Member(
                    name="record_cycle",
                    type="integer",
                    doc="Length of one file.",
                    unit="seconds",
                    minimum=60,
                    maximum=10800,
                    default=7200,
                    source="mandatory in the API Reference, left out in its worked example; sent as declared",
                ),
                _prefix("mp4"),
                _merge(0, ""),
            ),
        ),
    )

    def natural_key(self, members: Members) -> tuple[str, ...]:
        """Return the location."""
        return (str(get(members, ("obs_addr", "location")) or ""),)

    def uses(self, members: Members) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the authorization of the rule's bucket."""
        bucket, location = (str(get(members, ("obs_addr", name)) or "") for name in ("bucket", "location"))
        return (("BucketAuthorization", (bucket, location)),)

    def compared(self, path: Path, desired: Members, live: RemoteObject) -> bool:
        """Skip the config of a format that is not requested: the service fills it with zeros."""
        return path[0] not in _CONFIG_NAMES or path[0] not in _unused(desired)

    def sendable(self, members: Members) -> Members:
        """Drop the config of a format that is not requested."""
        return {name: value for name, value in members.items() if name not in _unused(members)}

    def check(self, members: Members) -> Iterator[Finding]:
        """Ask for the config of each requested format."""
        formats = _formats(members)
        for format_, config in _CONFIGS.items():
            if format_ in formats and config not in members:
                mend = "add 'mp4_config: {}'" if format_ == "MP4" else "add 'hls_config: {record_cycle: 3600}'"
                yield Finding(("record_formats",), f"format {format_} needs {config}", mend)
            if format_ not in formats and config in members:
                yield Finding(
                    (config,),
                    f"{config} has no effect, for record_formats does not hold {format_}",
                    f"add {format_} to record_formats or remove {config}",
                    "warning",
                )

    def parse(self, item: Item, ids: Mapping[str, str]) -> RemoteObject:
        """Read one rule."""
        own = {"app_id": ids.get("app_id", ""), "rule_id": text(item, "rule_id")}
        return RemoteObject(self.name, own, pick(item, self.members))

    def create(self, members: Members, ids: Ids) -> tuple[Write, ...]:
        """POST; 200 tells that a rule of this location stood there already and was replaced."""
        path = "/v2/apps/{app_id}/record-rules"
        call = Call("POST", path, self.category, ids, members, expect=(201, 200), returns=("rule_id",))
        return (Write(call, "create", tuple(members), makes=True),)

    def update(self, body: Members, changed: frozenset[str], ids: Ids) -> tuple[Write, ...]:
        """PUT the whole body."""
        return (Write(Call("PUT", self._one, self.category, ids, body), "update", tuple(body)),)

    def delete(self, ids: Ids, live: RemoteObject | None) -> tuple[Write, ...]:
        """DELETE; the service refuses a rule in use."""
        call = Call("DELETE", self._one, self.category, ids, expect=(204,), done_statuses=(404,))
        return (Write(call, "delete"),)

    _one = "/v2/apps/{app_id}/record-rules/{rule_id}"


_CONFIG_NAMES = frozenset(_CONFIGS.values())


def _formats(members: Members) -> Sequence[Value]:
    formats = members.get("record_formats")
    return formats if isinstance(formats, Sequence) and not isinstance(formats, str) else ()


def _unused(members: Members) -> frozenset[str]:
    formats = _formats(members)
    return frozenset(config for format_, config in _CONFIGS.items() if format_ not in formats)
