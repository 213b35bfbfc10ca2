"""What the client sends, how it authenticates, and how many calls are under way at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from rtcctl.api.answers import Answer
from rtcctl.api.client import Client, Leaving, utc_now
from rtcctl.api.credentials import AkSkCredentials, Credentials
from rtcctl.api.preparing import prepare
from rtcctl.api.throttle import Throttle
from rtcctl.errors import NotAuthenticatedError, NotFoundError, UsageError
from rtcctl.model.address import Address
from rtcctl.model.call import Call
from rtcctl.model.values import Members, Ref, Secret
from tests import virtual

from .support import ENDPOINT, IAM, KEYS, NOW, TOKEN, USER, answers, make, run, send

GET = Call("GET", "/v2/apps/{app_id}", "apps", {"app_id": "a"})


def ok(**data: Any) -> httpx.Response:
    return httpx.Response(200, json=data)


def refused(status: int = 401, **headers: str) -> httpx.Response:
    body = {"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information: verify fail"}
    return httpx.Response(status, json=body, headers=headers)


def sent(call: Call, credentials: Credentials = TOKEN) -> httpx.Request:
    handler, requests = answers(ok(app_id="a"))
    send(handler, call, credentials)
    return requests[0]


def test_a_call_without_a_body_says_json_all_the_same() -> None:
    request = sent(Call("POST", "/v2/apps/{app_id}/enable", "apps", {"app_id": "a"}))
    assert str(request.url) == f"{ENDPOINT}/v2/apps/a/enable"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["User-Agent"].startswith("rtcctl/")
    assert request.content == b""


def test_a_body_goes_as_json_with_secrets_revealed() -> None:
    body: Members = {
        "url": "http://h/é",
        "auth_key": Secret('fake "key" é', "env:KEY"),
        "list": [MappingProxyType({"a": 1})],
    }
    request = sent(Call("PUT", "/v2/x", "callbacks", body=body))
    assert request.headers["Content-Type"] == "application/json;charset=utf-8"
    assert request.content.isascii()
    assert json.loads(request.content) == {"url": "http://h/é", "auth_key": 'fake "key" é', "list": [{"a": 1}]}


def test_a_prepared_call_shows_no_secret() -> None:
    prepared = prepare(Call("PUT", "/v2/x", "callbacks", body={"auth_key": Secret("fake-key", "env:KEY")}))
    assert prepared.secrets == ("fake-key",)
    assert "fake-key" not in repr(prepared)


def test_ids_are_percent_encoded_and_stay_one_segment() -> None:
    request = sent(Call("GET", "/v2/apps/{app_id}/x/{job_id}", "apps", {"app_id": "a/../b?c#d", "job_id": "é %~"}))
    assert request.url.raw_path == b"/v2/apps/a%2F..%2Fb%3Fc%23d/x/%C3%A9%20%25~"


def test_a_query_is_sorted_and_encoded() -> None:
    request = sent(Call("GET", "/v2/x", "apps", query={"prefix": "Record/a b~c*", "limit": 100}))
    assert request.url.raw_path == b"/v2/x?limit=100&prefix=Record%2Fa%20b~c%2A"


@pytest.mark.parametrize("bad", ["", ".", ".."])
def test_an_id_that_leads_elsewhere_is_refused_before_anything_is_sent(bad: str) -> None:
    handler, requests = answers()
    with pytest.raises(UsageError, match="app_id"):
        send(handler, Call("DELETE", "/v2/apps/{app_id}", "apps", {"app_id": bad}))
    assert requests == []


def test_an_unknown_id_is_a_programming_error() -> None:
    ref = Ref(Address("App", "a"), "app_id")
    with pytest.raises(TypeError, match="app_id"):
        prepare(Call("GET", "/v2/apps/{app_id}", "apps", {"app_id": ref}))
    with pytest.raises(TypeError, match="App/a"):
        prepare(Call("POST", "/v2/x", "apps", body={"record_rule_id": ref}))


def test_a_token_is_sent_as_it_is() -> None:
    request = sent(GET)
    assert request.headers["X-Auth-Token"] == "fake-token-0123456789"
    assert "Authorization" not in request.headers


def test_keys_sign_the_request_as_the_published_vector_does() -> None:
    request = sent(Call("GET", "/v2/apps", "apps", query={"state": "ACTIVATION", "offset": 0, "limit": 100}), KEYS)
    assert request.headers["X-Project-Id"] == KEYS.project_id
    assert request.headers["X-Sdk-Date"] == "20240115T083000Z"
    assert request.headers["Authorization"].endswith(
        "Signature=78fd064490b2c364445d54317db9daeb7d2d53023727c4f49e27f70b69b2386d"
    )
    assert "X-Auth-Token" not in request.headers


def test_temporary_keys_sign_their_security_token() -> None:
    keys = AkSkCredentials(KEYS.access_key, KEYS.secret_key, KEYS.project_id, Secret("fake-security", "env:T"))
    request = sent(GET, keys)
    assert request.headers["X-Security-Token"] == "fake-security"
    assert (
        "SignedHeaders=content-type;host;x-project-id;x-sdk-date;x-security-token,"
        in (request.headers["Authorization"])
    )
    error = refused_with(keys, httpx.Response(400, json={"error_code": "X", "error_msg": "bad fake-security"}))
    assert "fake-security" not in error


def test_the_host_that_is_signed_is_the_host_that_is_sent() -> None:
    async def work() -> httpx.Request:
        handler, requests = answers(ok())
        transport = httpx.MockTransport(handler)
        async with Client("http://127.0.0.1:8787/", IAM, KEYS, transport=transport, now=lambda: NOW) as client:
            assert client.endpoint == "http://127.0.0.1:8787"
            await client.send(GET)
        return requests[0]

    assert run(work()).headers["Host"] == "127.0.0.1:8787"


def refused_with(credentials: Credentials, response: httpx.Response) -> str:
    handler, _ = answers(response)
    with pytest.raises(Exception) as caught:
        send(handler, GET, credentials)
    return f"{caught.value} {getattr(caught.value, 'mend', '')}"


def test_a_refused_token_is_named_by_its_variable() -> None:
    handler, requests = answers(refused())
    with pytest.raises(NotAuthenticatedError) as caught:
        send(handler, GET)
    assert "RTCCTL_TOKEN" in caught.value.mend
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Mon, 15 Jan 2024 08:10:00 GMT", "20 minutes ahead of"),
        ("Mon, 15 Jan 2024 10:31:00 -0000", "121 minutes behind"),
        ("not a date", "clock"),
        ("Mon, 15 Jan 2024 08:30:20 +99999999999999999999", "clock"),
        ("", "clock"),
    ],
)
def test_refused_keys_bring_up_the_sk_and_the_clock(date: str, words: str) -> None:
    handler, requests = answers(refused(Date=date))
    with pytest.raises(NotAuthenticatedError) as caught:
        send(handler, GET, KEYS)
    assert "SK" in caught.value.mend
    assert words in caught.value.mend
    assert len(requests) == 1


def test_a_right_clock_is_not_mentioned() -> None:
    handler, _ = answers(refused(Date="Mon, 15 Jan 2024 08:33:00 GMT"))
    with pytest.raises(NotAuthenticatedError) as caught:
        send(handler, GET, KEYS)
    assert "clock" not in caught.value.mend


@pytest.mark.parametrize(
    ("credentials", "secret"),
    [(TOKEN, "fake-token-0123456789"), (KEYS, "SKEXAMPLE"), (USER, "fake-password-1"), (USER, "fake-subject")],
)
def test_a_message_that_quotes_credentials_is_cleaned(credentials: Credentials, secret: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v3/auth/tokens":
            return httpx.Response(201, json={}, headers={"X-Subject-Token": "fake-subject"})
        return httpx.Response(400, json={"error_code": "RTC.00001003", "error_msg": f"bad {secret}, fake-body-key"})

    with pytest.raises(Exception, match="bad \\(secret\\), \\(secret\\)"):
        send(handle, Call("PUT", "/v2/x", "apps", body={"k": Secret("fake-body-key", "manifest")}), credentials)


def test_other_errors_are_not_repeated() -> None:
    handler, requests = answers(httpx.Response(404, json={"error_code": "RTC.00001003", "error_msg": "x"}))
    with pytest.raises(NotFoundError):
        send(handler, GET, TOKEN)
    assert len(requests) == 1


def test_endpoints_are_checked() -> None:
    for pair in (("http://rtc.example.com", IAM), (ENDPOINT, "http://iam.example.com")):
        with pytest.raises(UsageError):
            Client(*pair, TOKEN)


@pytest.mark.parametrize("parallel", [3, 8])
def test_no_more_calls_than_allowed_are_under_way(parallel: int) -> None:
    async def work() -> int:
        under_way, most, gate = 0, 0, asyncio.Event()

        async def handle(request: httpx.Request) -> httpx.Response:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            if under_way == parallel:
                gate.set()
            await gate.wait()
            under_way -= 1
            return ok()

        async with make(handle, throttle=Throttle(parallel=parallel)) as client:  # type: ignore[arg-type]
            await asyncio.gather(*(client.send(GET) for _ in range(20)))
        return most

    assert run(work()) == parallel


class Watched(Leaving):
    """Counts who is ready and who has left."""

    def __init__(self) -> None:
        self.is_ready = 0
        self.gone = 0

    async def ready(self) -> None:
        self.is_ready += 1

    def left(self) -> None:
        self.gone += 1


async def crowded(end: Callable[[Client, list[asyncio.Task[Answer]]], None]) -> tuple[Watched, list[str]]:
    """Let twelve calls come where four may be under way and none is answered until `end`; how they ended."""
    watched, answered = Watched(), asyncio.Event()

    async def handle(request: httpx.Request) -> httpx.Response:
        await answered.wait()
        return ok()

    async with make(handle, throttle=Throttle(parallel=4)) as client:  # type: ignore[arg-type]
        tasks = [asyncio.create_task(client.send(GET, watched)) for _ in range(12)]
        await asyncio.sleep(1)  # virtual: until nothing more happens by itself
        assert (watched.is_ready, watched.gone) == (5, 4)
        end(client, tasks)
        answered.set()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    return watched, [type(each).__name__ for each in ended]


def test_another_call_gets_ready_while_as_many_as_allowed_are_under_way() -> None:
    watched, ended = virtual.run(crowded(lambda _client, _tasks: None))
    assert (watched.is_ready, watched.gone) == (12, 12)
    assert ended == ["Answer"] * 12


def test_a_call_that_is_ready_does_not_leave_after_a_drain() -> None:
    watched, ended = virtual.run(crowded(lambda client, _: client.drain()))
    assert (watched.is_ready, watched.gone) == (5, 4)
    assert ended == ["Answer"] * 4 + ["StoppedError"] * 8


def cancel_those_that_wait(_client: Client, tasks: list[asyncio.Task[Answer]]) -> None:
    for each in tasks[4:]:
        each.cancel()


def test_a_call_that_is_ready_can_be_cancelled_and_has_not_left() -> None:
    watched, ended = virtual.run(crowded(cancel_those_that_wait))
    assert (watched.is_ready, watched.gone) == (5, 4)
    assert ended == ["Answer"] * 4 + ["CancelledError"] * 8


def test_the_time_has_a_zone() -> None:
    assert utc_now().utcoffset() == timedelta(0)
