"""One account on a simulator in memory, and one project's state: load, read, plan and apply as a user would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import jsonschema
from msgspec.structs import replace

from rtcctl import manifest
from rtcctl.api.client import Client, utc_now
from rtcctl.api.credentials import AkSkCredentials
from rtcctl.errors import RtcctlError
from rtcctl.model.ledger import Binding, Delta, Ledger, after
from rtcctl.model.plan import Step
from rtcctl.model.remote import Refresh
from rtcctl.model.resource import Desired
from rtcctl.model.result import ApplyResult
from rtcctl.model.values import Secret
from rtcctl.operations.connection import Connection
from rtcctl.operations.workflow import Planned, Session
from rtcctl.planner.options import Options
from rtcctl.schema import load as load_schema
from rtcctl.simulator import ACCOUNT, create_app
from rtcctl.simulator import Options as Simulated
from rtcctl.state import codec
from rtcctl.state.folder import FolderState
from tests.properties.members import SECRETS
from tests.properties.strategies import PROJECT
from tests.properties.wire import Wire

ENDPOINT = "http://127.0.0.1"
NOWHERE = Path("/nonexistent")


class Clock:
    """A second passes at every look, so that whatever is written again shows."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


class MemoryState(FolderState):
    """A state that is kept as the text which would be in the file, and a journal."""

    text = ""

    def __init__(self, path: Path, binding: Binding) -> None:
        super().__init__(path, binding)
        self.deltas: list[Delta] = []

    def load(self) -> Ledger:
        snapshot = codec.from_json(self.text) if self.text else Ledger(self.binding, lineage="0" * 32)
        return after(snapshot, self.deltas)

    def begin(self, base: Ledger) -> None:
        self.save(base)

    def append(self, deltas: Sequence[Delta]) -> None:
        self.deltas += deltas

    def save(self, ledger: Ledger) -> None:
        assert not self.deltas or ledger == self.load(), "the book and the journal differ"
        self.text, self.deltas = codec.to_json(ledger), []


class Declared(Protocol):
    """A manifest; only its text matters."""

    @property
    def text(self) -> str: ...


class Silent:
    """Nobody watches."""

    def started(self, step: Step) -> None:
        """Ignore it."""

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Ignore it."""


@dataclass(frozen=True)
class World:
    """`wire` carries what rtcctl sends, `hand` what somebody else does."""

    app: Any
    wire: Wire
    client: Client
    hand: Client
    state: MemoryState
    clock: Any

    @classmethod
    def new(cls, *, variants: Iterable[str] = (), **options: Any) -> World:
        """An empty account and no state; `options` are the simulator's."""
        clock = Clock()
        # Random rules seldom record to an authorized bucket; jobs that fail for that would end by themselves.
        chosen = frozenset({"unauthorized-ignored", *variants})
        given = {"now": clock, "start_delay": 0, "variants": chosen, **options}
        return cls.over(create_app(None, options=Simulated(**given)), given["now"])

    @classmethod
    def over(cls, app: Any, clock: Callable[[], datetime] = utc_now) -> World:
        """An account on a simulator that is there already."""
        key = AkSkCredentials(ACCOUNT.access_key, Secret(ACCOUNT.secret_key, "test"), ACCOUNT.project_id)
        wire, other = Wire(app), Wire(app)
        client = Client(ENDPOINT, ENDPOINT, key, transport=wire, now=clock)
        hand = Client(ENDPOINT, ENDPOINT, key, transport=other, now=clock)
        state = MemoryState(NOWHERE, Binding(PROJECT, "default", ENDPOINT, key.identity))
        return cls(app, wire, client, hand, state, clock)

    @property
    def ledger(self) -> Ledger:
        """The state as it would be read by the next run."""
        return self.state.load()

    def session(self, declared: Declared) -> Session:
        """A run with a manifest."""
        connection = Connection(self.client, self.state, "the simulator")
        return Session(connection, load(declared), environ=SECRETS, folder=NOWHERE)

    async def plan(
        self, declared: Declared, *, destroy: bool = False, start_unknown_jobs: bool = True, refresh: Refresh = "all"
    ) -> Planned:
        """What `plan` makes of it."""
        options = Options(destroy=destroy, start_unknown_jobs=start_unknown_jobs, refresh=refresh)
        return await self.session(declared).plan(options)

    async def apply(
        self, declared: Declared, planned: Planned | None = None, *, order: list[int] | None = None
    ) -> ApplyResult:
        """What `apply --allow-destroy` does; with another order of changes wherever the graph leaves a choice."""
        planned = planned or await self.plan(declared)
        if order is not None:
            ranked = enumerate(planned.plan.changes)
            changes = (change for _, change in sorted(ranked, key=lambda pair: order[pair[0] % len(order)]))
            planned = replace(planned, plan=replace(planned.plan, changes=tuple(changes)))
        return await self.session(declared).apply(planned, Silent(), allow_destroy=True)

    def documents(self, kind: str, parent: str = "") -> list[dict[str, Any]]:
        """Everything of a kind that the simulator holds; jobs as the API shows them."""
        store = self.app.state.simulator.store
        with store.transaction():
            found = store.collection(kind, ACCOUNT.name, parent).list()
        return [one.get("job", one) for one in found]

    def check_state(self) -> None:
        """Fail unless the state is as its schema says."""
        _state_schema().validate(json.loads(self.state.text))


def load(declared: Declared) -> Desired:
    """Read the manifest's text."""
    return manifest.load(["-"], stdin=declared.text.encode, environ=SECRETS, cwd=NOWHERE)


@cache
def _state_schema() -> Any:
    return jsonschema.Draft202012Validator(load_schema("state"))
