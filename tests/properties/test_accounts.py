"""Manifests spread over accounts: a plan after an apply is empty, and no account notices that there are others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from rtcctl import manifest
from rtcctl.api.client import Client
from rtcctl.api.credentials import AkSkCredentials
from rtcctl.errors import ExitCode, UnreachableError
from rtcctl.model.happening import UNWATCHED
from rtcctl.model.ledger import Binding
from rtcctl.model.resource import Desired
from rtcctl.model.values import Secret
from rtcctl.operations.connection import Connection
from rtcctl.operations.fleet import Common, Fleet, FleetPlan, Way
from rtcctl.operations.workflow import Session
from rtcctl.planner.options import Options
from rtcctl.simulator import Options as Simulated
from rtcctl.simulator import create_app
from rtcctl.simulator.accounts import account_named
from tests import virtual
from tests.properties.members import SECRETS
from tests.properties.profile import EXAMPLES, properties
from tests.properties.strategies import Manifest, manifests
from tests.properties.wire import Wire
from tests.properties.world import ENDPOINT, NOWHERE, Clock, MemoryState, Silent

FEW = EXAMPLES // 3 + 1
"""An example is up to three accounts, each made twice."""
NAMES = ("edu", "events", "more")
BELOW = ("record_rule", "mix_job", "individual_job")
_ID, _TIME = re.compile(r"[0-9a-f]{16,32}"), re.compile(r"\d{4}([-/])\d\d\1\d\d[T ][0-9:.]+")
PROJECT: dict[str, Any] = {"apiVersion": "rtcctl.dev/v1", "kind": "Project", "metadata": {"name": "fleet"}}


def _specs(declared: Manifest) -> tuple[dict[str, Any], dict[str, Any]]:
    return declared.apps, declared.buckets


@dataclass(frozen=True)
class Spread:
    """A manifest for each account."""

    parts: dict[str, Manifest]

    @property
    def text(self) -> str:
        accounts = {name: {"credentials": f"env:{name.upper()}"} for name in self.parts}
        found = json.dumps({**PROJECT, "spec": {"accounts": accounts}})
        for account, declared in self.parts.items():
            apps, buckets = ({n: {**spec, "account": account} for n, spec in each.items()} for each in _specs(declared))
            _, *own = Manifest(apps, buckets).text.split("\n---\n", 1)
            found += "".join(f"\n---\n{each}" for each in own)
        return found

    def load(self) -> Desired:
        return manifest.load(["-"], stdin=self.text.encode, environ=SECRETS, cwd=NOWHERE)

    def of(self, account: str) -> Spread:
        return Spread({account: self.parts[account]})


@st.composite
def spreads(draw: st.DrawFn) -> Spread:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    return Spread({name: draw(manifests()) for name in names})


class Down(Wire):
    """Carries nothing."""

    async def handle_async_request(self, request: Any) -> Any:
        import httpx

        raise httpx.ConnectError("down")


@dataclass
class Accounts:
    """The accounts on one simulator in memory, and the state of each."""

    names: Iterable[str]
    broken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.known = {name: account_named(name) for name in self.names}
        variants = frozenset({"unauthorized-ignored"})
        options = Simulated(
            now=self.clock,
            start_delay=0,
            variants=variants,
            accounts=tuple(self.known.values()),
            rooms_start_empty=False,
        )
        self.app = create_app(None, options=options)
        self.states = {
            name: MemoryState(NOWHERE, Binding("fleet", name, ENDPOINT, {"project_id": one.project_id}))
            for name, one in self.known.items()
        }

    def fleet(self, spread: Spread) -> Fleet:
        desired = spread.load()

        def way(part: Desired) -> Way:
            name = part.project.account.name
            return Way(name, lambda: self._session(name, part))

        common = Common(len(desired.project.accounts) > 1, desired.project.max_deletes)
        return Fleet([way(part) for part in desired.parts()], UNWATCHED, common)

    def _session(self, name: str, part: Desired) -> Session:
        one = self.known[name]
        key = AkSkCredentials(one.access_key, Secret(one.secret_key, "test"), one.project_id)
        wire = Down(self.app) if name in self.broken else Wire(self.app)
        client = Client(ENDPOINT, ENDPOINT, key, transport=wire, now=self.clock)
        connection = Connection(client, self.states[name], "the simulator")
        return Session(connection, part, environ=SECRETS, folder=NOWHERE)

    async def plan(self, spread: Spread) -> tuple[Fleet, FleetPlan]:
        fleet = self.fleet(spread)
        return fleet, await fleet.plan(fleet.planning(Options()))

    async def apply(self, spread: Spread) -> ExitCode:
        fleet, planned = await self.plan(spread)
        assert planned.plan.refused(allow_destroy=True) == ()
        return (await fleet.apply(planned, Silent(), allow_destroy=True)).exit_code

    def holds(self, account: str) -> Any:
        """What is live in an account, without what the service makes up."""
        store = self.app.state.simulator.store
        with store.transaction():
            apps = store.collection("app", account).list()
            below = {
                app["app_name"]: {kind: store.collection(kind, account, app["app_id"]).list() for kind in BELOW}
                for app in apps
            }
            found = {"app": apps, "bucket": store.collection("bucket", account).list(), "below": below}
        return _plain(found)


def _plain(value: Any) -> Any:
    """The value without ids and times, and lists in an order that does not depend on them."""
    if isinstance(value, dict):
        return {name: _plain(below) for name, below in value.items() if name not in ("running_from", "idle_since")}
    if isinstance(value, list):
        return sorted(map(_plain, value), key=lambda each: json.dumps(each, sort_keys=True))
    if isinstance(value, str):
        return _TIME.sub("TIME", _ID.sub("ID", value))
    return value


@settings(properties, max_examples=FEW)
@given(spreads())
def test_a_plan_after_an_apply_is_empty_and_each_account_is_as_if_it_were_alone(spread: Spread) -> None:
    async def check() -> None:
        together = Accounts(spread.parts)
        event(f"{len(spread.parts)} accounts")
        code = await together.apply(spread)
        _, again = await together.plan(spread)
        assert code == ExitCode.OK
        assert not again.plan.has_changes
        assert again.plan.to_record == 0
        for name in spread.parts:
            alone = Accounts([name])
            assert await alone.apply(spread.of(name)) == ExitCode.OK
            await alone.plan(spread.of(name))  # a job runs from the first look on
            assert together.holds(name) == alone.holds(name)
            assert together.states[name].load().entries.keys() == alone.states[name].load().entries.keys()

    virtual.run(check())


@settings(properties, max_examples=FEW)
@given(spreads().filter(lambda spread: len(spread.parts) > 1), st.data())
def test_a_broken_account_keeps_no_other_from_converging_and_a_second_run_does_the_rest(
    spread: Spread, data: st.DataObject
) -> None:
    async def check() -> None:
        accounts = Accounts(spread.parts)
        down = data.draw(st.sampled_from(sorted(spread.parts)))
        accounts.broken = {down}
        silent = not spread.parts[down].apps and not spread.parts[down].buckets
        code = await accounts.apply(spread)
        assert code == ExitCode.OK if silent else code in (ExitCode.PARTIAL, ExitCode.FAILED)
        _, planned = await accounts.plan(spread)
        assert not planned.plan.has_changes
        assert [each.account for each in planned.plan.broken] == ([] if silent else [down])
        assert all(isinstance(each.error, UnreachableError) for each in planned.plan.broken)
        accounts.broken = set()
        assert await accounts.apply(spread) == ExitCode.OK
        _, planned = await accounts.plan(spread)
        assert not planned.plan.has_changes

    virtual.run(check())
