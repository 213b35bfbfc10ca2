"""MixStreamJob: records a room as one mixed picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rtcctl.kinds.base import Finding, Ids, Item, Member, Write
from rtcctl.kinds.job import ROOM_ID, Job, max_idle_time, record_param
from rtcctl.model.call import Call
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Path, Value, get

_SIZES = (
    "1920x1080_30_4620",
    "1920x1080_30_3150",
    "1920x1080_15_3460",
    "1920x1080_15_2080",
    "1280x720_30_3420",
    "1280x720_30_1710",
    "1280x720_15_2260",
    "1280x720_15_1130",
    "640x480_30_1500",
    "640x480_30_1000",
    "640x480_15_500",
    "480x360_30_490",
    "480x360_15_320",
)
_AUDIO_ONLY = "audio_only"
_AUDIO_MEMBERS = ("room_id", "encode_template", "max_idle_time")
_CREATE_ONLY = ("room_id", "encode_template")
_IMAGE = "^s3://[^/]+/.+"


def _image(name: str, doc: str) -> Member:
    where = "s3://BUCKET/PATH of a picture uploaded to OBS before"
    return Member(name=name, type="string", doc=f"{doc}: {where}.", pattern=_IMAGE)


def _share(name: str, doc: str) -> Member:
    return Member(name=name, type="number", doc=f"{doc} as a share of the canvas. custom only.", minimum=0, maximum=1)


_PANE = (
    Member(name="id", type="integer", doc="Pane number.", minimum=1, maximum=25),
    Member(name="user_id", type="string", doc='User shown; "" with SHARED_SCREEN.', max_length=64),
    Member(
        name="video_type",
        type="string",
        doc="CAMERASTREAM camera, SCREENSTREAM shared screen.",
        enum=("CAMERASTREAM", "SCREENSTREAM"),
        default="CAMERASTREAM",
    ),
    _share("x", "Left edge"),
    _share("y", "Top edge"),
    _share("width", "Width"),
    _share("height", "Height"),
    Member(name="zorder", type="integer", doc="Layer, 0 lowest. custom only.", minimum=0, maximum=24),
    Member(
        name="crop_mode",
        type="string",
        doc="How a picture fits its pane. custom only.",
        enum=("KEEP_RATIO_PADDING", "KEEP_RATIO_CROP"),
    ),
    Member(
        name="filling_policy",
        type="string",
        doc="What the pane shows. screen_share_left and screen_share_right only.",
        enum=("FIXED_USER", "SHARED_SCREEN"),
    ),
)
_BACKGROUND = (
    Member(
        name="user_id",
        type="string",
        doc="User meant.",
        required=True,
        min_length=1,
        max_length=64,
        pattern="^[A-Za-z0-9_-]{1,64}$",
    ),
    Member(name="image_uri", type="string", doc="Picture in OBS: s3://BUCKET/PATH.", required=True, pattern=_IMAGE),
)


class MixStreamJob(Job):
    """A mixed-stream recording job; size, rate and room are fixed, the layout is not."""

    name = "MixStreamJob"
    doc = "Records a room as one mixed picture."
    source = "API Reference, Starting a Mixed Stream Job"
    category = "mix-stream-jobs"
    manifest_key = "mix_stream_jobs"
    path = "/v2/apps/{app_id}/mix-stream-jobs"
    members = (
        Member(
            name="mix_param",
            type="object",
            doc="What is mixed, and how it looks.",
            required=True,
            members=(
                ROOM_ID,
                Member(
                    name="encode_template",
                    type="string",
                    doc="Width x height _ frame rate _ kbit/s, or audio_only.",
                    required=True,
                    enum=(_AUDIO_ONLY, *_SIZES, *(size.replace("x", "*") for size in _SIZES)),
                    canonical=lambda spelling: spelling.replace("*", "x"),
                    immutable=True,
                    source="samples spell it with x, field tables with *; both are equal, x is sent",
                ),
                max_idle_time(immutable=False),
                Member(
                    name="layout_template",
                    type="string",
                    doc="nine_grids_view up to 25 pictures, screen_share_* one large and a column, custom free panes.",
                    enum=("nine_grids_view", "screen_share_left", "screen_share_right", "custom"),
                    immutable=True,
                    source="API Reference, UpdateMixJob: only a change between custom templates is supported",
                ),
                _image("default_user_background_image", "Background of users without a picture of their own"),
                _image("screen_background_image", "Background of the shared screen"),
                _image("background_image", "Background of the canvas"),
                Member(
                    name="layout_panes",
                    type="array",
                    doc="Panes; needed with screen_share_left, screen_share_right and custom.",
                    unordered="id",
                    members=_PANE,
                ),
                Member(
                    name="user_background_images",
                    type="array",
                    doc="Backgrounds of single users; win over default_user_background_image.",
                    unordered="user_id",
                    members=_BACKGROUND,
                ),
            ),
        ),
        record_param(required=True, immutable=True),
    )

    def compared(self, path: Path, desired: Members, live: RemoteObject) -> bool:
        """Skip what audio_only ignores."""
        return not _is_audio(desired) or path[0] != "mix_param" or path[-1] in _AUDIO_MEMBERS

    def sendable(self, members: Members) -> Members:
        """Spell encode_template with x, as every sample of the API Reference does."""
        template = get(members, ("mix_param", "encode_template"))
        if not isinstance(template, str):
            return members
        return {**members, "mix_param": {**_mix(members), "encode_template": template.replace("*", "x")}}

    def check(self, members: Members) -> Iterator[Finding]:
        """Ask for a layout, for panes where the layout has them, and for panes that can be told apart and seen."""
        mix = _mix(members)
        layout = mix.get("layout_template")
        if _is_audio(members):
            for name in mix:
                if name not in _AUDIO_MEMBERS:
                    mend = "remove it, or choose another encode_template"
                    yield Finding(("mix_param", name), f"{name} has no effect with audio_only", mend, "warning")
        elif layout is None:
            where = ("mix_param", "encode_template")
            yield Finding(
                where, "a picture needs layout_template", "add for example 'layout_template: nine_grids_view'"
            )
        elif layout != "nine_grids_view" and not mix.get("layout_panes"):
            where = ("mix_param", "layout_template")
            yield Finding(where, f"layout_template {layout} needs layout_panes", "add at least one pane")
        from rtcctl.layout import flaws

        for flaw in flaws(mix):
            yield Finding(("mix_param", "layout_panes", flaw.index), flaw.message, flaw.mend, "warning")

    def update(self, body: Members, changed: frozenset[str], ids: Ids) -> tuple[Write, ...]:
        """PUT what may change. layout_template goes along only for custom, the one change that is supported."""
        mix: dict[str, Value] = {name: value for name, value in _mix(body).items() if name not in _CREATE_ONLY}
        if mix.get("layout_template") != "custom":
            mix.pop("layout_template", None)
        call = Call("PUT", f"{self.path}/{{job_id}}", self.category, ids, {"mix_param": mix})
        return (Write(call, "update", ("mix_param", "record_param")),)

    def without_slips(self, item: Item) -> Item:
        """Look for the slip inside mix_param."""
        mix = item.get("mix_param")
        return {**item, "mix_param": super().without_slips(mix)} if isinstance(mix, Mapping) else item


def _mix(members: Members) -> Mapping[str, Value]:
    mix = members.get("mix_param")
    return mix if isinstance(mix, Mapping) else {}


def _is_audio(members: Members) -> bool:
    return _mix(members).get("encode_template") == _AUDIO_ONLY
