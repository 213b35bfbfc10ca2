"""How much is told of a run, and where: lines, a live display, or next to nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rtcctl.cli.watching import Levels, Watch, in_lines, may_be_live
from rtcctl.model.address import Address
from rtcctl.model.happening import UNWATCHED, Again, Answered, Finished, Happening, Note, Sent, Slow, Waiting, Writing
from rtcctl.model.limits import Limit
from rtcctl.simulator import create_app
from tests.e2e.processes import PATIENCE, Terminal, environment, started, until
from tests.e2e.support import EXAMPLE2, KEYS, USER, Cli, Heard, Loopback, Reply, ready_token, simulated

APPLY = ("apply", "-f", EXAMPLE2, "--simulator", "--auto-approve")
KEY = "fake-callback-key-not-a-real-secret-1"
CURSOR = "\x1b[?25"
MANIFEST = """apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: a}
spec:
  record_callback: {url: "http://callback.example/", auth_key: "${env:RTC_CALLBACK_KEY}"}
"""


class OnTerminal:
    def isatty(self) -> bool:
        return True


# --- where a live display has a place


@pytest.mark.parametrize(
    ("levels", "environ", "live"),
    [
        (Levels(), {"TERM": "xterm"}, True),
        (Levels(verbose=True), {"TERM": "xterm", "CI": "false"}, True),
        (Levels(), {"TERM": "xterm", "NO_COLOR": "1"}, True),
        (Levels(quiet=True), {"TERM": "xterm"}, False),
        (Levels(debug_http=True), {"TERM": "xterm"}, False),
        (Levels(), {"TERM": "xterm", "CI": "true"}, False),
        (Levels(), {"TERM": "xterm", "GITHUB_ACTIONS": "true"}, False),
        (Levels(), {"TERM": "xterm", "GITLAB_CI": "1"}, False),
        (Levels(), {"TERM": "dumb"}, False),
        (Levels(), {}, False),
    ],
)
def test_a_live_display_wants_a_terminal_and_a_person(monkeypatch, levels, environ, live):
    monkeypatch.setattr(sys, "stderr", OnTerminal())
    assert may_be_live(levels, environ) is live


def test_without_a_terminal_there_is_none(capsys):
    assert not may_be_live(Levels(), {"TERM": "xterm"})


def test_without_stderr_there_is_none(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert not may_be_live(Levels(), {"TERM": "xterm"})
    Watch().see(Note("nobody reads this"))


# --- what is told

STEP = Finished(Address("App", "a"), "create", 0.1, failed=False)
WAIT = Waiting(("apps",), Limit(60, 60.0), 43.2)
SOON = Again("PUT", "/v2/apps/x", "503", 1.2, 0.1)
LATE = Again("PUT", "/v2/apps/x", "503", 1.2, 30.0)
THROTTLED = Again("PUT", "/v2/apps/x", "429", 0.0, 0.1)
ANSWER = Answered(1, "GET", "/v2/apps", 200, 0.12)
LOST = Answered(1, "GET", "/v2/apps", None, 0.12)
LINES: list[tuple[Happening, str]] = [
    (STEP, "[1/2] App/a: create … done (0.1 s)"),
    (WAIT, "waiting 43 s for the limit of 60 calls a minute (apps)"),
    (LATE, "PUT /v2/apps/x: 503, again in 1.2 s"),
    (Slow("the state is slow"), "the state is slow"),
    (Note("to know"), "to know"),
]
DETAILS: list[tuple[Happening, str]] = [
    (SOON, "PUT /v2/apps/x: 503, again in 1.2 s"),
    (THROTTLED, "PUT /v2/apps/x: 429, again when the limit allows it"),
    (Note("all", detail=True), "all"),
    (ANSWER, "GET /v2/apps: 200 (0.1 s)"),
    (LOST, "GET /v2/apps: no answer (0.1 s)"),
]


def said(capsys: pytest.CaptureFixture[str], watch: Watch, happening: Happening) -> str:
    watch.see(Writing(2))
    watch.close()
    capsys.readouterr()
    watch.see(happening)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.rstrip("\n")


@pytest.mark.parametrize(("happening", "line"), LINES + DETAILS)
def test_everything_is_told_to_who_wants_it_and_nothing_to_who_does_not(capsys, happening, line):
    assert said(capsys, Watch(Levels(verbose=True)), happening) == line
    assert said(capsys, Watch(Levels(quiet=True)), happening) == ""


def test_what_goes_on_is_told_and_details_are_not(capsys):
    for happening, line in LINES:
        assert said(capsys, Watch(), happening) == line
    for happening, _ in DETAILS:
        assert said(capsys, Watch(), happening) == ""


def test_bodies_are_wanted_for_debugging_alone(capsys):
    assert not Watch(Levels(verbose=True)).bodies
    watch = Watch(Levels(debug_http=True, quiet=True))
    assert watch.bodies
    watch.see(Sent(7, "PUT", "/v2/apps/x", '{"a":1}'))
    watch.see(Answered(7, "PUT", "/v2/apps/x", 200, 0.1234, "r1", '{"b":2}'))
    watch.see(Answered(8, "GET", "/v2/apps", None, 0.5))
    assert capsys.readouterr().err.splitlines() == [
        'http > #7 PUT /v2/apps/x {"a":1}',
        'http < #7 PUT /v2/apps/x 200 0.123 s request r1 {"b":2}',
        "http < #8 GET /v2/apps no answer 0.500 s",
    ]


def test_a_display_is_kept_away_where_stdout_tells_the_steps():
    watch = Watch(live=True)
    in_lines(watch)
    assert not watch.live
    in_lines(UNWATCHED)


# --- the flags


def test_quiet_says_nothing_but_questions_warnings_and_errors(cli: Cli):
    ran = cli(*APPLY, "-q")
    assert ran.err == ""
    assert "Applied" in ran.out
    assert cli("export", "--simulator", "--quiet").err == ""
    saved = cli.write(
        "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: b}\nspec: {}\n---\n"
        "apiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: other}\nspec: {}\n"
    )
    assert cli("plan", "-f", saved, "--simulator", "-q", "--out", "p.plan").err == ""
    assert "error" in cli("plan", "-f", "none.yaml", "--quiet", code=3).err


def test_verbose_tells_reads_state_lock_and_where_credentials_came_from(cli: Cli):
    cli.environ(KEYS)
    app = create_app()
    with Loopback(simulated(app)) as server:
        ran = cli("apply", "-f", EXAMPLE2, "--auto-approve", "-v", "--endpoint", server.url)
    for words in ("taking its lock took", "reading it took", "writing its journal took", "GET /v2/apps?", "[1/5]"):
        assert words in ran.err
    assert "credentials: AK/SK from HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK" in ran.err
    assert not any(value in ran.text for value in KEYS.values() if value != KEYS["HUAWEICLOUD_SDK_PROJECT_ID"])


def test_quiet_and_verbose_exclude_each_other(cli: Cli):
    assert "exclude each other" in cli("plan", "-f", EXAMPLE2, "-q", "-v", code=3).err


@pytest.mark.parametrize("command", ["version", "schema", "fmt", "validate", "show"])
def test_what_calls_nobody_has_no_such_flags(cli: Cli, command: str):
    assert "--debug-http" not in cli(command, "--help").out


# --- no secret, whatever is asked for

COMMANDS: list[tuple[str, ...]] = [
    ("plan", "-f", "m.yaml"),
    ("apply", "-f", "m.yaml", "--auto-approve"),
    ("apply", "-f", "m.yaml", "--auto-approve", "--output", "jsonl"),
    ("drift", "-f", "m.yaml"),
    ("jobs", "status", "-f", "m.yaml"),
    ("recordings", "-f", "m.yaml"),
    ("state", "list", "-f", "m.yaml"),
    ("export",),
    ("rehearse", "-f", "m.yaml"),
    ("reconcile", "-f", "m.yaml", "--once"),
    ("import", "-f", "m.yaml", "MixStreamJob/a/x", "0123456789"),
    ("destroy", "-f", "m.yaml", "--auto-approve", "--allow-destroy"),
]


def run_all(cli: Cli, *where: str) -> Iterator[str]:
    cli.write(MANIFEST, "m.yaml")
    cli.environ({"RTC_CALLBACK_KEY": KEY})
    for command in COMMANDS:
        cli.capsys.readouterr()
        code = main_code(command, where)
        captured = cli.capsys.readouterr()
        assert code in (0, 2, 3), captured.err
        assert "Traceback" not in captured.err
        yield captured.err + captured.out


def main_code(command: tuple[str, ...], where: tuple[str, ...]) -> int:
    from rtcctl.cli.main import main

    return int(main([*command, *where, "--debug-http", "-v"]))


def test_no_secret_is_shown_with_the_embedded_simulator(cli: Cli):
    shown = list(run_all(cli, "--simulator"))
    assert any('"auth_key":"(secret)"' in each for each in shown)
    assert not any(each in text for text in shown for each in (KEY, *_of_account()))
    assert not any("app_key" in text and '"app_key":"(secret)"' not in text for text in shown)


@pytest.mark.parametrize("way", ["keys", "user", "token"])
def test_no_secret_is_shown_at_a_service(cli: Cli, way: str):
    app = create_app()
    tokens: list[str] = []

    def answer(request: Heard) -> Reply:
        reply = simulated(app)(request)
        tokens.extend(value for name, value in reply.headers.items() if name.lower() == "x-subject-token")
        return reply

    credentials = {"keys": KEYS, "user": USER, "token": ready_token(app)}[way]
    cli.environ(credentials)
    with Loopback(answer) as server:
        shown = list(run_all(cli, "--endpoint", server.url, "--iam-endpoint", server.url))
        sent = [
            value for each in server.heard for name, value in each.headers.items() if name.lower() == "authorization"
        ]
    hidden = {KEY, credentials.get("RTCCTL_TOKEN", ""), credentials.get("HUAWEICLOUD_SDK_AK", ""), *tokens, *sent}
    hidden |= {credentials.get("HUAWEICLOUD_SDK_SK", "")}
    hidden -= {""}
    assert len(hidden) > 1
    assert any("http > #1 " in each for each in shown)
    assert not any(each in text for text in shown for each in hidden)
    if way == "user":
        assert any('"password":"(secret)"' in each for each in shown)
        assert not any('"password":"simulator"' in each for each in shown)


def _of_account() -> tuple[str, str]:
    return KEYS["HUAWEICLOUD_SDK_AK"], KEYS["HUAWEICLOUD_SDK_SK"]


# --- at a terminal


class Held:
    """The simulator, holding back the answer to one call until it is let go."""

    def __init__(self, method: str, path: str) -> None:
        self.app = create_app()
        self.arrived, self.release = threading.Event(), threading.Event()
        self._held, self._answer = (method, path), simulated(self.app)

    def __call__(self, request: Heard) -> Reply:
        if (request.method, request.path) == self._held:
            self.arrived.set()
            assert self.release.wait(PATIENCE)
        return self._answer(request)


@pytest.fixture
def holding(cli: Cli) -> Iterator[Callable[[str, str], Held]]:
    servers: list[tuple[Held, Loopback]] = []

    def hold(method: str, path: str) -> Held:
        held = Held(method, path)
        server = Loopback(held)
        server.__enter__()
        servers.append((held, server))
        cli.environ({**ready_token(held.app), "RTCCTL_ENDPOINT": server.url})
        return held

    yield hold
    for held, server in servers:
        held.release.set()
        server.__exit__(None, None, None)


def is_clean(text: str) -> None:
    """The cursor is shown in the end, and the last display was wiped away before."""
    assert text.rindex(CURSOR + "h") > text.rindex(CURSOR + "l")
    assert "\x1b[2K" in text


def test_a_slow_read_shows_a_display_that_is_gone_before_the_plan(cli: Cli, holding):
    held = holding("GET", "/v2/apps")
    with Terminal("plan", "-f", EXAMPLE2) as terminal:
        terminal.until("1 of about 2 calls")
        held.release.set()
        assert terminal.end() == 0
        is_clean(terminal.text)
        assert terminal.text.index("Plan: 5 to add") > terminal.text.rindex(CURSOR + "h")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_reading_leaves_a_clean_terminal(cli: Cli, holding, number):
    holding("GET", "/v2/apps")
    with Terminal("plan", "-f", EXAMPLE2) as terminal:
        terminal.until("reading the account")
        terminal.process.send_signal(number)
        assert terminal.end() == 130
        is_clean(terminal.text)
        assert terminal.text.endswith("Ended; nothing was changed.\n")


def test_a_slow_call_is_shown_and_signals_are_told_above_it(cli: Cli, holding):
    holding("POST", "/v2/apps")
    with Terminal("apply", "-f", EXAMPLE2, "--auto-approve") as terminal:
        terminal.until("App/rtctest: create, ")
        terminal.process.send_signal(signal.SIGINT)
        terminal.until("once more ends at once")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 6
        is_clean(terminal.text)
        assert "[1/5]" not in terminal.text  # what is done is in the sum
        assert terminal.text.rindex("not attempted") > terminal.text.rindex(CURSOR + "h")


@pytest.mark.parametrize(("flags", "variables"), [(("-q",), {}), ((), {"CI": "true"}), ((), {"TERM": "dumb"})])
def test_where_no_display_is_due_a_slow_call_shows_none(cli: Cli, holding, flags, variables):
    held = holding("POST", "/v2/apps")
    arguments = ("apply", "-f", EXAMPLE2, "--auto-approve", *flags)
    with Terminal(*arguments, env=environment(**variables)) as terminal:
        terminal.until("Plan: 5 to add")
        assert held.arrived.wait(PATIENCE)
        time.sleep(0.7)  # longer than the display would wait for
        held.release.set()
        assert terminal.end() == 0
        assert CURSOR not in terminal.text


def test_nothing_of_it_is_in_a_pipe(cli: Cli, holding):
    held = holding("POST", "/v2/apps")
    with started("apply", "-f", EXAMPLE2, "--auto-approve") as process:
        assert held.arrived.wait(PATIENCE)
        shown = until(process.stdout, "Plan:")
        held.release.set()
        out, err = process.communicate(timeout=PATIENCE)
    assert "\x1b" not in shown + out + err
    assert "[5/5]" in err


@pytest.mark.parametrize(
    "arguments",
    [("version",), ("validate", "-f", str(EXAMPLE2)), ("plan", "-f", str(EXAMPLE2), "--simulator", "--verbose")],
)
def test_rich_is_not_loaded_where_nothing_is_displayed(cli: Cli, arguments):
    script = (
        "import atexit, os, sys; from rtcctl.cli.main import run;"
        "atexit.register(lambda: 'rich' in sys.modules and os._exit(99)); run()"
    )
    command = [sys.executable, "-c", script, *arguments]
    assert (
        subprocess.run(command, capture_output=True, env=environment(), timeout=PATIENCE, check=False).returncode == 0
    )


def test_who_reads_stderr_no_more_ends_nothing(cli: Cli, tmp_path: Path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    with full.open("w") as err:
        command = [sys.executable, "-m", "rtcctl", *map(str, APPLY), "-v"]
        ran = subprocess.run(
            command, stderr=err, stdout=subprocess.PIPE, env=environment(), timeout=PATIENCE, check=False
        )
    assert ran.returncode == 0
