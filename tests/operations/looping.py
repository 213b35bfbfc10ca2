"""A reconcile loop on a simulator in memory, with a state in a folder and a clock that only pauses move."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from rtcctl.api.client import Client
from rtcctl.api.credentials import AkSkCredentials
from rtcctl.api.retrying import Retrying
from rtcctl.api.throttle import Throttle
from rtcctl.errors import ExitCode
from rtcctl.model.ledger import Binding
from rtcctl.model.resource import Desired
from rtcctl.model.values import Secret
from rtcctl.operations.connection import Connection
from rtcctl.operations.reconciling import Reconciler, Times, Wish
from rtcctl.operations.settings import Settings
from rtcctl.operations.workflow import Session
from rtcctl.simulator import ACCOUNT, Options, create_app, request_log
from rtcctl.simulator.faults import NO_FAULTS, Fault, Scenario
from rtcctl.state.folder import FolderState
from rtcctl.state.holder import Holder
from rtcctl.state.lock import hold

ENDPOINT = "http://127.0.0.1"
KEY = "fake-callback-key-not-a-real-secret-1"
APP = """\
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: a}
spec:
  record_callback: {url: "%s", auth_key: "${env:KEY}"}
"""
JOB = """\
  mix_stream_jobs:
    - name: room1
      mix_param: {room_id: room1, encode_template: 1280x720_15_2260, layout_template: nine_grids_view}
      restart: %s
"""
HOOK = "https://hooks.example.com/rtc"
OTHER_HOOK = "https://hooks.example.com/other"

Json = dict[str, Any]
Between = Callable[[], object]


def manifest(*, url: str = HOOK, restart: str = "") -> str:
    return APP % url + (JOB % restart if restart else "")


@dataclass
class Clock:
    """Time that passes in pauses alone; chance always falls in the middle, so that jitter is nought."""

    passed: float = 0.0
    pauses: list[float] = field(default_factory=list)
    between: Iterator[Between] = field(default_factory=lambda: iter(()))
    stop: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass and what comes next happen; in the end, stop."""
        self.pauses.append(seconds)
        self.passed += seconds
        action = next(self.between, None)
        if action is None:
            self.stop()
            await asyncio.Event().wait()
        elif inspect.isawaitable(happening := action()):
            await happening


@dataclass
class Loop:
    """What a test needs of a loop: `rounds` runs one, `events` is what it told."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = create_app(None, options=Options(now=self.clock.now, start_delay=0))
        self.write(manifest())

    def write(self, text: str) -> None:
        (self.folder / "manifest.yaml").write_text(text, encoding="utf-8")

    @property
    def settings(self) -> Settings:
        return Settings(("manifest.yaml",), endpoint=ENDPOINT, environ={"KEY": KEY}, folder=self.folder)

    @property
    def state(self) -> FolderState:
        path = self.folder / ".rtcctl" / "default" / "default.state.json"
        return FolderState(path, Binding("default", "default", ENDPOINT, {"project_id": ACCOUNT.project_id}))

    def client(self) -> Client:
        key = AkSkCredentials(ACCOUNT.access_key, Secret(ACCOUNT.secret_key, "test"), ACCOUNT.project_id)
        transport = httpx.ASGITransport(app=self.app)
        # The loop's own pauses are what is tested: the client neither waits for limits nor before it tries again.
        at_once = Retrying(random=lambda: 0.0)
        return Client(
            ENDPOINT,
            ENDPOINT,
            key,
            transport=transport,
            now=self.clock.now,
            throttle=Throttle({}),
            retrying=at_once,
        )

    def opening(self, settings: Settings, desired: Desired) -> Session:
        connection = Connection(self.client(), self.state, "the simulator")
        return Session(connection, desired, environ=settings.environ, folder=settings.folder)

    def reconciler(self, *, settings: Settings | None = None, **wish: Any) -> Reconciler:
        clock = self.clock
        times = Times(lambda: clock.passed, clock.now, clock.sleep, lambda: 0.5)
        made = Reconciler(settings or self.settings, Wish(**wish), self.lines.append, times=times, opening=self.opening)
        clock.stop = made.stop
        return made

    def rounds(self, *between: Between, **wish: Any) -> list[Json]:
        """Do rounds with these happenings between them, then stop cleanly; what was told of the rounds."""
        self.clock.between = iter(between)
        before = len(self.lines)
        assert asyncio.run(self.reconciler(**wish).run()) == ExitCode.OK
        return [event for event in self.events[before:] if event["event"] == "round"]

    def once(self, **wish: Any) -> tuple[ExitCode, Json]:
        """Do a single round; its exit code and what was told of it."""
        code = asyncio.run(self.reconciler(once=True, **wish).run())
        return code, self.told("round")[-1]

    @property
    def events(self) -> list[Json]:
        return [json.loads(line) for line in self.lines]

    def told(self, name: str) -> list[Json]:
        return [event for event in self.events if event["event"] == name]

    def writes(self) -> list[str]:
        """The writes that reached the simulator."""
        return [each["operation"] for each in request_log(self.app) if each["method"] != "GET"]

    def break_down(self, **fault: Any) -> None:
        """Let every call go wrong."""
        found = Fault(**{"kind": "status", "status": 503, **fault})
        self.app.state.simulator.faults.set(Scenario((found,)))

    def mend(self) -> None:
        self.app.state.simulator.faults.set(NO_FAULTS)

    async def by_hand(self, method: str, path: str, body: object = None) -> Json:
        """Somebody else's call; `{app}` in the path is the one app."""
        key = {"X-Auth-Token": await self._token()}
        async with self._http() as http:
            if "{app}" in path:
                listed = (await http.get("/v2/apps", headers=key)).json()["apps"]
                path = path.replace("{app}", listed[0]["app_id"])
            answer = await http.request(method, path, headers=key, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else {}

    async def end_jobs(self) -> None:
        """Let every job fail that is not over."""
        async with self._http() as http:
            for each in self.jobs():
                if each["state"] == "STOPPED":
                    continue
                answer = await http.post(f"/_simulator/jobs/{each['job_id']}/fail", json={})
                assert answer.status_code == 200, answer.text

    def jobs(self) -> list[Json]:
        """Every job there ever was, as the API would show it."""
        simulator = self.app.state.simulator
        with simulator.store.transaction():
            apps = simulator.store.collection("app", ACCOUNT.name).list()
            kept = [simulator.store.collection("mix_job", ACCOUNT.name, each["app_id"]) for each in apps]
            return [row["job"] for one in kept for row in one.list()]

    def holding(self) -> AbstractContextManager[Holder | None]:
        """Hold the state's lock as another run would."""
        return hold(self.state.path.with_name(self.state.path.name + ".lock"))

    async def _token(self) -> str:
        user = {"name": ACCOUNT.user, "password": ACCOUNT.password, "domain": {"name": ACCOUNT.domain}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"domain": {"name": ACCOUNT.domain}}}}
        async with self._http() as http:
            return str((await http.post("/v3/auth/tokens", json=body)).headers["X-Subject-Token"])

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=ENDPOINT)


def outcomes(rounds: list[Json]) -> list[str]:
    return [each["outcome"] for each in rounds]


def nothing() -> None:
    """Happen between two rounds."""
