"""What was in the account before: apps and buckets of others, and apps that the manifest may adopt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from rtcctl.kinds.job import NOT_INITIALIZED
from rtcctl.model.call import Call
from tests.properties import members
from tests.properties.strategies import APP_NAMES, APPS
from tests.properties.world import World

OK = (200, 201, 204)
STRANGERS = ("theirs", "theirs-too")


@dataclass(frozen=True)
class ForeignApp:
    """An app that somebody made by hand. `records`: automatic recording by its rule. `job`: a running recording."""

    name: str
    rule: dict[str, Any] | None
    callback: dict[str, Any] | None
    records: bool
    job: bool
    disabled: bool


@dataclass(frozen=True)
class Foreign:
    """Everything of others; `buckets` are authorized."""

    apps: tuple[ForeignApp, ...] = ()
    buckets: tuple[str, ...] = ()


def _apps(names: tuple[str, ...], *, jobs: bool) -> st.SearchStrategy[tuple[ForeignApp, ...]]:
    one = st.builds(
        ForeignApp,
        st.sampled_from(names),
        st.none() | members.rule_bodies(),
        st.none() | members.callbacks,
        st.booleans() if jobs else st.just(False),
        st.booleans() if jobs else st.just(False),
        st.booleans(),
    )
    return st.lists(one, max_size=2, unique_by=lambda app: app.name).map(tuple)


def accounts(*, adoptable: bool = True) -> st.SearchStrategy[Foreign]:
    """Return what an account may hold. An app to be adopted records nothing: a rule in use can't be pruned."""
    strangers = _apps(STRANGERS, jobs=True)
    known = _apps((*APPS, *APP_NAMES), jobs=False) if adoptable else st.just(())
    apps = st.tuples(strangers, known).map(lambda pair: pair[0] + pair[1])
    return st.builds(Foreign, apps, st.lists(st.sampled_from((*members.BUCKETS, "theirs")), unique=True).map(tuple))


async def make(world: World, foreign: Foreign) -> None:
    """Make it all by hand."""
    for bucket in foreign.buckets:
        await send(world, "PUT", "/v2/rtc-ops/buckets/authentication", bucket_body(bucket))
    for app in foreign.apps:
        await _make_app(world, app)


def bucket_body(bucket: str, operation: int = 1) -> dict[str, Any]:
    """The body that authorizes a bucket, or withdraws that."""
    return {"bucket": bucket, "location": "cn-north-4", "operation": operation}


async def _make_app(world: World, app: ForeignApp) -> None:
    app_id = (await send(world, "POST", "/v2/apps", {"app_name": app.name}))["app_id"]
    path = f"/v2/apps/{app_id}"
    if app.callback is not None:
        await send(
            world, "PUT", f"{path}/record-callback", {"url": app.callback["url"], "auth_key": "fake-foreign-key"}
        )
    if app.rule is not None:
        rule_id = (await send(world, "POST", f"{path}/record-rules", app.rule))["rule_id"]
        param = {"record_rule_id": rule_id}
        if app.records:
            await send(world, "PUT", f"{path}/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", **param})
        if app.job:
            body = {"room_id": "theirs", "user_id": "carl", "record_param": param}
            job_id = (await send(world, "POST", f"{path}/individual-stream-jobs", body))["job_id"]
            await send(world, "GET", f"{path}/individual-stream-jobs/{job_id}")
    if app.disabled:
        await send(world, "POST", f"{path}/disable")


async def send(world: World, method: Any, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make a call by hand, past rtcctl."""
    answer = await world.hand.send(Call(method, path, "apps", {}, body, expect=OK, done_codes=(NOT_INITIALIZED,)))
    return dict(answer.data)


def seen(world: World, foreign: Foreign) -> str:
    """Return everything that belongs to strangers, byte for byte."""
    names = {app.name for app in foreign.apps} & set(STRANGERS)
    apps = [app for app in world.documents("app") if app["app_name"] in names]
    kinds = ("record_rule", "mix_job", "individual_job")
    below = [world.documents(kind, app["app_id"]) for app in apps for kind in kinds]
    buckets = [one for one in world.documents("bucket") if one["bucket"] == "theirs"]
    return json.dumps([apps, below, buckets], sort_keys=True)
