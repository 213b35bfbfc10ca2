"""What reaches the logs at DEBUG: method, path, status, request id and seconds; never a header, a body or a secret."""

from __future__ import annotations

import asyncio
import logging
import re

import httpx
import pytest

from rtcctl.api.client import Client
from rtcctl.api.credentials import AkSkCredentials, Credentials
from rtcctl.errors import ApiError
from rtcctl.model.call import Call
from rtcctl.model.values import Secret

from .support import KEYS, TOKEN, USER, answers, http, read_request, run, send, serving

PUT = Call(
    "PUT",
    "/v2/apps/{app_id}/record-callback",
    "callbacks",
    {"app_id": "a"},
    body={"url": "http://mydomain.com/callback", "auth_key": Secret("fake-callback-key", "env:RTC_CALLBACK_KEY")},
    query={"fake-query": "x"},
)
TEMPORARY = AkSkCredentials(KEYS.access_key, KEYS.secret_key, KEYS.project_id, Secret("fake-security-token", "env:T"))

SECRETS = (
    "fake-callback-key",
    "fake-answer-key",
    "fake-query",
    "fake-token-0123456789",
    "fake-password-1",
    "fake-subject-token",
    "fake-security-token",
    "SKEXAMPLE",
    "AKEXAMPLE",
    "Signature=",
    "mydomain",
)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """IAM and the service; what they answer is as secret as what they are sent."""
    head, body = await read_request(reader)
    if head.startswith("POST /v3/auth/tokens"):
        assert b"fake-password-1" in body
        writer.write(http(201, {"token": {}}, X_Subject_Token="fake-subject-token"))
        return
    assert b"fake-callback-key" in body
    data = {"record_callback": {"auth_key": "fake-answer-key"}}
    writer.write(http(200, data, X_request_Id="5f0c", Set_Cookie="fake-answer-key"))


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A service that quotes all it got."""
    head, body = await read_request(reader)
    quoted = {"error_code": "RTC.00001003", "error_msg": body.decode(), "echo": head}
    writer.write(http(400, quoted, X_request_Id="5f0c"))


@pytest.mark.parametrize("credentials", [TOKEN, KEYS, TEMPORARY, USER])
def test_logs_at_debug_hold_no_header_and_no_body(caplog: pytest.LogCaptureFixture, credentials: Credentials) -> None:
    for name in ("", "rtcctl", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)

    async def work() -> None:
        async with serving(serve) as host, Client(f"http://{host}", f"http://{host}", credentials) as client:
            answer = await client.send(PUT)
            assert answer.data["record_callback"]["auth_key"] == "fake-answer-key"

    run(work())
    text = "\n".join(f"{record.name} {record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert not any(secret in text for secret in SECRETS)
    assert {record.name for record in caplog.records} <= {"rtcctl.api", "asyncio"}
    lines = [record.getMessage() for record in caplog.records if record.name == "rtcctl.api"]
    assert re.fullmatch(r"PUT /v2/apps/a/record-callback 200 request 5f0c \d+\.\d{3} s", lines[-1])
    assert len(lines) == (2 if credentials is USER else 1)


def test_an_error_that_quotes_everything_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def work() -> None:
        async with serving(refuse) as host, Client(f"http://{host}", f"http://{host}", TOKEN) as client:
            await client.send(PUT)

    with pytest.raises(ApiError) as caught:
        run(work())
    shown = f"{caught.value} {caught.value.mend} {caught.value.call!r} {caplog.text}"
    assert not any(secret in shown for secret in SECRETS if secret != "mydomain")
    assert "(secret)" in str(caught.value)


def test_a_call_without_an_answer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def handle(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("fake-callback-key")

    with pytest.raises(ApiError):
        send(handle, PUT)
    (record,) = [record for record in caplog.records if record.name == "rtcctl.api"]
    assert re.fullmatch(r"PUT /v2/apps/a/record-callback no answer \d+\.\d{3} s", record.getMessage())


def test_a_request_id_can_not_break_a_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    handler, _ = answers(httpx.Response(200, json={}, headers={"X-request-Id": "5f0c forged"}))
    send(handler, PUT)
    assert " 200 request - " in caplog.text
