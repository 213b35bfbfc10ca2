"""Secrets are where they have to be and nowhere else: not printed, kept, logged or quoted, whatever the server does."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from rtcctl.simulator import ACCOUNT, create_app
from tests.e2e.support import (
    AUTH_KEY,
    DATA,
    EXAMPLE2,
    KEYS,
    USER,
    Cli,
    Heard,
    Loopback,
    Reply,
    kept_files,
    ready_token,
    simulated,
)

SECOND_KEY = "fake-callback-key-not-a-real-secret-2"
PASSWORD = 'fake-"password"-not-real-5f3a'
TOKEN = "fake-token-not-real-77aa1c"
SECRET_KEY = "fake-secret-key-not-real-90b1"
SECURITY_TOKEN = "fake-security-token-not-real-1d2e"
ALL = (AUTH_KEY, SECOND_KEY, PASSWORD, TOKEN, SECRET_KEY, SECURITY_TOKEN, json.dumps(PASSWORD)[1:-1])


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that any logger says."""
    caplog.set_level(logging.DEBUG)
    return caplog


def nowhere(texts: list[str], folder: Path, caplog: pytest.LogCaptureFixture, secrets: tuple[str, ...] = ALL) -> None:
    """No secret is in what was printed, logged, or kept in a file beside the simulator's own data."""
    kept = [path.read_text(encoding="utf-8") for path in kept_files(folder) if path.suffix != ".yaml"]
    logged = [record.getMessage() + repr(record.__dict__) for record in caplog.records]
    for secret in secrets:
        for text in (*texts, *kept, *logged, caplog.text):
            assert secret not in text


def test_the_callback_key_is_in_the_request_and_in_the_simulators_data_alone(cli: Cli, caplog):
    cli.monkeypatch.setenv("RTC_CALLBACK_KEY", AUTH_KEY)
    texts = [
        cli.sim("plan", EXAMPLE2).text,
        cli.plan(EXAMPLE2).text,
        cli("validate", "-f", EXAMPLE2, "--output", "json").text,
        cli.apply(EXAMPLE2).text,
        cli.plan(EXAMPLE2).text,
    ]
    cli.monkeypatch.setenv("RTC_CALLBACK_KEY", SECOND_KEY)
    changed = cli.sim("plan", EXAMPLE2)
    assert "auth_key  (secret #1) → (secret #2)" in changed.out
    texts += [changed.text, cli.plan(EXAMPLE2).text, cli.apply(EXAMPLE2, "--output", "json").text]
    texts.append(cli.sim("destroy", EXAMPLE2, "--auto-approve", "--allow-destroy", "--output", "json").text)
    nowhere(texts, cli.folder, caplog)
    stored = b"".join(path.read_bytes() for path in cli.folder.rglob(f"{DATA.name}*") if path.is_file())
    assert b"(secret)" in stored


def test_the_key_that_is_sent_is_the_key_that_was_meant(cli: Cli):
    app = create_app()
    cli.environ({**ready_token(app), "RTC_CALLBACK_KEY": AUTH_KEY})
    with Loopback(simulated(app)) as server:
        cli("apply", "-f", EXAMPLE2, "--endpoint", server.url, "--auto-approve")
        [sent] = [each for each in server.heard if each.path.endswith("/record-callback")]
        assert json.loads(sent.body)["auth_key"] == AUTH_KEY
        assert sum(AUTH_KEY.encode() in each.body for each in server.heard) == 1


def test_a_literal_key_in_the_manifest_is_not_printed_either(cli: Cli, caplog):
    text = EXAMPLE2.read_text().replace("${env:RTC_CALLBACK_KEY:-example-key-not-a-real-secret-0000}", AUTH_KEY)
    manifest = cli.write(text)
    texts = [cli.sim("plan", manifest).text, cli.plan(manifest).text, cli.apply(manifest).text]
    cli.write(text.replace("url: http", "urk: http"))
    texts.append(cli.plan(manifest, code=3).text)
    cli.write(text.replace(f"auth_key: {AUTH_KEY}", f"auth_key: [{AUTH_KEY}]"))
    texts.append(cli.plan(manifest, code=3).text)
    cli.write(text.replace(f"auth_key: {AUTH_KEY}", f'auth_key: "{AUTH_KEY}'))
    texts.append(cli.plan(manifest, code=3).text)
    nowhere(texts, cli.folder, caplog)


def echo(request: Heard) -> Reply:
    """A server that quotes everything it got in its refusal."""
    quoted = f"{dict(request.headers)} {request.body.decode()} {request.target}"
    body = {"error_code": "RTC.00001003", "error_msg": quoted, "error": {"message": quoted, "code": 400}}
    headers = {"Content-Type": "application/json", "X-request-Id": "0123abcd"}
    return Reply(400, json.dumps(body).encode(), headers)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize(
    "credentials",
    [
        {"RTCCTL_TOKEN": TOKEN},
        {**KEYS, "HUAWEICLOUD_SDK_SK": SECRET_KEY, "HUAWEICLOUD_SDK_SECURITY_TOKEN": SECURITY_TOKEN},
        {**USER, "RTCCTL_PASSWORD": PASSWORD},
    ],
    ids=["token", "keys", "password"],
)
def test_a_server_that_quotes_what_it_got_reveals_nothing(cli: Cli, caplog, credentials, status):
    def answer(request: Heard) -> Reply:
        return Reply(status, echo(request).body, echo(request).headers)

    cli.environ({**credentials, "RTC_CALLBACK_KEY": AUTH_KEY})
    with Loopback(answer) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url, "HUAWEICLOUD_SDK_IAM_ENDPOINT": server.url})
        code = 4 if status in (401, 403) or ("RTCCTL_PASSWORD" in credentials and status in (400, 404)) else 1
        texts = [cli("plan", "-f", EXAMPLE2, "--output", each, code=code).text for each in ("text", "json")]
        texts.append(cli("apply", "-f", EXAMPLE2, "--auto-approve", code=code).text)
        assert server.heard
    nowhere(texts, cli.folder, caplog)


def test_a_refused_callback_quoted_by_the_server_is_hidden_in_the_result(cli: Cli, caplog):
    app = create_app()
    cli.environ({**ready_token(app), "RTC_CALLBACK_KEY": AUTH_KEY})
    answer = simulated(app)
    with Loopback(lambda each: echo(each) if each.path.endswith("/record-callback") else answer(each)) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url})
        ran = cli("apply", "-f", EXAMPLE2, "--auto-approve", "--output", "json", code=6)
    assert "(secret)" in ran.out
    nowhere([ran.text], cli.folder, caplog, (*ALL, *ready_token(app).values()))


def test_a_fetched_token_is_kept_nowhere(cli: Cli, caplog):
    tokens: list[str] = []
    answer = simulated(create_app())

    def remembering(request: Heard) -> Reply:
        tokens.extend(value for name, value in request.headers.items() if name.lower() == "x-auth-token")
        return answer(request)

    with Loopback(remembering) as server:
        cli.environ({**USER, "RTCCTL_ENDPOINT": server.url, "HUAWEICLOUD_SDK_IAM_ENDPOINT": server.url})
        texts = [cli("apply", "-f", EXAMPLE2, "--auto-approve").text, cli("plan", "-f", EXAMPLE2).text]
        assert server.told.count("POST /v3/auth/tokens") == 2  # once a run
    assert len(set(tokens)) == 2
    nowhere(texts, cli.folder, caplog, tuple(tokens))


def test_the_secret_key_is_not_in_what_is_sent(cli: Cli, caplog):
    with Loopback(simulated(create_app())) as server:
        cli.environ({**KEYS, "RTCCTL_ENDPOINT": server.url})
        texts = [cli("apply", "-f", EXAMPLE2, "--auto-approve").text]
        for request in server.heard:
            assert ACCOUNT.secret_key not in f"{request.headers} {request.target} {request.body!r}"
    nowhere(texts, cli.folder, caplog, (ACCOUNT.secret_key,))


def test_the_apps_own_key_is_not_kept_or_printed(cli: Cli, caplog):
    app = create_app()
    cli.environ(ready_token(app))
    keys: list[str] = []
    answer = simulated(app)

    def remembering(request: Heard) -> Reply:
        reply = answer(request)
        if request.method == "GET" and request.path == "/v2/apps":
            keys.extend(each["authentication"]["app_key"] for each in json.loads(reply.body)["apps"])
        return reply

    with Loopback(remembering) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url})
        texts = [cli("apply", "-f", EXAMPLE2, "--auto-approve").text]
        texts.append(cli("plan", "-f", EXAMPLE2, "--output", "json").text)
    assert keys
    nowhere(texts, cli.folder, caplog, tuple(keys))


def test_a_token_quoted_as_request_id_is_not_logged(cli: Cli, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    cli.environ({"RTCCTL_TOKEN": "fake-token-not-real-77aa1c"})
    with Loopback(lambda _: Reply(500, b"{}", {"X-request-Id": "fake-token-not-real-77aa1c"})) as server:
        cli("plan", "-f", EXAMPLE2, "--endpoint", server.url, code=1)
    assert "fake-token-not-real-77aa1c" not in caplog.text
