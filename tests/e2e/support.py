"""What end-to-end tests share: running commands, looking at the simulator from outside, servers on loopback."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from starlette.applications import Starlette

from rtcctl import simulator
from rtcctl.api import throttle
from rtcctl.api.client import Client
from rtcctl.applying import lost
from rtcctl.cli.main import main
from rtcctl.model.limits import LIMITS, Limit
from rtcctl.schema import path as schema_path
from rtcctl.simulator import ACCOUNT
from rtcctl.state.lock import hold
from tests.simulator.driver import send, token

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE2 = EXAMPLES / "mixed-recording.yaml"
DATA = Path(".rtcctl") / "simulator.db"
SIMULATED_STATE = Path(".rtcctl") / "simulator.db.state" / "default" / "default.state.json"
STATE = Path(".rtcctl") / "default" / "default.state.json"
AUTH_KEY = "fake-callback-key-not-a-real-secret-1"
YES = ("--auto-approve",)
DESTROY = ("--auto-approve", "--allow-destroy")
KEYS = {
    "HUAWEICLOUD_SDK_AK": ACCOUNT.access_key,
    "HUAWEICLOUD_SDK_SK": ACCOUNT.secret_key,
    "HUAWEICLOUD_SDK_PROJECT_ID": ACCOUNT.project_id,
}
USER = {"RTCCTL_USERNAME": ACCOUNT.user, "RTCCTL_PASSWORD": ACCOUNT.password, "RTCCTL_DOMAIN": ACCOUNT.domain}
_CREATE_APP = simulator.create_app
_OURS = ("RTCCTL_", "HUAWEICLOUD_", "RTC_", "GITHUB_", "GITLAB_", "CI_")
_OTHERS = ("CI", "COLUMNS", "LINES", "NO_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")

Json = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def document(self) -> Json:
        found: Json = json.loads(self.out)
        return found

    def change(self, address: str) -> Json:
        """The change of one address in a plan document."""
        [found] = [change for change in self.document["changes"] if change["address"] == address]
        return dict(found)

    def pending(self) -> dict[str, str]:
        """The actions of a plan document, no-ops left out."""
        changes = self.document["changes"]
        return {change["address"]: change["action"] for change in changes if change["action"] != "no-op"}

    def line(self, start: str) -> str:
        """The one line of stderr that begins so."""
        [found] = [line for line in self.err.splitlines() if line.startswith(start)]
        return found


@dataclass
class Cli:
    """Runs commands in a folder of their own."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str | Path, code: int = 0) -> Ran:
        self.capsys.readouterr()
        found = main([str(argument) for argument in arguments])
        captured = self.capsys.readouterr()
        ran = Ran(int(found), captured.out, captured.err)
        assert "Traceback" not in ran.text
        assert ran.code == code, ran.text
        return ran

    def sim(self, command: str, manifest: str | Path, *arguments: str, code: int = 0) -> Ran:
        """Run a command on a manifest and the embedded simulator."""
        return self(command, "-f", manifest, "--simulator", *arguments, code=code)

    def plan(self, manifest: str | Path, *arguments: str, code: int = 0) -> Ran:
        """Plan on the embedded simulator, as JSON."""
        return self.sim("plan", manifest, "--output", "json", *arguments, code=code)

    def apply(self, manifest: str | Path, *arguments: str, code: int = 0) -> Ran:
        """Apply on the embedded simulator without a question."""
        return self.sim("apply", manifest, "--auto-approve", *arguments, code=code)

    def converged(self, manifest: str | Path, *arguments: str) -> None:
        """A plan finds nothing to do and nothing to record."""
        assert self.sim("plan", manifest, "--detailed-exitcode", *arguments).out.endswith("No changes.\n")

    def environ(self, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            self.monkeypatch.setenv(name, value)

    def write(self, text: str, name: str = "manifest.yaml") -> Path:
        """Write a manifest; its path relative to the folder, as people type it."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")
        return Path(name)

    def holding(self, state: Path = SIMULATED_STATE) -> Any:
        """Hold a state's lock as another run would."""
        return hold(self.folder / state.with_name(state.name + ".lock"))


def fresh_environment(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Take every variable away that rtcctl listens to."""
    for name in list(os.environ):
        if name.startswith(_OURS) or name.upper() in _OTHERS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm")


def start_jobs_within(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set how long jobs stay INIT; with 0 they run at the first look, and no test depends on the clock."""
    monkeypatch.setattr(simulator, "create_app", functools.partial(_CREATE_APP, start_delay=seconds))


def wait_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat calls at once, look for lost objects at once, and let a minute of the limits take a tenth of a second."""

    async def at_once(client: Client, seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Client, "_pause", at_once)
    monkeypatch.setattr(lost, "LOOKS", (0.0, 0.0, 0.0))
    short = {name: Limit(limit.calls, limit.seconds / 600) for name, limit in LIMITS.items()}
    monkeypatch.setattr(throttle, "LIMITS", short)


def calls(data: Path = DATA, *, writes: bool = True) -> list[Json]:
    """The simulator's request log: the writes, or everything."""
    return [each for each in simulator.request_log(data) if not writes or each["method"] != "GET"]


def told(requests: list[Json]) -> list[str]:
    """Requests in short, ids as their place in the path says: `PUT /v2/apps/{app}/record-rules/{rule}`."""
    return [f"{each['method']} {shape(each['path'])}" for each in requests]


def shape(path: str) -> str:
    """A path with its ids replaced."""
    names = {"apps": "{app}", "record-rules": "{rule}", "mix-stream-jobs": "{job}", "individual-stream-jobs": "{job}"}
    parts = path.split("/")
    return "/".join(names.get(before, part) for before, part in zip(["", *parts], parts, strict=False))


@dataclass
class Since:
    """The writes that have reached the simulator since this was made."""

    data: Path = DATA
    before: int = 0

    def __post_init__(self) -> None:
        self.before = len(calls(self.data)) if self.data.exists() else 0

    @property
    def requests(self) -> list[Json]:
        return calls(self.data)[self.before :]

    @property
    def told(self) -> list[str]:
        return told(self.requests)


class Stranger:
    """Somebody else who works on the simulated account."""

    def __init__(self, data: Path = DATA) -> None:
        self.app = simulator.create_app(data)
        self.headers = {"X-Auth-Token": token(self.app)}

    def send(self, method: str, path: str, body: object = None) -> Json:
        content: Json = {"json": body} if body is not None else {}
        answer = send(self.app, method, path, headers=self.headers, **content)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else {}

    def new_app(self, name: str) -> str:
        return str(self.send("POST", "/v2/apps", {"app_name": name})["app_id"])

    def apps(self) -> dict[str, Json]:
        """ShowApp of every app, by name."""
        listed = self.send("GET", "/v2/apps")["apps"]
        return {each["app_name"]: self.send("GET", f"/v2/apps/{each['app_id']}") for each in listed}


@dataclass(frozen=True)
class Heard:
    """A request that a server on loopback got."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def __str__(self) -> str:
        return f"{self.method} {shape(self.path)}"


@dataclass(frozen=True)
class Reply:
    """What it answers; `cut` promises more bytes than are sent."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


Answering = Callable[[Heard], Reply]


class Loopback:
    """A server on loopback that remembers what it heard. Use it in a `with` block."""

    def __init__(self, answer: Answering) -> None:
        self.heard: list[Heard] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.heard, answer))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def told(self) -> list[str]:
        return [str(each) for each in self.heard]


def _handler(heard: list[Heard], answer: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Heard(self.command, self.path, dict(self.headers.items()), body)
            heard.append(request)
            reply = answer(request)
            try:
                self._write(reply)
            except (BrokenPipeError, ConnectionResetError):  # who asked did not wait
                self.close_connection = True

        def _write(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_any  # noqa: N815 - names that the base class looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    return Handler


def simulated(app: Starlette) -> Answering:
    """Answer as the simulator does."""

    def answer(request: Heard) -> Reply:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        found = send(app, request.method, request.target, headers=headers, content=request.body)
        return Reply(found.status_code, found.content, _passed_on(found.headers))

    return answer


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    kept = ("content-type", "x-request-id", "x-subject-token")
    return {name: value for name, value in headers.items() if name.lower() in kept}


def ready_token(app: Starlette) -> dict[str, str]:
    """Credentials: a token of the simulator."""
    return {"RTCCTL_TOKEN": token(app)}


def check_document(document: Json, name: str) -> None:
    """Validate against a published schema; schemas refer to each other by name."""
    schemas = {each: json.loads(schema_path(each).read_text(encoding="utf-8")) for each in ("plan", "result")}
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    Draft202012Validator(schemas[name], registry=registry).validate(document)


def kept_files(folder: Path) -> Iterator[Path]:
    """Every file below a folder but the simulator's own data."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(DATA.name):
            yield path
