"""Answers become data or the right exception; a message never shows a body or a secret."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rtcctl.api.answers import Answer, read
from rtcctl.api.carrier import Reply
from rtcctl.api.mends import mend_for
from rtcctl.errors import (
    ApiError,
    BadAnswerError,
    ExitCode,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    RejectedError,
    ServerError,
    ThrottledError,
)
from rtcctl.model.call import Call

GET = Call("GET", "/v2/apps/{app_id}", "apps", {"app_id": "a"})
POST = Call("POST", "/v2/apps", "apps", body={"app_name": "n"}, expect=(201,), returns=("app_id",))
PUT = Call("PUT", "/v2/rtc-ops/buckets/authentication", "rtc-ops", body={"bucket": "b"})
DELETE = Call("DELETE", "/v2/apps/a", "apps", expect=(204,), done_statuses=(404,), done_codes=("RTC.00001009",))


def service_error(status: int, code: str, message: str = "Name: text") -> httpx.Response:
    body = {"error_code": code, "error_msg": message}
    return httpx.Response(status, json=body, headers={"X-request-Id": "5f0c"})


def judged(call: Call, response: httpx.Response, **options: Any) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    reply = Reply(response.status_code, headers, response.content)
    return read(call, call.path.format(**call.ids), reply, **options)


def failure(call: Call, response: httpx.Response, **options: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        judged(call, response, **options)
    assert caught.value.__cause__ is None
    return caught.value


def test_an_answer_carries_data_and_request_id() -> None:
    response = httpx.Response(201, json={"app_id": "x", "more": None}, headers={"X-request-Id": "5f0c"})
    answer = judged(POST, response)
    assert answer == Answer(201, {"app_id": "x", "more": None}, "5f0c")
    assert "app_id" not in repr(answer)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (rb'{"app_id": "a\ud83d\ude00"}', "a\U0001f600"),
        (rb'{"app_id": "a\ud83d"}', "a\ufffd"),
        (rb'{"app_id": "\uDE00b"}', "\ufffdb"),
        (b'{"app_id": "a\xed\xa0\xbd"}', "a\ufffd"),
        ('{"app_id": "a\ud83d"}'.encode("utf-16", "surrogatepass"), "a\ufffd"),
    ],
)
def test_halves_of_surrogate_pairs_become_what_files_can_hold(content: bytes, name: str) -> None:
    answer = judged(POST, httpx.Response(201, content=content))
    assert answer.data == {"app_id": name}
    assert name.encode()


def test_writes_may_answer_with_nothing() -> None:
    assert judged(DELETE, httpx.Response(204)) == Answer(204, {})
    assert judged(PUT, httpx.Response(200)) == Answer(200, {})


@pytest.mark.parametrize(
    ("status", "code", "kind", "exit_code"),
    [
        (401, "APIGW.0301", NotAuthenticatedError, ExitCode.NOT_ALLOWED),
        (401, "RTC.00001003", NotAuthenticatedError, ExitCode.NOT_ALLOWED),
        (403, "RTC.00009999", NotPermittedError, ExitCode.NOT_ALLOWED),
        (400, "RTC.00001001", NotPermittedError, ExitCode.NOT_ALLOWED),
        (400, "RTC.00001021", NotPermittedError, ExitCode.NOT_ALLOWED),
        (404, "RTC.00001003", NotFoundError, ExitCode.FAILED),
        (404, "APIG.0101", NotFoundError, ExitCode.FAILED),
        (429, "APIGW.0308", ThrottledError, ExitCode.FAILED),
        (400, "RTC.00001020", RejectedError, ExitCode.FAILED),
        (413, "APIGW.0201", RejectedError, ExitCode.FAILED),
        (500, "RTC.00002002", ServerError, ExitCode.FAILED),
        (503, "", ServerError, ExitCode.FAILED),
        (599, "", ServerError, ExitCode.FAILED),
    ],
)
def test_status_and_code_decide_the_class(status: int, code: str, kind: type[ApiError], exit_code: ExitCode) -> None:
    error = failure(GET, service_error(status, code))
    assert type(error) is kind
    assert error.exit_code is exit_code
    assert (error.status, error.error_code, error.call.request_id) == (status, code, "5f0c")
    assert (error.call.method, error.call.path, error.reason) == ("GET", "/v2/apps/a", "Name: text")


@pytest.mark.parametrize(
    "code",
    [f"RTC.0000{number}" for number in (*range(1001, 1008), 1009, 1010, 1012, 1013, *range(1016, 1023))],
)
def test_each_published_code_says_what_to_do(code: str) -> None:
    assert failure(GET, service_error(400, code)).mend


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "RTC.00001020", "of this name"),
        (400, "RTC.00001017", "quota"),
        (400, "RTC.00001018", "start the receiver first"),
        (400, "RTC.00001013", "ticket"),
        (400, "RTC.00001016", "arrears"),
        (404, "APIGW.0101", "check the endpoint"),
        (404, "APIG.0101", "check the endpoint"),
        (404, "OTHER.0101", "plan again"),
        (403, "", "policy"),
        (429, "", "60 a minute"),
        (500, "RTC.00002002", "try again later"),
        (500, "APIGW.0999", "try again later"),
        (418, "", ""),
    ],
)
def test_mends_fit_code_and_status(status: int, code: str, words: str) -> None:
    mend = mend_for(status, code)
    assert words in mend
    assert bool(words) == bool(mend)


def test_a_401_says_what_the_credentials_need() -> None:
    assert failure(GET, service_error(401, "APIGW.0301"), unauthenticated="check the SK").mend == "check the SK"
    assert failure(GET, service_error(401, "APIGW.0301")).mend


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            {"code": "C", "message": "c", "errorCode": "B", "errorMsg": "b", "error_code": "A", "error_msg": "a"},
            "A",
            "a",
        ),
        ({"code": "C", "message": "c", "errorCode": "B", "errorMsg": "b"}, "B", "b"),
        ({"code": "C", "message": "c", "error_code": "A"}, "C", "c"),
        ({"error": {"code": 401, "message": "m", "title": "Unauthorized"}}, "401", "m"),
        ({"a": {"b": {"error_code": "A", "error_msg": "a"}}}, "A", "a"),
        ({"error_code": "RTC.00001020"}, "RTC.00001020", "Bad Request"),
        ({"errorCode": "RTC.00001020"}, "RTC.00001020", "Bad Request"),
        ({"error_code": ["no"], "error_msg": {"a": 1}}, "", "Bad Request"),
        ({"error_code": "two words", "error_msg": "m"}, "", "m"),
    ],
)
def test_error_bodies_are_read_in_the_sdks_order(body: dict[str, Any], code: str, message: str) -> None:
    error = failure(GET, httpx.Response(400, json=body))
    assert (error.error_code, error.reason) == (code, message)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<html>fake-body</html>", "text/html; charset=utf-8"),
        (b'["fake-body"]', "application/json"),
        (b'{"detail": "fake-body"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff\xfe\xfa", "application/octet-stream"),
    ],
)
def test_an_error_of_a_stranger_is_described_and_not_shown(content: bytes, content_type: str) -> None:
    response = httpx.Response(404, content=content, headers={"Content-Type": content_type})
    error = failure(DELETE, response)
    assert isinstance(error, NotFoundError)
    assert "endpoint" in error.mend
    assert f"{content_type.partition(';')[0]}, {len(content)} bytes" in error.reason
    assert "fake-body" not in str(error)


def test_an_empty_error_has_the_phrase_of_its_status() -> None:
    assert failure(GET, httpx.Response(502)).reason == "Bad Gateway"


@pytest.mark.parametrize(
    "response",
    [service_error(404, "RTC.00001003"), service_error(400, "RTC.00001009"), httpx.Response(404)],
)
def test_an_aim_reached_before_is_no_error(response: httpx.Response) -> None:
    answer = judged(DELETE, response)
    assert answer.already
    assert answer.data == {}
    assert answer.status == response.status_code


@pytest.mark.parametrize(
    "response",
    [
        service_error(404, "APIGW.0101"),
        service_error(404, "APIG.0103"),
        httpx.Response(404, json={"code": "404", "message": "no route"}),
        httpx.Response(404, html="<html>no such page</html>"),
    ],
)
def test_a_404_that_is_not_the_services_proves_nothing(response: httpx.Response) -> None:
    assert isinstance(failure(DELETE, response), NotFoundError)


def test_a_short_secret_does_not_hide_a_documented_code() -> None:
    assert failure(GET, service_error(400, "RTC.00001021"), secrets=("1",)).error_code == "RTC.00001021"


def test_messages_of_the_service_are_shown_without_secrets() -> None:
    message = "value fake-secret-key is bad\x1b[0m " + "x" * 400
    response = service_error(400, "RTC.00001003", message)
    response.headers["X-request-Id"] = "fake-secret-key"
    error = failure(GET, response, secrets=("fake-secret-key",))
    assert error.reason.startswith("value (secret) is bad [0m x")
    assert len(error.reason) == 300
    assert "fake-secret-key" not in str(error)
    assert error.call.request_id == ""


@pytest.mark.parametrize(
    ("call", "content", "words"),
    [
        (POST, b'{"app_id": "fake', "breaks off"),
        (POST, b'{"app_id": "fake"', "breaks off"),
        (POST, b'{"app_id":', "breaks off"),
        (POST, b"<html><body>fake</body></html>", "no JSON"),
        (POST, b"fake", "no JSON"),
        (POST, b'{"app_id": NaN}', "no JSON"),
        (POST, b"\xff\xfe\xfd fake", "no JSON"),
        (POST, b'{"a":' * 100_000, "no JSON"),
        (POST, b'["fake"]', "no object"),
        (POST, b"null", "no object"),
        (POST, b'"fake"', "no object"),
        (PUT, b"<html>fake</html>", "no JSON"),
        (POST, b"", "empty answer where app_id is due"),
        (POST, b" \n", "empty answer where app_id is due"),
        (GET, b"", "empty answer where JSON is due"),
        (POST, b"{}", "without app_id"),
        (POST, b'{"app_id": null}', "without app_id"),
        (POST, b'{"app_id": ""}', "without app_id"),
        (POST, b'{"app_id": " "}', "without app_id"),
        (POST, b'{"app_id": {"fake": 1}}', "without app_id"),
        (POST, b'{"app_id": true}', "without app_id"),
    ],
)
def test_a_success_that_is_none_is_an_error(call: Call, content: bytes, words: str) -> None:
    response = httpx.Response(call.expect[0], content=content, headers={"Content-Type": "text/x-fake-type; a=b"})
    error = failure(call, response)
    assert isinstance(error, BadAnswerError)
    assert words in error.reason
    assert "fake" not in error.reason.replace("text/x-fake-type", "")
    if "JSON:" in error.reason:
        assert f"text/x-fake-type, {len(content)} bytes" in error.reason


def test_members_that_are_due_may_be_of_any_type() -> None:
    call = Call("POST", "/v2/x", "apps", returns=("rules", "rule_id"))
    assert judged(call, httpx.Response(200, json={"rules": [1], "rule_id": 7})).data["rule_id"] == 7
    assert "without rules" in failure(call, httpx.Response(200, json={"rules": [], "rule_id": 7})).reason


def test_a_missing_content_type_is_named() -> None:
    assert "no content type, 4 bytes" in failure(GET, httpx.Response(200, content=b"fake")).reason


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_a_success_of_another_kind_is_an_error(status: int) -> None:
    error = failure(POST, httpx.Response(status, json={"app_id": "x"}))
    assert isinstance(error, BadAnswerError)
    assert "201 is due" in error.reason
    assert error.status == status


@pytest.mark.parametrize("status", [301, 302, 304, 307, 308])
def test_a_redirect_is_an_error_that_names_the_status(status: int) -> None:
    response = httpx.Response(status, headers={"Location": "https://elsewhere.example.com/?fake-token"})
    error = failure(GET, response)
    assert isinstance(error, BadAnswerError)
    assert str(status) in str(error)
    assert "redirect" in error.reason
    assert "elsewhere" not in str(error)
