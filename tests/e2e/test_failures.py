"""When credentials, network or answers are not what they should be: one clear line, what to do, the right exit code."""

from __future__ import annotations

import gc
import json
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from rtcctl.simulator import create_app
from tests.e2e.support import (
    EXAMPLE2,
    KEYS,
    STATE,
    USER,
    Answering,
    Cli,
    Heard,
    Loopback,
    Reply,
    check_document,
    ready_token,
    simulated,
)

HTML = b"<html><head><title>Welcome</title></head><body>a captive portal</body></html>"
HTML_HEADERS = {"Content-Type": "text/html"}


failed_handshakes = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


def one_line(cli: Cli, url: str, code: int) -> tuple[str, str]:
    """Plan against a URL as text and as JSON; the message and the mend."""
    arguments = ["plan", "-f", str(EXAMPLE2), "--endpoint", url]
    ran = cli(*arguments, code=code)
    assert ran.out == ""
    errors = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, ran.err
    assert len(ran.err.splitlines()) <= 2, ran.err
    in_json = cli(*arguments, "--output", "json", code=code)
    check_document(in_json.document, "result")
    found = in_json.document["error"]
    assert in_json.document["exit_code"] == code
    assert steady(errors[0]) == steady(f"error: {found['message']}")
    assert steady(in_json.err) == steady(ran.err)
    return found["message"], found["mend"]


def steady(text: str) -> str:
    """A message without what differs from run to run: the request's id, and which of two reads failed first."""
    return re.sub(r" \(request \w+\)|GET /v2/[a-z/-]+", "", text)


def closed_port() -> int:
    """A port on loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def raw_server(speak: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that speaks whatever it likes; its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(10)
            speak(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
            gc.collect()  # what asyncio leaves behind of a failed handshake; it warns where that is ignored


def test_without_credentials_every_way_to_give_them_is_named(cli: Cli):
    message, mend = one_line(cli, "https://127.0.0.1:1", 4)
    assert message == "no credentials found"
    for name in ("RTCCTL_TOKEN", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_CREDENTIALS_FILE", "RTCCTL_USERNAME"):
        assert name in mend
    assert mend.endswith("; or try it without an account: --simulator")


def test_half_a_pair_of_keys_names_what_is_missing(cli: Cli):
    cli.environ({"HUAWEICLOUD_SDK_AK": "FAKEACCESSKEY"})
    message, _ = one_line(cli, "https://127.0.0.1:1", 4)
    assert "HUAWEICLOUD_SDK_SK" in message


def test_a_wrong_password_is_one_line_and_exit_4(cli: Cli):
    cli.environ({**USER, "RTCCTL_PASSWORD": "fake-wrong-password"})
    with Loopback(simulated(create_app())) as server:
        cli.environ({"HUAWEICLOUD_SDK_IAM_ENDPOINT": server.url})
        message, mend = one_line(cli, server.url, 4)
        assert {str(each) for each in server.heard} == {"POST /v3/auth/tokens"}
    assert message.startswith("POST /v3/auth/tokens: 401")
    assert "IAM refused the user: The username or password is wrong." in message
    assert "RTCCTL_PASSWORD" in mend


def test_a_wrong_secret_key_is_one_line_and_exit_4(cli: Cli):
    cli.environ({**KEYS, "HUAWEICLOUD_SDK_SK": "fake-wrong-secret-key"})
    with Loopback(simulated(create_app())) as server:
        message, mend = one_line(cli, server.url, 4)
    assert "401 APIGW.0301" in message
    assert mend.startswith("check AK and SK")


def test_an_expired_token_is_one_line_and_exit_4(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-expired-token"})
    with Loopback(simulated(create_app())) as server:
        message, mend = one_line(cli, server.url, 4)
    assert "401" in message
    assert "get a new token into RTCCTL_TOKEN" in mend


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"error_code": "APIGW.0302", "error_msg": "no"}),
        (400, {"error_code": "RTC.00001021", "error_msg": "NoPermission"}),
        (400, {"error_code": "RTC.00001001", "error_msg": "OperationUnauthorized"}),
    ],
    ids=["403", "no permission", "no account"],
)
def test_a_missing_permission_is_exit_4(cli: Cli, status, body):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    with Loopback(lambda _: Reply(status, json.dumps(body).encode())) as server:
        message, mend = one_line(cli, server.url, 4)
    assert body["error_code"] in message
    assert mend


def test_an_unreachable_endpoint_is_one_line_and_exit_1(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    port = closed_port()
    message, mend = one_line(cli, f"http://127.0.0.1:{port}", 1)
    assert message.endswith(f"127.0.0.1:{port} refused the connection")
    assert mend == "is the endpoint right, and is the service running? `rtcctl simulator serve` starts a simulator"


def test_an_unreachable_iam_is_one_line_and_exit_1(cli: Cli):
    port = closed_port()
    cli.environ({**USER, "HUAWEICLOUD_SDK_IAM_ENDPOINT": f"http://127.0.0.1:{port}"})
    with Loopback(simulated(create_app())) as server:
        message, _ = one_line(cli, server.url, 1)
        assert server.heard == []
    assert message == f"POST /v3/auth/tokens: 127.0.0.1:{port} refused the connection"


@failed_handshakes
def test_plain_http_at_an_https_endpoint_is_one_line_and_exit_1(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    with raw_server(lambda peer: peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        message, mend = one_line(cli, f"https://127.0.0.1:{port}", 1)
    assert message.endswith(f"no TLS connection to 127.0.0.1:{port}")
    assert mend == "does it speak https at this port?"


@failed_handshakes
def test_garbage_at_an_https_endpoint_is_one_line_and_exit_1(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    with raw_server(lambda peer: peer.sendall(bytes(range(256)))) as port:
        message, _ = one_line(cli, f"https://127.0.0.1:{port}", 1)
    assert message.endswith(f"no TLS connection to 127.0.0.1:{port}")


def test_a_connection_closed_at_once_is_one_line_and_exit_1(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    with raw_server(lambda peer: None) as port:
        message, _ = one_line(cli, f"http://127.0.0.1:{port}", 1)
    assert message.endswith(f"127.0.0.1:{port} closed the connection before the answer was complete")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, b"hello", {"Content-Type": "text/plain"}), "no JSON: text/plain, 5 bytes"),
        (Reply(200, b'{"count": 1, "buckets": [{"bu'), "JSON that breaks off"),
        (Reply(200, HTML, HTML_HEADERS), f"no JSON: text/html, {len(HTML)} bytes"),
        (Reply(200, b"[1, 2]"), "JSON that is no object"),
        (Reply(200, b""), "an empty answer"),
        (Reply(200, b'{"buckets": 5, "apps": [], "count": 0}'), "buckets is not a list of objects"),
        (Reply(302, b"", {"Location": "https://elsewhere.example"}), "a redirect, which is not followed"),
        (Reply(204, b""), "204"),
        (Reply(502, HTML, HTML_HEADERS), "502: Bad Gateway, with text/html"),
        (Reply(404, HTML, HTML_HEADERS), "404: Not Found, with text/html"),
        (Reply(200, b"\x1f\x8b garbage", {"Content-Encoding": "gzip"}), "compression can't be undone"),
    ],
    ids=["text", "cut", "html", "list", "empty", "no-list", "redirect", "204", "502", "404", "gzip"],
)
def test_an_answer_that_is_none_is_one_line_and_exit_1(cli: Cli, reply, words):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    with Loopback(lambda _: reply) as server:
        message, _ = one_line(cli, server.url, 1)
    assert words in message
    assert "captive" not in message  # a body is never quoted


@pytest.mark.parametrize("endpoint", ["http://example.com", "ftp://127.0.0.1", "127.0.0.1:1", "https://"])
def test_an_endpoint_that_can_not_be_one_is_an_error_of_usage(cli: Cli, endpoint):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    _, mend = one_line(cli, endpoint, 3)
    assert mend


def spoiling(answer: Answering, method: str, end: str, reply: Reply) -> Answering:
    """The same answers but for one call."""

    def spoilt(request: Heard) -> Reply:
        return reply if request.method == method and request.path.endswith(end) else answer(request)

    return spoilt


@pytest.mark.parametrize(
    "reply",
    [Reply(201, b"{}"), Reply(201, b'{"app_id": ""}'), Reply(201, b'{"app_id": "12'), Reply(201, HTML, HTML_HEADERS)],
    ids=["none", "empty", "cut", "html"],
)
def test_a_created_app_without_its_id_is_unknown_and_what_hangs_on_it_is_not_attempted(cli: Cli, reply):
    app = create_app()
    cli.environ(ready_token(app))
    with Loopback(spoiling(simulated(app), "POST", "/v2/apps", reply)) as server:
        ran = cli("apply", "-f", EXAMPLE2, "--endpoint", server.url, "--auto-approve", "--output", "json", code=6)
        # The two wait for nothing, and leave together.
        assert sorted(each for each in server.told if not each.startswith("GET")) == [
            "POST /v2/apps",
            "PUT /v2/rtc-ops/buckets/authentication",
        ]
    check_document(ran.document, "result")
    outcomes = {each["address"]: each["outcome"] for each in ran.document["changes"]}
    assert outcomes == {
        "BucketAuthorization/recordings": "done",
        "App/rtctest": "unknown",
        "RecordRule/rtctest/default": "not attempted",
        "RecordCallback/rtctest": "not attempted",
        "MixStreamJob/rtctest/room001": "not attempted",
    }
    assert "App/rtctest" not in json.loads(STATE.read_text())["entries"]


def test_an_app_whose_answer_was_lost_is_looked_for_and_not_made_twice(cli: Cli):
    app = create_app()
    cli.environ(ready_token(app))
    answer = simulated(app)
    lost = True

    def losing(request: Heard) -> Reply:
        nonlocal lost
        found = answer(request)
        if lost and request.method == "POST" and request.path == "/v2/apps":
            lost = False
            return Reply(201, found.body[:5])
        return found

    with Loopback(losing) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url})
        cli("apply", "-f", EXAMPLE2, "--auto-approve")
        assert server.told.count("POST /v2/apps") == 1
        assert cli("plan", "-f", EXAMPLE2, "--detailed-exitcode").out == "No changes.\n"


def test_a_refused_call_fails_by_itself_and_the_next_apply_finishes(cli: Cli):
    app = create_app()
    cli.environ(ready_token(app))
    refusal = Reply(400, b'{"error_code": "RTC.00001018", "error_msg": "URL unavailable"}')
    with Loopback(spoiling(simulated(app), "PUT", "/record-callback", refusal)) as server:
        ran = cli("apply", "-f", EXAMPLE2, "--endpoint", server.url, "--auto-approve", code=6)
        assert "RecordCallback/rtctest          FAILED" in ran.out
        assert "start the receiver first and make it public" in " ".join(ran.out.split())
        assert any("RecordCallback/rtctest: set … failed" in line for line in ran.err.splitlines())
        # A job waits for the callback, or its first events would be lost.
        assert ran.out.endswith("Incomplete: 3 added, 0 changed, 0 destroyed, 1 failed, 1 not attempted.\n")
    with Loopback(simulated(app)) as server:
        # The endpoint is another one by now, so the state has to move with it.
        state = json.loads(STATE.read_text())
        STATE.write_text(json.dumps({**state, "endpoint": server.url}))
        ran = cli("apply", "-f", EXAMPLE2, "--endpoint", server.url, "--auto-approve")
        assert ran.out.endswith("Applied: 2 added, 0 changed, 0 destroyed.\n")


def test_nothing_done_and_something_refused_is_exit_1(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    refusal = Reply(400, b'{"error_code": "RTC.00001017", "error_msg": "AppsExceed"}')
    manifest = cli.write("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n")
    empty = Reply(200, b'{"count": 0, "apps": []}')
    with Loopback(lambda request: empty if request.method == "GET" else refusal) as server:
        ran = cli("apply", "-f", manifest, "--endpoint", server.url, "--auto-approve", code=1)
    assert "quota of apps is used up" in " ".join(ran.out.split())


def test_nothing_done_and_no_permission_is_exit_4(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    refusal = Reply(400, b'{"error_code": "RTC.00001021", "error_msg": "NoPermission"}')
    manifest = cli.write("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n")
    empty = Reply(200, b'{"count": 0, "apps": []}')
    with Loopback(lambda request: empty if request.method == "GET" else refusal) as server:
        cli("apply", "-f", manifest, "--endpoint", server.url, "--auto-approve", code=4)
