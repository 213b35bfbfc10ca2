"""A simulated account, a place for a state, and rtcctl between them, which can be killed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from signal import SIGKILL
from typing import Any

from jsonschema import Draft202012Validator

from rtcctl.cli.main import main
from rtcctl.errors import ExitCode
from rtcctl.model.address import Address
from rtcctl.schema import load as load_schema
from rtcctl.simulator import ACCOUNT, Options, create_app
from tests.e2e.support import KEYS, Answering, Cli, Heard, Loopback, Reply, simulated
from tests.survive.checks import duplicates
from tests.survive.kept import Kept
from tests.survive.killed import Order
from tests.survive.manifests import BUILD, Declared

ROOT = Path(__file__).parents[2]
MANIFEST = "manifest.yaml"
APPLY = ("apply", "-f", MANIFEST, "--auto-approve", "--allow-destroy", "--output", "json")
JOBS = {"MixStreamJob": "mix_job", "IndividualStreamJob": "individual_job"}
PATIENCE = 60
_UNLOCK = re.compile(r"rtcctl state unlock (\w+)")
_ATTEMPTS = 5
_projects = count()

Json = dict[str, Any]


class Killer:
    """A process that runs rtcctl and kills it, over and over."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, order: Order) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def killing(folder: Path) -> Iterator[Killer]:
    """Start one in a folder."""
    command = [sys.executable, "-m", "tests.survive.killed"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=folder, env=environ) as process:
        try:
            yield Killer(process)
            process.communicate(timeout=PATIENCE)  # its standard input ends, and with it the process
        finally:
            process.kill()


@dataclass(frozen=True)
class Boundary:
    """The boundary of this number (from 1) among those that `what`, a pattern, describes; "" describes all."""

    what: str
    number: int


@dataclass(frozen=True)
class Killed:
    """Whether an apply was killed, and the boundaries that it had reached."""

    dead: bool
    reached: tuple[str, ...]


@dataclass
class Answered:
    """Answers as the simulator does, and counts the writes that it has carried out."""

    answer: Answering
    writes: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, request: Heard) -> Reply:
        reply = self.answer(request)
        with self.changed:
            self.writes += request.method != "GET"
            self.changed.notify_all()
        return reply

    def wait_for(self, writes: int) -> None:
        """Wait until so many writes, and whatever else is under way, are carried out: a dead client awaits nothing."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.writes >= writes, PATIENCE)
        while handlers := [each for each in threading.enumerate() if each.name.endswith("(process_request_thread)")]:
            for each in handlers:
                if each.is_alive():  # one that is about to begin is met again
                    each.join(PATIENCE)
                    assert not each.is_alive()


@dataclass
class Scene:
    """A fresh account with a server on loopback, and a project of its own in `kept`."""

    cli: Cli
    kept: Kept
    killer: Killer
    app: Any
    answered: Answered
    project: str
    unlocked: int = 0

    def declare(self, declared: Declared) -> None:
        """Write the manifest."""
        self.cli.write(declared.text.replace("name: properties", f"name: {self.project}"), MANIFEST)

    def documents(self, kind: str, parent: str = "") -> list[Json]:
        """Everything of a kind that the simulator holds; jobs as the API shows them."""
        store = self.app.state.simulator.store
        with store.transaction():
            found = store.collection(kind, ACCOUNT.name, parent).list()
        return [one.get("job", one) for one in found]

    def killed(self, boundary: Boundary) -> Killed:
        """Apply, and kill that at a boundary if it comes to it."""
        trace = self.cli.folder / "trace.txt"
        trace.unlink(missing_ok=True)
        before = self.answered.writes
        ended = self.killer(Order(boundary.what, boundary.number, str(trace), APPLY, dict(os.environ)))
        assert ended in (0, -SIGKILL), trace.with_name("trace.txt.err").read_text()
        reached = tuple(trace.read_text().splitlines())
        self.answered.wait_for(before + sum(each.startswith("left ") for each in reached))
        return Killed(ended != 0, reached)

    def run(self, *arguments: str) -> tuple[int, Json]:
        """Run a command in this process; its exit code and document."""
        self.cli.capsys.readouterr()
        code = int(main(list(arguments)))
        shown = self.cli.capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return code, json.loads(shown.out)

    def run_again(self) -> tuple[int, Json]:
        """Apply as somebody does who finds the lock that the killed run has left: `state unlock`, as the message says.

        A database needs a moment to see that a connection is gone, so that the lock may be free by itself meanwhile.
        """
        for _ in range(_ATTEMPTS):
            code, document = self.run(*APPLY)
            if code != ExitCode.LOCKED:
                return code, document
            named = _UNLOCK.search(document["error"]["mend"])
            if named is None:
                continue
            code, _ = self.run("state", "unlock", named[1], "-f", MANIFEST, "--output", "json")
            assert code == ExitCode.OK or (code == ExitCode.INVALID and self.kept.backend == "postgresql")
            self.unlocked += code == ExitCode.OK
        raise AssertionError("the lock stays")

    def plan_is_empty(self, *, recording: bool = False) -> bool:
        """Tell whether there is nothing to do or to say, nor to record unless that is left out of account."""
        code, document = self.run("plan", "-f", MANIFEST, "--output", "json", "--detailed-exitcode")
        return code == 0 and document["warnings"] == [] and (recording or document["summary"]["record"] == 0)

    def check(self, lost: Collection[str] = ()) -> None:
        """Nothing is there twice, the state is as its schema says, and of no operation but these the end is unknown.

        What the killed run wrote into its journal is folded in by the next run that has anything to write.
        """
        assert not duplicates(self.documents)
        Draft202012Validator(load_schema("state")).validate(json.loads(self.kept.snapshot(self.project)))
        code, document = self.run("state", "list", "-f", MANIFEST, "--output", "json")
        assert code == ExitCode.OK
        assert {each["address"] for each in document["pending"]} == set(lost)

    def jobs(self) -> int:
        """Return how many jobs were ever started, those of others too."""
        return sum(len(self.documents(kind, app["app_id"])) for app in self.documents("app") for kind in JOBS.values())

    def settle(self, address: str) -> bool:
        """Settle a lost job as its message says: `import` where it runs, else `state forget`; whether it ran."""
        where = Address.parse(address)
        [app_id] = [app["app_id"] for app in self.documents("app") if app["app_name"] == where.name]
        running = [job for job in self.documents(JOBS[where.kind], app_id) if job["room_id"] == where.child]
        command = ("import", address, running[0]["job_id"]) if running else ("state", "forget", address)
        code, document = self.run(*command, "-f", MANIFEST, "--output", "json")
        assert code == ExitCode.OK, document
        return bool(running)


@contextmanager
def scene(cli: Cli, kept: Kept, killer: Killer) -> Iterator[Scene]:
    """Open a scene."""
    options = Options(start_delay=0, variants=frozenset({"unauthorized-ignored"}), deliver_callbacks="none")
    app = create_app(options=options)
    answered = Answered(simulated(app))
    with Loopback(answered) as server:
        cli.environ({**KEYS, **kept.environ, "RTCCTL_ENDPOINT": server.url})
        made = Scene(cli, kept, killer, app, answered, f"crash-{next(_projects)}")
        made.declare(BUILD)
        yield made
