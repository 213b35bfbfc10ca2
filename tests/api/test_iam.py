"""Tokens for a user: one fetch for many calls, kept, renewed once, and refusals that are final."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from rtcctl.api.credentials import PasswordCredentials
from rtcctl.errors import (
    ApiError,
    BadAnswerError,
    NotAuthenticatedError,
    RejectedError,
    ServerError,
    ThrottledError,
    UnreachableError,
)
from rtcctl.model.call import Call
from rtcctl.model.values import Secret

from .support import NOW, USER, make, run

GET = Call("GET", "/v2/apps", "apps")


@dataclass
class Service:
    """IAM and the service in one: gives tokens t1, t2, … and takes those it has not been told to refuse."""

    token_answer: Callable[[int], httpx.Response] = lambda number: token(number)
    refuses: set[str] = field(default_factory=set)
    fetched: int = 0
    calls: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    clock: datetime = NOW

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if request.url.path == "/v3/auth/tokens":
            self.fetched += 1
            self.bodies.append((str(request.url), json.loads(request.content)))
            return self.token_answer(self.fetched)
        self.calls.append(request.headers["X-Auth-Token"])
        if self.calls[-1] in self.refuses:
            return httpx.Response(401, json={"error_code": "APIGW.0301", "error_msg": "Incorrect token"})
        return httpx.Response(200, json={})

    def send(self, *counts: int, after: timedelta = timedelta(0)) -> list[BaseException]:
        """Send calls in groups, each group at once and `after` the one before; return what failed."""

        async def work() -> list[BaseException]:
            failed: list[BaseException] = []
            async with make(self, USER, now=lambda: self.clock) as client:  # type: ignore[arg-type]
                for count in counts:
                    done = await asyncio.gather(*(client.send(GET) for _ in range(count)), return_exceptions=True)
                    failed += [each for each in done if isinstance(each, BaseException)]
                    self.clock += after
            return failed

        return run(work())


def token(number: int, **told: str) -> httpx.Response:
    return httpx.Response(201, json={"token": told}, headers={"X-Subject-Token": f"t{number}"})


def test_the_request_is_that_of_example_2() -> None:
    service = Service()
    assert service.send(1) == []
    user = {"name": "alice", "password": "fake-password-1", "domain": {"name": "acme"}}
    assert service.bodies == [
        (
            "https://iam.myhuaweicloud.com/v3/auth/tokens?nocatalog=true",
            {
                "auth": {
                    "identity": {"methods": ["password"], "password": {"user": user}},
                    "scope": {"domain": {"name": "acme"}},
                }
            },
        )
    ]


def test_many_calls_share_one_token() -> None:
    service = Service()
    assert service.send(10, 10) == []
    assert service.fetched == 1
    assert service.calls == ["t1"] * 20


@pytest.mark.parametrize(
    ("told", "minutes", "fetched"),
    [
        ({}, 23 * 60 + 54, 1),
        ({}, 23 * 60 + 55, 2),
        ({"expires_at": "2024-01-15T09:30:00.000000Z"}, 54, 1),
        ({"expires_at": "2024-01-15T09:30:00.000000Z"}, 55, 2),
        ({"issued_at": "2020-01-01T00:00:00Z", "expires_at": "2020-01-01T01:00:00"}, 54, 1),
        ({"issued_at": "2020-01-01T00:00:00Z", "expires_at": "2020-01-01T01:00:00"}, 55, 2),
        ({"expires_at": "2024-01-15T08:34:00Z"}, 1, 1),
        ({"expires_at": "2024-01-15T08:34:00Z"}, 2, 2),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 60, 1),
        ({"expires_at": "soon"}, 60, 1),
    ],
)
def test_a_token_is_kept_until_shortly_before_its_end(told: dict[str, str], minutes: int, fetched: int) -> None:
    service = Service(lambda number: token(number, **told))
    assert service.send(1, 1, after=timedelta(minutes=minutes)) == []
    assert service.fetched == fetched


def test_a_token_answer_without_times_is_kept_for_a_day() -> None:
    service = Service(lambda number: httpx.Response(201, json={"token": []}, headers={"X-Subject-Token": "t"}))
    assert service.send(1, 1, after=timedelta(hours=23)) == []
    assert service.fetched == 1


def test_a_token_that_ended_early_is_renewed_once_for_all() -> None:
    service = Service(refuses={"t1"})
    assert service.send(5) == []
    assert service.fetched == 2
    assert set(service.calls) == {"t1", "t2"}
    assert service.calls.count("t2") == 5


def test_a_second_401_is_the_error() -> None:
    service = Service(refuses={"t1", "t2", "t3"})
    (error,) = service.send(1)
    assert isinstance(error, NotAuthenticatedError)
    assert "IAM gave a token" in error.mend
    assert service.calls == ["t1", "t2"]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_names_the_variables_and_is_not_tried_again(status: int) -> None:
    body = {"error": {"code": status, "message": "The password of alice fake-password-1 is wrong"}}
    service = Service(lambda _: httpx.Response(status, json=body, headers={"X-request-Id": "5f0c"}))
    errors = service.send(10, 1)
    assert len(errors) == 11
    assert service.fetched == 1
    assert service.calls == []
    for error in errors:
        assert isinstance(error, NotAuthenticatedError)
        assert (error.call.method, error.call.path, error.status) == ("POST", "/v3/auth/tokens", status)
        assert error.call.request_id == "5f0c"
        assert "is wrong" in error.message
        assert "fake-password-1" not in error.message
        assert "RTCCTL_USERNAME, RTCCTL_PASSWORD, RTCCTL_DOMAIN" in error.mend


def test_variables_are_named_with_their_prefix() -> None:
    async def work() -> None:
        service = Service(lambda _: httpx.Response(401))
        user = PasswordCredentials("a", Secret("fake", "env"), "d", "EDU_RTCCTL_USERNAME, EDU_RTCCTL_PASSWORD")
        async with make(service, user) as client:  # type: ignore[arg-type]
            await client.send(GET)

    with pytest.raises(NotAuthenticatedError) as caught:
        run(work())
    assert "EDU_RTCCTL_PASSWORD" in caught.value.mend


@pytest.mark.parametrize(
    ("status", "kind"),
    [(409, RejectedError), (429, ThrottledError), (503, ServerError), (302, BadAnswerError), (200, BadAnswerError)],
)
def test_other_failures_are_shared_by_those_who_waited_and_tried_again_later(status: int, kind: type[ApiError]) -> None:
    service = Service(lambda number: token(number) if number > 1 else httpx.Response(status))
    errors = service.send(10, 1)
    assert [type(error) for error in errors] == [kind] * 10
    assert service.fetched == 2
    assert service.calls == ["t2"]


def test_a_call_that_is_given_up_leaves_the_fetch_to_the_next() -> None:
    async def work() -> int:
        service, fetching = Service(), asyncio.Event()

        async def handle(request: httpx.Request) -> httpx.Response:
            if not fetching.is_set():
                fetching.set()
                await asyncio.Event().wait()
            return await service(request)

        async with make(handle, USER) as client:  # type: ignore[arg-type]
            first = asyncio.create_task(client.send(GET))
            await fetching.wait()
            second = asyncio.create_task(client.send(GET))
            await asyncio.sleep(0)
            first.cancel()
            await second
            assert first.cancelled()
        return service.fetched

    assert run(work()) == 1


@pytest.mark.parametrize("headers", [{}, {"X-Subject-Token": " "}, {"X-Subject-Token": b"t\xe9"}])
def test_an_answer_without_a_usable_token_is_an_error(headers: dict[str, Any]) -> None:
    service = Service(lambda _: httpx.Response(201, json={"token": {}}, headers=headers))
    (error,) = service.send(1)
    assert isinstance(error, BadAnswerError)
    assert "X-Subject-Token" in error.message
    assert service.calls == []


def test_iam_out_of_reach_is_told_as_such() -> None:
    def down(_: int) -> httpx.Response:
        raise httpx.ConnectTimeout("fake")

    (error,) = Service(down).send(1)
    assert isinstance(error, UnreachableError)
    assert "iam.myhuaweicloud.com" in error.message
