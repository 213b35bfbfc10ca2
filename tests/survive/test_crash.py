"""An apply is killed with SIGKILL at each boundary in turn; a plain re-run converges and makes nothing twice.

It is killed at a few boundaries; with `RTCCTL_CRASH=folder` at every one while the state is in a folder, and with
`RTCCTL_CRASH=all` (make crash-test) wherever the state is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from itertools import count

import pytest

from tests.e2e.conftest import cli
from tests.e2e.support import Cli
from tests.properties.foreign import make, seen
from tests.properties.world import World
from tests.survive.checks import THEIRS
from tests.survive.kept import Backend, Kept
from tests.survive.manifests import CHANGED
from tests.survive.scene import APPLY, Boundary, Scene, killing, scene

__all__ = ["cli"]

SWEPT = {"folder": ("folder",), "all": ("folder", "s3", "postgresql")}.get(os.environ.get("RTCCTL_CRASH", ""), ())
BACKENDS = ("folder", "s3", "postgresql")
A_FEW = (
    Boundary("after begin", 1),
    Boundary("before append", 4),
    Boundary("after append", 7),
    Boundary("left POST .*-stream-jobs", 2),
)
SPREAD = tuple(Boundary("", number) for number in (1, 3, 17, 35, 53, 71))
"""Of a whole build, which has more than these."""
LAST = tuple(Boundary(f"{moment} save", number) for moment in ("before", "after") for number in (1, 2))
"""Calls under way share their writes of the journal, some runs more than others: the last boundaries have no number."""
NewScene = Callable[[], AbstractContextManager[Scene]]


@pytest.fixture
def new_scene(cli: Cli, backend: Backend, request: pytest.FixtureRequest) -> Iterator[NewScene]:
    """Makes a fresh account, and a project without a state in the backend."""
    server = {"s3": "endpoint", "postgresql": "database"}.get(backend)
    kept = Kept(backend, str(request.getfixturevalue(server)) if server else str(cli.folder))
    with killing(cli.folder) as killer:
        yield partial(scene, cli, kept, killer)


def boundaries(backend: Backend) -> Iterable[Boundary]:
    """Every boundary, without end; or a few."""
    if backend in SWEPT:
        return (Boundary("", number) for number in count(1))
    return (*A_FEW, *SPREAD) if backend == "folder" else A_FEW


def survive(here: Scene, boundary: Boundary) -> str:
    """Kill an apply and let the next one finish; what killed it, "" for nothing did."""
    killed = here.killed(boundary)
    code, document = here.run_again()
    assert here.unlocked == (killed.dead and here.kept.backend == "s3") or here.kept.backend == "postgresql"
    lost = [each for each in document["changes"] if each["outcome"] == "unknown"]
    here.check([each["address"] for each in lost])
    assert code == (6 if lost else 0), document
    assert here.jobs() <= 5
    for each in lost:
        check_told(each["address"], each["error"]["message"])
    if lost:
        assert not here.plan_is_empty(recording=True)
        ran = [here.settle(each["address"]) for each in lost]
        # A job that runs needs nothing more (that its members are to be recorded is no change); another is started now.
        assert all(ran) == here.plan_is_empty(recording=True)
        assert here.run(*APPLY)[0] == 0
        here.check()
        assert here.jobs() == 5
    assert here.plan_is_empty(), killed
    if not killed.dead:
        return ""
    return f"{killed.reached[-1]}, a job is lost" if lost else killed.reached[-1]


def check_told(address: str, message: str) -> None:
    """A job that was lost is told with address, room and time."""
    kind, _, room = address.split("/")
    assert kind.endswith("Job")
    assert address in message
    assert f"running in {room}" in message
    assert "began to start it at 20" in message


def sweep(new_scene: NewScene, wanted: Iterable[Boundary], *, changed: bool) -> list[str]:
    """Kill at one boundary after the other until an apply comes to its end; what killed it each time."""
    killers = []
    for boundary in wanted:
        with new_scene() as here:
            # In the account beforehand: somebody else's, and for an update our own.
            strangers = World.over(here.app)
            asyncio.run(make(strangers, THEIRS))
            theirs = seen(strangers, THEIRS)
            if changed:
                assert here.run(*APPLY)[0] == 0
                here.declare(CHANGED)
            killer = survive(here, boundary)
            assert seen(strangers, THEIRS) == theirs
        if killer:
            killers.append(killer)
        elif not boundary.what:  # an apply has come to its end
            break
    return killers


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_build_that_is_killed_anywhere_is_finished_by_the_next_run(new_scene: NewScene, backend: Backend) -> None:
    wanted = boundaries(backend)
    killers = sweep(new_scene, wanted, changed=False)
    if backend in SWEPT:
        killers += sweep(new_scene, LAST, changed=False)
    if isinstance(wanted, tuple):
        assert len(killers) == len(wanted)
    kinds = {each.partition(" /")[0] for each in killers}
    assert {"after begin", "before append", "after append"} <= kinds
    assert any(each.endswith("-stream-jobs, a job is lost") for each in killers)
    if backend in SWEPT:
        assert {"before begin", "before save", "after save"} <= kinds
        for moment in ("before", "left", "after the answer to"):
            assert {f"{moment} POST", f"{moment} PUT"} <= kinds


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_change_that_is_killed_anywhere_is_finished_by_the_next_run(new_scene: NewScene, backend: Backend) -> None:
    if backend not in SWEPT:
        pytest.skip("RTCCTL_CRASH=folder or all")
    killers = sweep(new_scene, boundaries(backend), changed=True) + sweep(new_scene, LAST, changed=True)
    kinds = {each.partition(" /")[0] for each in killers}
    assert {"before begin", "after append", "before save", "left PUT"} <= kinds
