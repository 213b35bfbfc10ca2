"""What is attempted again, how often and after how long; and what is said when it was all in vain."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from rtcctl.api.client import Leaving
from rtcctl.api.retrying import Retrying, seconds_of
from rtcctl.errors import ApiError, BadAnswerError, FailedCall, RejectedError, ServerError, StoppedError, ThrottledError
from rtcctl.errors import UnreachableError as Unreachable
from rtcctl.model.call import Call
from tests import virtual

from .support import NOW, TOKEN, USER, make

READ = Call("GET", "/v2/apps", "apps")
PUT = Call("PUT", "/v2/apps/{app_id}/record-callback", "callbacks", {"app_id": "a"}, {"url": "http://h"})
DELETE = Call("DELETE", "/v2/apps/{app_id}", "apps", {"app_id": "a"}, expect=(204,), done_statuses=(404,))
CREATE = Call("POST", "/v2/apps", "apps", body={"app_name": "a"}, expect=(201,), returns=("app_id",))
DISABLE = Call("POST", "/v2/apps/{app_id}/disable", "apps", {"app_id": "a"})

Reply = httpx.Response | Exception
OK = httpx.Response(200, json={})
BROKEN = httpx.Response(503)
BUSY = httpx.Response(429)
PAGE = httpx.Response(200, content=b"<html>")
RESET = httpx.ReadError("reset")
NO_ONE = httpx.ConnectError("refused")
REFUSED = httpx.Response(400, json={"error_code": "RTC.00001003", "error_msg": "no"})


def attempts(call: Call, *replies: Reply) -> tuple[Any, int, Any]:
    """How a call ended that is answered so, how often it left, and how many seconds that took."""
    left = list(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        reply = left.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def work() -> tuple[Any, int, Any]:
        async with make(answer, TOKEN, retrying=Retrying(random=lambda: 1.0)) as found:
            loop = asyncio.get_running_loop()
            begun = loop.time()
            try:
                ended: Any = (await found.send(call)).status
            except ApiError as error:
                ended = type(error)
            return ended, len(replies) - len(left), loop.time() - begun

    return virtual.run(work())


@pytest.mark.parametrize("call", [READ, PUT, DISABLE], ids=["read", "put", "disable"])
@pytest.mark.parametrize("fault", [BROKEN, RESET, NO_ONE, httpx.ReadTimeout("slow"), PAGE])
def test_what_is_safe_to_repeat_is_repeated(call: Call, fault: Reply) -> None:
    assert attempts(call, fault, OK)[:2] == (200, 2)


def test_a_delete_that_had_arrived_is_done_when_it_is_repeated() -> None:
    gone = httpx.Response(404, json={"error_code": "RTC.00001003", "error_msg": "gone"})
    assert attempts(DELETE, RESET, gone)[:2] == (404, 2)


@pytest.mark.parametrize("fault", [BROKEN, RESET, httpx.ReadTimeout("slow"), httpx.Response(201, content=b"<html>")])
def test_a_create_that_may_have_arrived_is_never_repeated(fault: Reply) -> None:
    assert attempts(CREATE, fault, httpx.Response(201, json={"app_id": "a"}))[1] == 1


@pytest.mark.parametrize("fault", [NO_ONE, BUSY, httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")])
def test_a_create_that_can_not_have_arrived_is_repeated(fault: Reply) -> None:
    assert attempts(CREATE, fault, httpx.Response(201, json={"app_id": "a"}))[:2] == (201, 2)


@pytest.mark.parametrize("refusal", [REFUSED, httpx.Response(403), httpx.Response(401)])
def test_a_refusal_is_final(refusal: Reply) -> None:
    assert attempts(READ, refusal, OK)[1] == 1


def test_the_attempts_are_counted_and_each_pause_is_longer_up_to_the_most() -> None:
    assert attempts(READ, *[BROKEN] * 9) == (ServerError, 5, pytest.approx(0.5 + 1 + 2 + 4))
    assert attempts(READ, *[NO_ONE] * 9) == (Unreachable, 3, pytest.approx(0.5 + 1))
    assert attempts(READ, *[PAGE] * 9) == (BadAnswerError, 3, pytest.approx(0.5 + 1))
    assert attempts(READ, *[BUSY] * 9)[:2] == (ThrottledError, 8)


def test_the_time_for_attempts_is_limited() -> None:
    found = Retrying(random=lambda: 1.0)
    error = Unreachable(failed(), "slow", sent=True)
    assert found.pause(READ, error, 2, 119.0, left=True, retry_after=None) == 1.0
    assert found.pause(READ, error, 2, 120.0, left=True, retry_after=None) is None
    assert Retrying(attempts=20, random=lambda: 1.0).pause(READ, error, 9, 0.0, left=True, retry_after=None) == 8.0


def failed() -> FailedCall:
    return FailedCall("GET", "/v2/apps")


def test_the_service_may_say_when_to_come_again() -> None:
    later = httpx.Response(503, headers={"Retry-After": "5"})
    assert attempts(READ, later, OK) == (200, 2, pytest.approx(5.0))
    assert attempts(READ, httpx.Response(429, headers={"Retry-After": "9"}), OK)[2] == pytest.approx(9.0, abs=3.1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("12", 12.0),
        (" 0 ", 0.0),
        ("Mon, 15 Jan 2024 08:30:20 GMT", 20.0),
        ("Mon, 15 Jan 2024 08:30:20 -0000", 20.0),
        ("Mon, 15 Jan 2024 08:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-1", None),
        ("²", None),
        ("Mon, 15 Jan 2024 08:30:20 +99999999999999999999", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert seconds_of(header, NOW) == seconds
    assert datetime(2024, 1, 15, 8, 30, tzinfo=UTC) == NOW


def test_an_attempt_that_never_got_through_does_not_hide_one_that_may_have() -> None:
    async def work() -> BaseException:
        replies = iter([RESET, NO_ONE, NO_ONE, NO_ONE])

        def answer(request: httpx.Request) -> httpx.Response:
            raise next(replies)

        async with make(answer, retrying=Retrying(random=lambda: 0.0)) as client:
            with pytest.raises(Unreachable) as caught:
                await client.send(PUT)
            return caught.value

    error = virtual.run(work())
    assert isinstance(error, Unreachable)
    assert error.sent


def test_a_switch_that_is_refused_when_it_is_repeated_may_have_taken_effect_the_first_time() -> None:
    assert attempts(DISABLE, RESET, REFUSED)[:2] == (Unreachable, 2)
    assert attempts(DISABLE, BUSY, REFUSED)[:2] == (RejectedError, 2)


def test_a_token_that_could_not_be_fetched_is_fetched_again_even_for_a_create() -> None:
    tokens = iter([httpx.Response(503), httpx.Response(429), httpx.Response(201, headers={"X-Subject-Token": "fake"})])
    left = []

    class Watched(Leaving):
        def left(self) -> None:
            left.append(True)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v3/auth/tokens":
            return next(tokens)
        return httpx.Response(201, json={"app_id": "a"})

    async def work() -> int:
        async with make(answer, USER, retrying=Retrying()) as client:
            return (await client.send(CREATE, Watched())).status

    assert virtual.run(work()) == 201
    assert left == [True]


def test_after_a_drain_nothing_leaves_and_a_pause_ends_with_the_last_failure() -> None:
    async def work() -> list[BaseException]:
        heard = []

        def answer(request: httpx.Request) -> httpx.Response:
            heard.append(request)
            return BROKEN

        async with make(answer, retrying=Retrying(random=lambda: 1.0)) as client:
            task = asyncio.ensure_future(client.send(READ))
            await asyncio.sleep(0.25)
            client.drain()
            found = await asyncio.gather(task, client.send(READ), return_exceptions=True)
        assert len(heard) == 1
        return [each for each in found if isinstance(each, BaseException)]

    first, second = virtual.run(work())
    assert isinstance(first, ServerError)
    assert isinstance(second, StoppedError)


def test_calls_leave_again_after_a_drain_that_is_over() -> None:
    async def work() -> int:
        async with make(lambda _: httpx.Response(200, json={})) as client:
            client.drain()
            client.resume()
            return (await client.send(READ)).status

    assert virtual.run(work()) == 200


def test_a_drain_while_the_token_is_fetched_keeps_the_call_from_leaving() -> None:
    async def work() -> None:
        async def answer(request: httpx.Request) -> httpx.Response:
            assert request.url.path == "/v3/auth/tokens"
            client.drain()
            return httpx.Response(201, headers={"X-Subject-Token": "fake"})

        async with make(answer, USER) as client:  # type: ignore[arg-type]
            with pytest.raises(StoppedError):
                await client.send(READ)

    virtual.run(work())
