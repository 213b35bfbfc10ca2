"""The runs that faults are tried on: between them they call every route, most of them three times or more."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from rtcctl.api.client import Client
from rtcctl.api.credentials import PasswordCredentials
from rtcctl.errors import ApiError
from rtcctl.model.ledger import Binding
from rtcctl.model.values import Secret
from rtcctl.reports.as_json import error_document, result_document
from rtcctl.simulator import ACCOUNT
from rtcctl.simulator.faults import Fault, Scenario
from tests import virtual
from tests.properties.foreign import make, send
from tests.properties.strategies import PROJECT
from tests.properties.world import ENDPOINT, NOWHERE, MemoryState, World
from tests.survive.checks import THEIRS
from tests.survive.manifests import (
    APPS,
    BARE,
    DISABLED,
    GONE,
    RECORDED,
    WHOLE,
    WHOLE_CHANGED,
    Declared,
)
from tests.survive.standing import Standing, standing

TOKEN = "KeystoneCreateUserTokenByPassword"
ONCE = {
    "ListApps": "one page holds a hundred apps, and a plan needs every page",
    "ListObsBuckets": "it has no pages, and a run looks once",
    TOKEN: "a token is good for a day, and a run needs one",
}
"""Routes that a run calls once, and why."""


async def _nothing(world: World) -> None:
    """Nobody else does anything."""


async def _remove_apps(world: World) -> None:
    """Somebody deletes our apps by hand: owned and not listed, each is asked for by itself."""
    for app in world.documents("app"):
        if app["app_name"] in APPS:
            await send(world, "DELETE", f"/v2/apps/{app['app_id']}")


async def _renew_rules(world: World) -> None:
    """Somebody makes our rules again by hand; each is another one then, and jobs still record by the one before."""
    for app in world.documents("app"):
        if app["app_name"] in APPS:
            [rule] = world.documents("record_rule", app["app_id"])
            body = {name: rule[name] for name in ("obs_addr", "record_formats", "mp4_config")}
            await send(world, "POST", f"/v2/apps/{app['app_id']}/record-rules", body)


@dataclass(frozen=True)
class Run:
    """How a run ended, as its document tells it; `planned` is whether it came to that."""

    document: dict[str, Any]
    planned: bool


@dataclass(frozen=True)
class Stage:
    """A run: what was applied before it, what it is to lead to, and the routes that are to suffer.

    `between` is what happens by hand before it; `by_password` that it needs a token.
    """

    name: str
    before: Declared | None
    declared: Declared
    routes: tuple[str, ...]
    variants: tuple[str, ...] = ()
    destroy: bool = False
    between: Callable[[World], Coroutine[Any, Any, None]] = field(default=_nothing)
    by_password: bool = False

    async def open(self) -> World:
        """Make the account as it is before the run, with somebody else's app in it."""
        world = World.new(variants=self.variants)
        if self.by_password:
            world = with_password(world)
        await make(world, THEIRS)
        if self.before is not None:
            ran = await run_once(world, self.before)
            assert ran.document["exit_code"] == 0, ran
        await self.between(world)
        return world

    async def run(self, world: World) -> Run:
        """Plan without starting what may be running, and apply."""
        return await run_once(world, self.declared, destroy=self.destroy)


STAGES = (
    Stage(
        "build",
        None,
        WHOLE,
        (
            "ListObsBuckets",
            "ListApps",
            "UpdateObsBucketAuthority",
            "CreateApp",
            "CreateRecordRule",
            "UpdateRecordCallback",
            "UpdateAutoRecord",
            "CreateMixJob",
            "CreateIndividualStreamJob",
        ),
    ),
    Stage(
        "change",
        WHOLE,
        WHOLE_CHANGED,
        (
            "ListRecordRules",
            "ShowMixJob",
            "ShowIndividualStreamJob",
            "UpdateRecordRule",
            "UpdateRecordCallback",
            "UpdateAutoRecord",
            "UpdateMixJob",
        ),
    ),
    Stage(
        "destroy",
        WHOLE,
        GONE,
        (
            "StopMixJob",
            "StopIndividualStreamJob",
            "UpdateAutoRecord",
            "DeleteRecordRule",
            "StopApp",
            "DeleteApp",
            "UpdateObsBucketAuthority",
        ),
        variants=("delete-app-needs-disable",),
        destroy=True,
    ),
    Stage("enable", DISABLED, BARE, ("StartApp",)),
    Stage("disable", BARE, DISABLED, ("StopApp",)),
    Stage(
        "renewed",
        RECORDED,
        RECORDED,
        ("UpdateIndividualStreamJob",),
        variants=("fresh-rule-id",),
        between=_renew_rules,
    ),
    Stage("unlisted", BARE, BARE, ("ShowApp",), between=_remove_apps),
    Stage(
        "settings",
        WHOLE,
        WHOLE_CHANGED,
        ("ShowRecordCallback", "ShowAutoRecord"),
        variants=("listing-without-settings",),
    ),
    Stage("password", None, BARE, (TOKEN,), by_password=True),
)


def with_password(world: World) -> World:
    """Let rtcctl be an IAM user with a password, who fetches a token."""
    user = PasswordCredentials(ACCOUNT.user, Secret(ACCOUNT.password, "test"), ACCOUNT.domain)
    client = Client(ENDPOINT, ENDPOINT, user, transport=world.wire, now=world.clock)
    return replace(
        world, client=client, state=MemoryState(NOWHERE, Binding(PROJECT, "default", ENDPOINT, user.identity))
    )


async def run_once(world: World, declared: Declared, *, destroy: bool = False) -> Run:
    """Plan without starting what may be running, and apply."""
    try:
        planned = await world.plan(declared, destroy=destroy, start_unknown_jobs=False)
    except ApiError as error:
        return Run(error_document(error), planned=False)
    return Run(result_document(planned.plan, await world.apply(declared, planned)), planned=True)


@dataclass(frozen=True)
class Flawless:
    """A stage without a fault: how often each route was called, and what stands afterwards."""

    calls: dict[str, int]
    wanted: dict[str, Standing]


@cache
def flawless(stage: Stage) -> Flawless:
    """Run a stage without a fault."""

    async def work() -> Flawless:
        world = await stage.open()
        board = world.app.state.simulator.faults
        board.set(Scenario(tuple(Fault("latency", (route,)) for route in stage.routes)))
        ran = await stage.run(world)
        assert ran.document["exit_code"] == 0, ran
        met = (counts["met"] for counts in board.counts())
        return Flawless(dict(zip(stage.routes, met, strict=True)), standing(world.documents))

    return virtual.run(work())
