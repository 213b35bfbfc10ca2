"""`rtcctl doctor` as a user meets it: everything is reported, whatever failed before, and nothing is written."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from rtcctl.api.client import Client
from rtcctl.operations import doctor as operation
from rtcctl.operations.doctor import access, outside
from rtcctl.operations.settings import Settings
from rtcctl.schema import load
from rtcctl.simulator import ACCOUNT, create_app
from tests.cli.test_terminal import COLOUR
from tests.e2e.processes import Terminal, environment, run
from tests.e2e.support import (
    DATA,
    EXAMPLE2,
    KEYS,
    USER,
    Answering,
    Cli,
    Heard,
    Loopback,
    Ran,
    Reply,
    calls,
    ready_token,
    simulated,
)

CHECKS = [
    "python",
    "libraries",
    "extras",
    "manifest",
    "credentials",
    "endpoint",
    "IAM endpoint",
    "proxy",
    "DNS",
    "connection",
    "clock",
    "token",
    "list apps",
    "list buckets",
    "list recording rules",
    "read jobs",
    "write",
    "app quota",
    "bucket authorization",
    "state",
    "state lock",
    "state writable",
    "callback",
]
SECRETS = (ACCOUNT.secret_key, ACCOUNT.access_key, "fake-")


def found(ran: Ran) -> dict[str, str]:
    """Status by name; the document is of its schema and holds no secret."""
    document = ran.document
    Draft202012Validator(load("doctor")).validate(document)
    assert document["exit_code"] == ran.code
    assert not [secret for secret in SECRETS if secret in ran.text]
    return {check["name"]: check["status"] for check in document["checks"]}


def said(ran: Ran, name: str) -> str:
    [check] = [each for each in ran.document["checks"] if each["name"] == name]
    return f"{check['found']} > {check['mend'] or ''}"


@pytest.fixture
def served(cli: Cli) -> Callable[[Answering | None], Loopback]:
    """A simulator on loopback, or what answers in its place, as the endpoint of the environment."""

    def serve(answer: Answering | None = None) -> Loopback:
        server = Loopback(answer or simulated(create_app()))
        cli.environ({"RTCCTL_ENDPOINT": server.url, "HUAWEICLOUD_SDK_IAM_ENDPOINT": server.url})
        return server

    return serve


def test_all_is_well_on_the_simulator(cli: Cli):
    cli.apply(EXAMPLE2)
    writes = len(calls())
    ran = cli("doctor", "-f", EXAMPLE2, "--simulator", "--output", "json")
    assert list(found(ran)) == CHECKS
    assert "failed" not in found(ran).values()
    assert len(calls()) == writes, "nothing is written"
    assert "1 of 20 apps" in said(ran, "app quota")
    assert "1 of 1 authorized" in said(ran, "bucket authorization")
    assert found(ran)["list recording rules"] == "ok"


def test_the_simulator_needs_no_manifest(cli: Cli):
    ran = cli("doctor", "--simulator")
    assert ran.out.rstrip().endswith("skipped.")
    assert "Nothing is wrong with the embedded simulator" in ran.out


def test_data_that_is_no_simulator_s_is_a_finding(cli: Cli):
    cli.write("not a database, but long enough to be taken for one", str(DATA))
    ran = cli("doctor", "--simulator", "--output", "json", code=3)
    assert found(ran)["simulator"] == "failed"
    assert found(ran)["read jobs"] == "skipped"
    assert found(ran)["state"] == "ok"


@pytest.mark.parametrize("credentials", ["keys", "password", "token"])
def test_all_is_well_over_http(cli: Cli, served, credentials):
    app = create_app()
    cli.environ({"keys": KEYS, "password": USER, "token": ready_token(app)}[credentials])
    with served(simulated(app)) as server:
        cli("apply", "-f", EXAMPLE2, "--auto-approve")
        before = len(server.heard)
        ran = cli("doctor", "-f", EXAMPLE2, "--output", "json")
        heard = server.told[before:]
    assert list(found(ran)) == CHECKS
    assert set(found(ran).values()) <= {"ok", "skipped"}
    assert sorted(heard) == sorted(
        [
            "GET /",
            "GET /v2/apps",
            "GET /v2/apps/{app}/mix-stream-jobs/{job}",
            "GET /v2/apps/{app}/record-rules",
            "GET /v2/rtc-ops/buckets",
            *(["POST /v3/auth/tokens"] if credentials == "password" else []),
        ]
    ), "one read of each kind, and one login"


def test_no_credentials_is_told_and_everything_else_is_looked_at(cli: Cli, served):
    with served() as server:
        ran = cli("doctor", "--output", "json", code=4)
        assert server.told == ["GET /"]
    statuses = found(ran)
    assert list(statuses) == CHECKS
    assert statuses["credentials"] == "failed"
    assert {statuses[name] for name in ("connection", "clock", "state", "state writable")} == {"ok"}
    assert {statuses[name] for name in ("token", *access.READS)} == {"skipped"}
    assert "there are no credentials" in said(ran, "list apps")


def test_a_refused_password_is_tried_once(cli: Cli, served):
    cli.environ({**USER, "RTCCTL_PASSWORD": "fake-wrong-password"})
    with served() as server:
        ran = cli("doctor", "--output", "json", code=4)
        assert server.told.count("POST /v3/auth/tokens") == 1
    assert found(ran)["token"] == "failed"
    assert "there is no token" in said(ran, "list apps")


def test_wrong_keys_are_told_for_each_read(cli: Cli, served):
    cli.environ({**KEYS, "HUAWEICLOUD_SDK_SK": "fake-wrong-key"})
    with served():
        ran = cli("doctor", "--output", "json", code=4)
    assert [found(ran)[name] for name in access.READS] == ["failed", "failed", "skipped", "failed"]
    assert "the apps could not be listed" in said(ran, "list recording rules")


def test_an_endpoint_where_nobody_listens(cli: Cli):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        cli.environ({**KEYS, "RTCCTL_ENDPOINT": f"http://127.0.0.1:{taken.getsockname()[1]}"})
        ran = cli("doctor", "-f", EXAMPLE2, "--output", "json", code=1)
    assert [name for name, status in found(ran).items() if status == "failed"] == ["connection"]
    assert list(found(ran)) == CHECKS
    assert "there is no connection" in said(ran, "read jobs")


def test_a_name_that_can_not_be_resolved(cli: Cli, monkeypatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    ran = cli("doctor", "--endpoint", "https://nowhere.invalid", "--output", "json", code=4)
    statuses = found(ran)
    assert (statuses["DNS"], statuses["connection"], statuses["clock"]) == ("failed", "skipped", "skipped")


def test_endpoints_that_can_not_be_used(cli: Cli):
    cli.environ(USER)
    ran = cli("doctor", "--endpoint", "http://example.com", "--output", "json", code=3)
    statuses = found(ran)
    assert statuses["endpoint"] == "failed"
    assert {statuses[name] for name in ("DNS", "connection", "clock", *access.READS)} == {"skipped"}
    ran = cli("doctor", "--endpoint", "https://127.0.0.1:1", "--iam-endpoint", "ftp://x", "--output", "json", code=3)
    assert "the IAM endpoint is not usable" in said(ran, "token")


def refusing(*paths: str, body: bytes, status: int = 400) -> Answering:
    """The simulator, but for some paths."""
    inside = simulated(create_app())
    return lambda heard: Reply(status, body) if heard.path.endswith(paths) else inside(heard)


def test_a_permission_that_is_missing_is_told_by_its_action(cli: Cli, served):
    cli.environ(KEYS)
    body = b'{"error_code": "RTC.00001021", "error_msg": "NoPermission"}'
    with served(refusing("/apps", body=body)):
        ran = cli("doctor", "--output", "json", code=4)
    assert "the policy has to allow rtc:app:list" in said(ran, "list apps")
    assert found(ran)["list buckets"] == found(ran)["read jobs"] == "ok"
    assert found(ran)["app quota"] == "skipped"


def test_a_permission_without_a_known_action_is_told_too(cli: Cli, served):
    cli.environ(KEYS)
    with served(refusing("/buckets", body=b"{}", status=403)):
        ran = cli("doctor", "-f", EXAMPLE2, "--output", "json", code=4)
    assert "the policy has to allow this call" in said(ran, "list buckets")
    assert "could not be listed" in said(ran, "bucket authorization")


def test_a_gateway_that_knows_no_such_path_is_no_permission(cli: Cli, served):
    cli.environ(KEYS)
    body = b'{"error_code": "APIGW.0101", "error_msg": "no such API"}'
    with served(lambda _: Reply(404, body)):
        ran = cli("doctor", "--output", "json", code=1)
    assert [found(ran)[name] for name in access.READS] == ["failed", "failed", "skipped", "failed"]


@pytest.mark.parametrize("body", [b"[]", b'{"apps": 3}', b'{"apps": [3], "count": "x"}', b'{"buckets": {}}', b"<html>"])
def test_a_service_that_answers_nonsense_is_survived(cli: Cli, served, body):
    cli.environ(KEYS)
    with served(lambda _: Reply(200, body)):
        ran = cli("doctor", "-f", EXAMPLE2, "--output", "json", code=0 if b"{" in body else 1)
    assert list(found(ran)) == CHECKS


def test_a_call_that_never_ends_is_told(monkeypatch):
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(access, "SECONDS", 0.01)
    monkeypatch.setattr(Client, "send", never)
    settings = Settings(simulator=True, environ={})
    checkup = asyncio.run(operation.examine(settings))
    assert [each.found for each in checkup.checks if each.name == "list apps"] == ["no end after 0.01 s"]


def test_iam_that_never_answers_is_told(cli: Cli, served, monkeypatch):
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(outside, "TIMEOUT", 0.01)
    monkeypatch.setattr(access, "token", never)
    cli.environ(USER)
    with served():
        ran = cli("doctor", "--output", "json", code=1)
    assert "IAM does not answer" in said(ran, "token")
    assert "there is no token" in said(ran, "list apps")


def test_clocks_that_differ_are_told(cli: Cli, served):
    with served() as server:
        settings = Settings(environ={**KEYS, "RTCCTL_ENDPOINT": server.url})
        checkup = asyncio.run(operation.examine(settings, now=lambda: datetime(2020, 1, 1, tzinfo=UTC)))
    [check] = [each for each in checkup.checks if each.name == "clock"]
    assert (check.status, "behind the service" in check.found) == ("failed", True)


def test_a_broken_proxy_setting_is_a_finding(cli: Cli, monkeypatch):
    cli.environ({**USER, "HTTPS_PROXY": "nonsense://fake-user:fake-password@x"})
    ran = cli("doctor", "--endpoint", "https://nowhere.invalid", "--output", "json", code=3)
    assert found(ran)["token"] == found(ran)["clock"] == "failed"
    assert "check HTTPS_PROXY" in said(ran, "token")
    assert list(found(ran)) == CHECKS


def test_callbacks_are_asked_only_when_asked_for(cli: Cli):
    def answer(heard: Heard) -> Reply:
        return Reply(405)

    with Loopback(answer) as receiver:
        manifest = cli.write(EXAMPLE2.read_text().replace("http://mydomain.com", receiver.url))
        ran = cli("doctor", "-f", manifest, "--simulator", "--output", "json")
        assert (receiver.told, found(ran)["callback"]) == ([], "skipped")
        ran = cli("doctor", "-f", manifest, "--simulator", "--callbacks", "--output", "json")
        assert receiver.told == ["HEAD /callback"]
    assert found(ran)["callback of rtctest"] == "warning"
    assert cli("doctor", "-f", manifest, "--simulator", "--callbacks", code=1).out.count("FAILED") == 1


def test_a_broken_manifest_does_not_end_it(cli: Cli):
    ran = cli("doctor", "-f", cli.write("{}"), "--simulator", "--output", "json", code=3)
    assert found(ran)["manifest"] == "failed"
    assert list(found(ran)) == CHECKS


def test_a_manifest_with_errors_still_says_whose_credentials_and_which_state_are_meant(cli: Cli, served):
    manifest = cli.write(
        "apiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: classroom}\n"
        "spec: {backend: kept, accounts: {edu: {credentials: 'env:EDU'}}}\n"
        "---\napiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {no_such_member: 1}\n"
    )
    cli.environ({f"EDU_{name}": value for name, value in KEYS.items()})
    with served():
        ran = cli("doctor", "-f", manifest, "--output", "json", code=3)
    assert [name for name, status in found(ran).items() if status == "failed"] == ["manifest"]
    assert "EDU_HUAWEICLOUD_SDK_AK" in said(ran, "credentials")
    assert "kept/classroom/edu.state.json" in said(ran, "state")


def test_no_line_is_longer_than_the_terminal_and_words_say_what_colours_do(cli: Cli):
    manifest = cli.write("{}")
    arguments = ("doctor", "-f", manifest, "--simulator")
    with Terminal(*arguments) as terminal:
        assert terminal.end() == 3
        assert COLOUR.search(terminal.text)
        lines = COLOUR.sub("", terminal.text).splitlines()
        assert [line for line in lines if len(line) > 80] == []
        assert any(line.startswith("FAILED   manifest ") for line in lines)
    with Terminal(*arguments, env=environment(NO_COLOR="1")) as terminal:
        assert terminal.end() == 3
        assert "\x1b" not in terminal.text
    assert "\x1b" not in run(*arguments).stdout


def test_the_schema_is_printed(cli: Cli):
    assert cli("schema", "doctor").document["title"] == "rtcctl doctor"


def test_what_an_unusable_endpoint_forbids_is_skipped_and_not_failed_once_more(cli: Cli):
    cli.environ({**KEYS, "RTCCTL_ENDPOINT": "nonsense:1"})
    document = cli("doctor", "--output", "json", code=3).document
    found = {each["name"]: each["status"] for each in document["checks"]}
    assert [name for name, status in found.items() if status == "failed"] == ["endpoint"]
    assert {found[name] for name in ("token", "list apps", "state", "state lock", "state writable")} == {"skipped"}
