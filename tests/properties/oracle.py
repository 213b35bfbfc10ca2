"""Does the account hold what a manifest declares? Judged from the simulator's data alone, not by the planner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rtcctl.model.address import Address
from tests.properties.members import SECRETS
from tests.properties.mending import Spec
from tests.properties.strategies import Manifest
from tests.properties.world import World

UNDECLARED = "running that nobody declared"
ONE_TOO_MANY = f": 1 {UNDECLARED}"

_CONFIGS = {"HLS": "hls_config", "MP4": "mp4_config"}
_JOBS = {
    "mix_stream_jobs": ("MixStreamJob", "mix_job"),
    "individual_stream_jobs": ("IndividualStreamJob", "individual_job"),
}


def wrong(world: World, declared: Manifest) -> list[str]:
    """Return everything that is not as declared; members in `ignore_changes` and jobs known to be over are left out."""
    apps = {app["app_name"]: app for app in world.documents("app")}
    found: list[str] = []
    for name, spec in declared.apps.items():
        ignored = spec.get("lifecycle", {}).get("ignore_changes", [])
        told = {key: value for key, value in spec.items() if not any(path.startswith(key) for path in ignored)}
        app = apps.get(declared.app_name(name))
        if "app_name" in ignored:
            continue
        if app is None:
            found.append(f"{name}: no app")
            continue
        found += [f"{name}: {what}" for what in _in_app(world, name, app, told)]
    for name, spec in declared.buckets.items():
        if not any(_fits(one, spec) and one["is_authorized"] for one in world.documents("bucket")):
            found.append(f"{name} is not authorized")
    return found


def _fits(bucket: Mapping[str, Any], spec: Spec) -> bool:
    return (bucket["bucket"], bucket["location"]) == (spec["bucket"], spec["location"])


def _in_app(world: World, name: str, app: dict[str, Any], spec: Spec) -> Iterator[str]:
    if "state" in spec and app["state"]["state"] != spec["state"]:
        yield f"state is {app['state']['state']}"
    rules = world.documents("record_rule", app["app_id"])
    for rule in spec.get("record_rules", ()):
        yield from _rule(rule, rules)
    if "record_callback" in spec:
        yield from _callback(spec["record_callback"], app["callbacks"].get("record_callback", {}))
    if "auto_record_mode" in spec:
        yield from _auto(spec["auto_record_mode"], app["auto_record_mode"], rules)
    yield from _all_jobs(world, name, app["app_id"], spec)


def _rule(want: Spec, rules: list[dict[str, Any]]) -> Iterator[str]:
    if len(rules) != 1:
        yield f"{len(rules)} rules"
        return
    (have,) = rules
    for member, value in want["obs_addr"].items():
        if have["obs_addr"].get(member, "") != value:
            yield f"rule has {member} {have['obs_addr'].get(member)!r}"
    if set(want["record_formats"]) != set(have["record_formats"]):
        yield f"rule has {have['record_formats']}"
    for format_ in want["record_formats"]:
        config = _CONFIGS[format_]
        for member, value in want[config].items():
            if value != "" and have[config].get(member) != value:
                yield f"rule has {config}.{member} {have[config].get(member)!r}"


def _callback(want: Spec, have: Mapping[str, Any]) -> Iterator[str]:
    if have.get("url") != want["url"]:
        yield f"callback has {have.get('url')!r}"
    key = want.get("auth_key", "")
    key = SECRETS.get(key[len("${env:") : -1], key) if key.startswith("${env:") else key
    if key and have.get("auth_key", "") != key:
        yield "callback has another key"


def _auto(want: Spec, have: Mapping[str, Any], rules: list[dict[str, Any]]) -> Iterator[str]:
    if have["mode"] != want["mode"]:
        yield f"automatic recording is {have['mode']}"
    elif have["mode"] != "AUTO_RECORD_OFF" and have["record_rule_id"] not in [rule["rule_id"] for rule in rules]:
        yield "automatic recording uses another rule"


def _all_jobs(world: World, name: str, app_id: str, spec: Spec) -> Iterator[str]:
    entries = world.ledger.entries
    for key, (kind, collection) in _JOBS.items():
        if key not in spec and any(address.kind == kind and address.name == name for address in entries):
            continue  # some job is ignored
        running = {one["job_id"]: one for one in world.documents(collection, app_id) if one["state"] != "STOPPED"}
        for job in spec.get(key, ()):
            entry = entries.get(Address(kind, name, job["name"]))
            if entry is None:
                yield f"job {job['name']} is not in the state"
            elif not entry.stopped:
                yield from _job(job, running.pop(entry.ids["job_id"], None))
        if running:
            yield f"{kind}: {len(running)} {UNDECLARED}"


def _job(want: Spec, have: dict[str, Any] | None) -> Iterator[str]:
    if have is None:
        yield f"job {want['name']} does not run"
        return
    wanted, found = want.get("mix_param", want), have.get("mix_param", have)
    audio = wanted.get("encode_template") == "audio_only"
    for member, value in wanted.items():
        if member in ("name", "moved_from", "restart", "record_param") or (
            audio and member.startswith(("layout", "u"))
        ):
            continue
        there = found.get(member)
        if member == "encode_template":
            value, there = value.replace("*", "x"), str(there).replace("*", "x")
        if audio and member not in ("encode_template", "room_id", "max_idle_time"):
            continue
        if len(value) != len(there or ()) if isinstance(value, list) else value != there:
            yield f"job {want['name']} has {member} {there!r}"
