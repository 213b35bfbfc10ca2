"""What people do to objects that a manifest declares: random changes through the API, past rtcctl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import event
from hypothesis import strategies as st

from rtcctl.errors import RejectedError
from tests.properties import members
from tests.properties.foreign import bucket_body, send
from tests.properties.strategies import Manifest
from tests.properties.world import World

_JOBS = {"mix-stream-jobs": "mix_job", "individual-stream-jobs": "individual_job"}


@dataclass(frozen=True)
class Deed:
    """One change by hand to one of the declared apps. `pick` chooses among them; the rest is what is written."""

    what: str
    pick: int
    rule: dict[str, Any]
    callback: dict[str, Any]
    idle: int


deeds = st.lists(
    st.builds(
        Deed,
        st.sampled_from(
            (
                "change rule",
                "change callback",
                "record",
                "stop recording",
                "switch state",
                "delete rule",
                "delete app",
                "make app anew",
                "stop job",
                "change job",
                "withdraw bucket",
            )
        ),
        st.integers(0, 5),
        members.rule_bodies(),
        members.callbacks,
        st.integers(5, 43200),
    ),
    min_size=1,
    max_size=4,
)


async def do(world: World, declared: Manifest, deed: Deed) -> None:
    """Do it, or what the service allows of it."""
    try:
        await _do(world, declared, deed)
        event(deed.what)
    except RejectedError:
        event(f"{deed.what}: refused by the service")


async def _do(world: World, declared: Manifest, deed: Deed) -> None:
    if deed.what == "withdraw bucket":
        await send(world, "PUT", "/v2/rtc-ops/buckets/authentication", bucket_body(members.BUCKETS[deed.pick % 2], 0))
        return
    names = {declared.app_name(name) for name in declared.apps}
    apps = [app for app in world.documents("app") if app["app_name"] in names]
    if not apps:
        return
    app = apps[deed.pick % len(apps)]
    path = f"/v2/apps/{app['app_id']}"
    match deed.what:
        case "change rule" | "record" | "delete rule":
            await _rule(world, path, app, deed)
        case "change callback":
            body = {"url": deed.callback["url"], "auth_key": "fake-key-by-hand"}
            await send(world, "PUT", f"{path}/record-callback", body if deed.idle % 2 else {"url": body["url"]})
        case "stop recording":
            await send(world, "PUT", f"{path}/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
        case "switch state":
            await _switch(world, path, app)
        case "delete app" | "make app anew":
            await _delete_app(world, path, app, anew=deed.what == "make app anew")
        case "stop job" | "change job":
            await _job(world, path, app, deed)


async def _rule(world: World, path: str, app: dict[str, Any], deed: Deed) -> None:
    for rule in world.documents("record_rule", app["app_id"]):
        rule_path = f"{path}/record-rules/{rule['rule_id']}"
        if deed.what == "change rule":
            await send(world, "PUT", rule_path, deed.rule)
        elif deed.what == "delete rule":
            await send(world, "DELETE", rule_path)
        else:
            body = {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule["rule_id"]}
            await send(world, "PUT", f"{path}/auto-record-mode", body)


async def _switch(world: World, path: str, app: dict[str, Any]) -> None:
    await send(world, "POST", f"{path}/{'disable' if app['state']['state'] == 'ACTIVATION' else 'enable'}")


async def _delete_app(world: World, path: str, app: dict[str, Any], *, anew: bool) -> None:
    await send(world, "PUT", f"{path}/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    for job_path in _running(world, path, app):
        await send(world, "DELETE", job_path)
    for rule in world.documents("record_rule", app["app_id"]):
        await send(world, "DELETE", f"{path}/record-rules/{rule['rule_id']}")
    await send(world, "DELETE", path)
    if anew:
        await send(world, "POST", "/v2/apps", {"app_name": app["app_name"]})


def _running(world: World, path: str, app: dict[str, Any]) -> list[str]:
    return [
        f"{path}/{segment}/{job['job_id']}"
        for segment, kind in _JOBS.items()
        for job in world.documents(kind, app["app_id"])
        if job["state"] != "STOPPED"
    ]


async def _job(world: World, path: str, app: dict[str, Any], deed: Deed) -> None:
    running = _running(world, path, app)
    if not running:
        return
    job = running[deed.pick % len(running)]
    if deed.what == "stop job":
        await send(world, "DELETE", job)
    elif "mix-stream-jobs" in job:
        panes = [{"id": 1, "user_id": "by-hand"}]
        await send(world, "PUT", job, {"mix_param": {"max_idle_time": deed.idle, "layout_panes": panes}})
