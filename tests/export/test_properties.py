"""Whatever the service shows, its export loads and plans empty."""

from __future__ import annotations

from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from tests.export.support import KEY, Json, export
from tests.properties.profile import properties

Strategy = st.SearchStrategy[Any]

texts = st.text(max_size=12) | st.sampled_from(["off", "a", "a b", "${env:X}", "\x1b[31m", "\ud800", "x" * 300, "1e3"])
odd: Strategy = st.none() | texts | st.integers(-10, 100_000) | st.booleans() | st.just([]) | st.just({}) | st.floats()


@st.composite
def or_odd(draw: st.DrawFn, value: Strategy) -> Any:
    """What should be there; now and then something else."""
    return draw(odd if draw(st.integers(0, 9)) == 9 else value)


def some(required: dict[str, Strategy], **optional: Strategy) -> Strategy:
    """An object of an answer: each member may be as it should be or something else, some may be absent."""
    wild = [{name: or_odd(value) for name, value in members.items()} for members in (required, optional)]
    return st.fixed_dictionaries(wild[0], optional=wild[1])


numbers = st.integers(-2, 50_000) | st.integers(60, 3600).map(float) | st.integers(60, 3600).map(str)
configs = some({"record_cycle": numbers}, record_prefix=texts, record_slice_duration=st.integers(0, 70))
places = some(
    {
        "bucket": st.sampled_from(["rec", "off"]) | texts,
        "location": st.sampled_from(["cn-north-4", "cn-north-4", "eu-west-0"]),
        "project_id": st.just("0" * 32),
    },
    object=texts,
)
formats = st.sampled_from([["MP4"], ["HLS"], ["HLS", "MP4"], ["MP4", "MP4"], ["FLV"], []])
rules = some({"obs_addr": places, "record_formats": formats}, hls_config=configs, mp4_config=configs)
urls = st.sampled_from(["https://hooks.example/a?b=${x}", "http://x", "ftp://x", "http://u:fake@h", "http://[::1"])
keys = st.sampled_from([KEY, KEY, "", "********", "a***z"])
callbacks = some({}, record_callback=some({"url": urls}, auth_key=keys))
modes = some({"mode": st.sampled_from(["AUTO_INDIVIDUAL_RECORD", "AUTO_RECORD_OFF"])}, record_rule_id=st.just("r0"))
states = st.sampled_from(["ACTIVATION", "ACTIVATION", "DEACTIVATION", "ARREARS", "DELETED"])
apps = some({"app_name": texts, "state": states | some({"state": states})}, callbacks=callbacks, auto_record_mode=modes)
buckets = some(
    {
        "bucket": st.sampled_from(["rec", "off"]) | texts,
        "location": st.sampled_from(["cn-north-4", "cn-east-2", "mars"]),
        "is_authorized": st.sampled_from([True, True, "true", False]),
    }
)


@st.composite
def documents(draw: st.DrawFn) -> Json:
    found = [{**app, "app_id": f"id{at}"} for at, app in enumerate(draw(st.lists(apps, min_size=1, max_size=4)))]
    return {
        "apps": found,
        "rules": {app["app_id"]: _numbered(draw(st.lists(rules, max_size=2))) for app in found},
        "buckets": draw(st.lists(buckets, max_size=3)),
    }


def _numbered(found: list[Json]) -> list[Json]:
    return [{**each, "rule_id": f"r{at}"} for at, each in enumerate(found)]


@properties
@given(documents())
def test_any_account_is_exported_as_a_manifest_that_plans_empty(document: Json) -> None:
    """An export that names a secret, or holds what a terminal would obey, fails in `export`."""
    found = export(document)
    event("something is left out" if found.left_out else "all of it is declared")
    event(f"{found.apps} apps")
