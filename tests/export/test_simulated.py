"""Exports of simulated accounts, whatever the service does in the points that no source settles."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcctl import manifest
from rtcctl.api.client import Client
from rtcctl.api.credentials import AkSkCredentials
from rtcctl.errors import NotAuthenticatedError
from rtcctl.export.account import Exported
from rtcctl.export.account import manifest as write
from rtcctl.export.reading import read_account
from rtcctl.model.values import Secret
from rtcctl.operations.connection import Connection
from rtcctl.operations.workflow import Planned, Session
from rtcctl.planner.options import Options
from rtcctl.simulator import ACCOUNT, create_app
from rtcctl.simulator import Options as Simulated
from rtcctl.simulator.variants import EXCLUSIVE, VARIANTS, checked
from tests import virtual
from tests.export.support import assert_empty
from tests.properties.foreign import Foreign, ForeignApp, accounts, make
from tests.properties.members import PROJECT_ID
from tests.properties.profile import properties
from tests.properties.wire import Wire
from tests.properties.world import ENDPOINT, NOWHERE, Clock, Silent, World

KEY = "fake-foreign-key"
RULE = {
    "obs_addr": {"bucket": "bucket-a", "location": "cn-north-4", "object": "x/", "project_id": PROJECT_ID},
    "record_formats": ["HLS", "MP4"],
    "hls_config": {"record_cycle": 0},
    "mp4_config": {},
}
CALLBACK = {"url": "https://callback.example/one"}
WHOLE = Foreign(
    (
        ForeignApp("theirs", RULE, CALLBACK, records=True, job=True, disabled=False),
        ForeignApp("off", RULE, CALLBACK, records=True, job=False, disabled=True),
        ForeignApp("plain", None, None, records=False, job=False, disabled=False),
    ),
    ("bucket-a", "theirs"),
)


def world_of(variants: frozenset[str]) -> World:
    """An empty account of a service that does these points otherwise."""

    clock = Clock()
    app = create_app(None, options=Simulated(now=clock, start_delay=0, variants=variants))
    key = AkSkCredentials(ACCOUNT.access_key, Secret(ACCOUNT.secret_key, "test"), ACCOUNT.project_id)
    wire = Wire(app)
    return replace(World.new(), app=app, wire=wire, client=Client(ENDPOINT, ENDPOINT, key, transport=wire, now=clock))


async def exported(world: World) -> Exported:
    found = await read_account(world.client)
    return write(found.live, found.notes)


def session(world: World, text: str) -> Session:
    desired = manifest.load(["-"], stdin=text.encode, environ={}, cwd=NOWHERE)
    return Session(Connection(world.client, world.state, "the simulator"), desired)


async def planned(world: World, text: str) -> Planned:
    return await session(world, text).plan(Options())


async def check(world: World, foreign: Foreign) -> Exported:
    """Export twice, and plan what came out; nothing was written but what the account was made of."""
    by_hand = replace(world, hand=world.client)
    await make(by_hand, foreign)
    for _ in range(3):  # a listing that lags behind has caught up by then
        await read_account(world.client)
    before = len(world.wire.writes)
    found = await exported(world)
    assert await exported(world) == found
    assert KEY not in found.text
    assert_empty((await planned(world, found.text)).plan)
    assert len(world.wire.writes) == before
    return found


@pytest.mark.parametrize("variant", ["", *(name for name in VARIANTS if name != "token-only-for-buckets")])
def test_an_export_plans_empty_under_every_variant(variant: str) -> None:
    found = virtual.run(check(world_of(checked([variant] if variant else [])), WHOLE))
    assert (found.apps, found.buckets, found.left_out) == (3, 2, 1)  # `off` records and is disabled


def test_buckets_that_may_not_be_listed_are_left_out() -> None:
    async def run() -> Exported:
        world = world_of(frozenset({"token-only-for-buckets"}))
        return await check(world, replace(WHOLE, buckets=()))

    found = virtual.run(run())
    assert (found.apps, found.buckets, found.left_out) == (3, 0, 2)
    assert "does not list buckets for these credentials (401 APIGW.0301)" in found.text.replace("\n# ", " ")


def test_apps_that_may_not_be_listed_are_an_error() -> None:

    stranger = AkSkCredentials("UNKNOWN", Secret("fake-secret-key", "test"), "0" * 32)
    client = Client(ENDPOINT, ENDPOINT, stranger, transport=world_of(frozenset()).wire)
    with pytest.raises(NotAuthenticatedError):
        asyncio.run(read_account(client))


def test_after_an_apply_of_the_export_there_is_nothing_left_to_record() -> None:
    async def run() -> Planned:
        world = world_of(frozenset())
        found = await check(world, WHOLE)
        before = len(world.wire.writes)
        first = await planned(world, found.text)
        await session(world, found.text).apply(first, Silent(), allow_destroy=False)
        assert len(world.wire.writes) == before
        return await planned(world, found.text)

    again = virtual.run(run()).plan
    assert not again.has_changes
    assert again.to_record == 0


@st.composite
def variants(draw: st.DrawFn) -> frozenset[str]:
    """Some variants that do not exclude each other; writes refused for want of a token make no account."""
    names = sorted(VARIANTS.keys() - {"token-only-for-buckets"})
    found = set(draw(st.lists(st.sampled_from(names), unique=True, max_size=8)))
    for group in EXCLUSIVE:
        found -= set([name for name in group if name in found][1:])
    return frozenset(found)


@properties
@given(accounts(), variants())
def test_random_accounts_are_exported_as_manifests_that_plan_empty(foreign: Foreign, on: frozenset[str]) -> None:
    virtual.run(check(world_of(on | {"unauthorized-ignored"}), foreign))
