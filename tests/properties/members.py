"""Random members under the API's own names: rules, settings, jobs. Each is valid by itself; `mending` fits them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from rtcctl.kinds import KINDS
from rtcctl.kinds.bucket_authorization import LOCATIONS

Strategy = st.SearchStrategy[Any]

PROJECT_ID = "01234567890123456789012345678901"
SECRETS = {
    "KEY_ONE": "fake-callback-key-one-00000000000000",
    "KEY_TWO": "fake-callback-key-two-00000000000000",
    "KEY_SHORT": "fake-short-key",
    "KEY_NONE": "",
}
LITERAL_SECRET = "fake-literal-key-in-the-manifest-0000"

BUCKETS = ("bucket-a", "bucket-b")
ROOMS = ("room-1", "room-2", "0123456789", "1e3")
USERS = ("anna", "ben", "007", "off")
IMAGES = ("s3://bucket-a/images/canvas.jpg", "s3://bucket-a/images/person.jpg")
OBJECTS = ("", "Record/", "Lessons/été/", "yes")
PREFIXES = ("", "{app_id}/{stream}/{file_start_time}", "0x10")
URLS = ("http://callback.example/one", "https://callback.example/two?a=1&b=%20", "https://callback.example/three")


def _encode_templates() -> list[str]:
    mix = next(member for member in KINDS["MixStreamJob"].members if member.name == "mix_param")
    return [value for member in mix.members if member.name == "encode_template" for value in member.enum]


def _some(required: dict[str, Strategy], optional: dict[str, Strategy]) -> Strategy:
    return st.fixed_dictionaries(required, optional=optional)


record_cycles = st.one_of(st.just(3600), st.integers(60, 10800))

hls_config = _some(
    {"record_cycle": st.one_of(st.just(0), record_cycles, st.just(43200))},
    {
        "record_prefix": st.sampled_from(PREFIXES),
        "record_slice_duration": st.integers(2, 60),
        "record_max_duration_to_merge_file": st.integers(-1, 300),
    },
)

mp4_config = _some(
    {},
    {
        "record_cycle": record_cycles,
        "record_prefix": st.sampled_from(PREFIXES),
        "record_max_duration_to_merge_file": st.integers(0, 300),
    },
)

obs_addr = _some(
    {
        "bucket": st.sampled_from(BUCKETS),
        "location": st.just("cn-north-4"),
        "project_id": st.sampled_from((PROJECT_ID, "9" * 32)),
    },
    {"object": st.sampled_from(OBJECTS)},
)


@st.composite
def rule_bodies(draw: st.DrawFn) -> dict[str, Any]:
    """The body of a rule; now and then with the config of a format that is not requested."""
    formats = draw(st.sampled_from((["MP4"], ["HLS"], ["MP4", "HLS"], ["HLS", "MP4"])))
    body: dict[str, Any] = {"obs_addr": draw(obs_addr), "record_formats": formats}
    for format_, member, config in (("HLS", "hls_config", hls_config), ("MP4", "mp4_config", mp4_config)):
        if format_ in formats or draw(st.integers(0, 7)) == 7:
            body[member] = draw(config)
    return body


callbacks = _some(
    {"url": st.sampled_from(URLS)},
    {"auth_key": st.sampled_from((*(f"${{env:{name}}}" for name in SECRETS), LITERAL_SECRET))},
)

auto_record_modes = st.one_of(
    st.just({"mode": "AUTO_RECORD_OFF"}),
    st.just({"mode": "AUTO_RECORD_OFF", "record_rule": "main"}),
    st.just({"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule": "main"}),
)

video_types = st.sampled_from(("CAMERASTREAM", "SCREENSTREAM"))
shares = st.one_of(st.sampled_from((0, 1, 0.1, 0.25, 1e-05)), st.floats(0, 1, width=32))
idle_times = st.one_of(st.just(30), st.integers(5, 43200))

_places: dict[str, Strategy] = {
    **dict.fromkeys(("x", "y", "width", "height"), shares),
    "zorder": st.integers(0, 24),
    "crop_mode": st.sampled_from(("KEEP_RATIO_PADDING", "KEEP_RATIO_CROP")),
}
_pane: dict[str, Strategy] = {"user_id": st.sampled_from(("", *USERS)), "video_type": video_types}
_shared: dict[str, Strategy] = {"filling_policy": st.sampled_from(("FIXED_USER", "SHARED_SCREEN"))}


def _panes(members: dict[str, Strategy], least: int) -> Strategy:
    """Panes with numbers of their own, in any order; some without a number."""
    pane = _some({}, {"id": st.integers(1, 25), **members})
    panes = st.lists(pane, min_size=least, max_size=3)
    return panes.filter(lambda found: len({one.get("id", -at) for at, one in enumerate(found)}) == len(found))


PANES = {
    "nine_grids_view": _panes(_pane, 0),
    "screen_share_left": _panes(_pane | _shared, 1),
    "screen_share_right": _panes(_pane | _shared, 1),
    "custom": _panes(_pane | _places, 1),
}

_backgrounds = st.lists(
    _some({"user_id": st.sampled_from(USERS), "image_uri": st.sampled_from(IMAGES)}, {}),
    max_size=2,
    unique_by=lambda found: found["user_id"],
)


@st.composite
def mix_params(draw: st.DrawFn) -> dict[str, Any]:
    """What is mixed: every layout, or sound alone."""
    template = draw(st.one_of(st.just("audio_only"), st.sampled_from(_encode_templates())))
    param: dict[str, Any] = {"room_id": draw(st.sampled_from(ROOMS)), "encode_template": template}
    param |= draw(_some({}, {"max_idle_time": idle_times, "background_image": st.sampled_from(IMAGES)}))
    if template == "audio_only" and draw(st.booleans()):
        return param
    layout = draw(st.sampled_from(tuple(PANES)))
    param["layout_template"] = layout
    if layout != "nine_grids_view" or draw(st.booleans()):
        param["layout_panes"] = draw(PANES[layout])
    images: dict[str, Strategy] = {
        name: st.sampled_from(IMAGES) for name in ("default_user_background_image", "screen_background_image")
    }
    param |= draw(_some({}, {**images, "user_background_images": _backgrounds}))
    return param


_restart = {"restart": st.sampled_from(("Never", "OnFailure", "Always"))}
_by_rule = st.just({"record_rule": "main"})

mix_jobs = _some({"mix_param": mix_params(), "record_param": _by_rule}, dict(_restart))

single_jobs = _some(
    {"room_id": st.sampled_from(ROOMS), "user_id": st.sampled_from(USERS), "record_param": _by_rule},
    {
        "is_record_audio": st.booleans(),
        "video_type": video_types,
        "select_stream_type": st.sampled_from(("LD", "SD", "HD", "FHD")),
        "max_idle_time": idle_times,
        **_restart,
    },
)

authorizations = _some(
    {"bucket": st.sampled_from(BUCKETS), "location": st.sampled_from(("cn-north-4", *LOCATIONS))},
    {"project_id": st.sampled_from((PROJECT_ID, "9" * 32))},
)
