"""An apply is killed with SIGKILL at each boundary in turn; a plain re-run converges and makes nothing twice.

`RTCCTL_CRASH=1` (make crash-test) kills at every boundary, `RTCCTL_CRASH=5` at every fifth; otherwise at a few.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rtcctl.cli.main import main
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.schema import load as load_schema
from rtcctl.simulator import ACCOUNT, Options, create_app
from rtcctl.state import codec
from rtcctl.state.folder import FolderState
from tests.e2e.conftest import cli
from tests.e2e.support import KEYS, Cli, Loopback, simulated
from tests.properties.foreign import make, seen
from tests.properties.world import World, load
from tests.survive.checks import THEIRS, duplicates
from tests.survive.manifests import BUILD, CHANGED, Declared

__all__ = ["cli"]

ROOT = Path(__file__).parents[2]
EVERY = int(os.environ.get("RTCCTL_CRASH", "0"))
STATE = Path(".rtcctl") / "properties" / "default.state.json"
APPLY = ("apply", "-f", "manifest.yaml", "--auto-approve", "--allow-destroy", "--output", "json")
PATIENCE = 60
_KINDS = {"mix_job": "MixStreamJob", "individual_job": "IndividualStreamJob"}


@dataclass
class Scene:
    """A simulator on loopback with somebody else's app in it, and the folder that rtcctl runs in."""

    cli: Cli
    app: Any
    capsys: pytest.CaptureFixture[str]

    def documents(self, kind: str, parent: str = "") -> list[dict[str, Any]]:
        store = self.app.state.simulator.store
        with store.transaction():
            found = store.collection(kind, ACCOUNT.name, parent).list()
        return [one.get("job", one) for one in found]

    def killed(self, number: int) -> tuple[bool, list[str]]:
        """Apply, and kill it at a boundary; whether it came to that, and the boundaries that it reached."""
        trace = self.cli.folder / "trace.txt"
        trace.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.survive.killed", str(number), str(trace), "--", *APPLY]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(command, env=environment, capture_output=True, timeout=PATIENCE, check=False)
        assert ended.returncode in (0, -signal.SIGKILL), ended.stderr.decode()
        return ended.returncode != 0, trace.read_text().splitlines()

    def run(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        self.capsys.readouterr()
        code = int(main(list(arguments)))
        shown = self.capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return code, json.loads(shown.out)

    def plan_is_empty(self) -> bool:
        code, document = self.run("plan", "-f", "manifest.yaml", "--output", "json", "--detailed-exitcode")
        assert document["summary"]["record"] == 0
        return code == 0 and document["warnings"] == []

    def check(self) -> None:
        """Nothing is there twice, and the state is as its schema says."""
        assert not duplicates(self.documents)
        Draft202012Validator(load_schema("state")).validate(json.loads(STATE.read_text()))
        assert self.state.load()

    @property
    def state(self) -> FolderState:
        return FolderState(STATE, codec.from_json(STATE.read_text()).binding)

    def settle(self, address: str) -> None:
        """What `import` does where the job runs, and `state forget` where it does not."""
        ledger = self.state.load()
        where = Address.parse(address)
        pending = tuple(each for each in ledger.pending if each.address != where)
        self.state.save(replace(self._with_job(ledger, where), pending=pending))

    def _with_job(self, ledger: Ledger, where: Address) -> Ledger:
        app_id = ledger.entries[Address("App", where.name)].ids["app_id"]
        kind = next(kind for kind, name in _KINDS.items() if name == where.kind)
        running = [job for job in self.documents(kind, app_id) if job["room_id"] == where.child]
        if not running:
            return ledger
        # As after a start: what the manifest declares, with the ids that are known by now.
        declared = load(manifest_of(self.cli)).resources[where].members
        members = {**declared, "record_param": running[0]["record_param"]}
        kind_ = KINDS[where.kind]
        entry = Entry({"app_id": app_id, "job_id": running[0]["job_id"]}, kind_.sendable(members))
        return replace(ledger, entries={**ledger.entries, where: entry})


def manifest_of(cli: Cli) -> Declared:
    return Declared((cli.folder / "manifest.yaml").read_text())


@pytest.fixture
def stage(cli: Cli, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], Scene]]:
    """Makes a fresh account and an empty folder."""
    servers: list[Loopback] = []

    def new() -> Scene:
        for server in servers:
            server.__exit__(None, None, None)
        servers.clear()
        options = Options(start_delay=0, variants=frozenset({"unauthorized-ignored"}), deliver_callbacks="none")
        app = create_app(options=options)
        server = Loopback(simulated(app))
        server.__enter__()
        servers.append(server)
        cli.environ({**KEYS, "RTCCTL_ENDPOINT": server.url, "RTCCTL_STATE": ".rtcctl"})
        for path in sorted(Path(".rtcctl").rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        cli.write(BUILD.text)
        return Scene(cli, app, capsys)

    yield new
    for server in servers:
        server.__exit__(None, None, None)


def boundaries() -> Iterator[int]:
    """The boundaries to kill at, without end; or a few, spread over a whole apply."""
    return iter(count(1, EVERY)) if EVERY else iter((1, 3, 8, 17, 26, 35, 44, 53, 62, 71))


def survive(scene: Scene, number: int) -> tuple[bool, list[str], bool]:
    """Kill an apply and let the next one finish; whether it was killed, what it reached, and whether a job was lost."""
    was_killed, reached = scene.killed(number)
    code, document = scene.run(*APPLY)
    scene.check()
    lost = [each for each in document["changes"] if each["outcome"] == "unknown"]
    assert code == (6 if lost else 0), document
    jobs = sum(len(scene.documents(kind, app["app_id"])) for app in scene.documents("app") for kind in _KINDS)
    for each in lost:
        kind, _, room = each["address"].split("/")
        assert kind.endswith("Job")
        assert each["address"] in each["error"]["message"]
        assert f"running in {room}" in each["error"]["message"]
        assert "began to start it at 20" in each["error"]["message"]
        assert not scene.plan_is_empty()
        scene.settle(each["address"])
    if lost:
        code, _ = scene.run(*APPLY)
        assert code == 0
        assert not duplicates(scene.documents)
    assert scene.plan_is_empty(), (number, reached)
    assert jobs <= 5
    return was_killed, reached, bool(lost)


def sweep(stage: Callable[[], Scene], numbers: Iterator[int], *, changed: bool) -> list[str]:
    """Kill at one boundary after the other until an apply comes to its end; what killed it each time."""
    killers = []
    for number in numbers:
        scene = stage()
        # In the account beforehand: somebody else's, and for an update our own.
        strangers = World.over(scene.app)
        asyncio.run(make(strangers, THEIRS))
        theirs = seen(strangers, THEIRS)
        if changed:
            assert scene.run(*APPLY)[0] == 0
            scene.cli.write(CHANGED.text)
        was_killed, reached, lost = survive(scene, number)
        assert seen(strangers, THEIRS) == theirs
        if not was_killed:
            break
        killers.append(f"{reached[-1]}, a job is lost" if lost else reached[-1])
    return killers


def test_a_build_that_is_killed_anywhere_is_finished_by_the_next_run(stage: Callable[[], Scene]) -> None:
    killers = sweep(stage, boundaries(), changed=False)
    assert len(killers) >= 9
    if EVERY == 1:
        kinds = {each.partition(" /")[0] for each in killers}
        assert {"before begin", "after begin", "before append", "after append", "before save", "after save"} <= kinds
        for moment in ("before", "left", "after the answer to"):
            assert {f"{moment} POST", f"{moment} PUT"} <= kinds
        assert any(each.endswith("-stream-jobs, a job is lost") for each in killers)


@pytest.mark.skipif(not EVERY, reason="make crash-test")
def test_a_change_that_is_killed_anywhere_is_finished_by_the_next_run(stage: Callable[[], Scene]) -> None:
    assert sweep(stage, boundaries(), changed=True)
