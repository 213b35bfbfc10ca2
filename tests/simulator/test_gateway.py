"""What happens before an operation: routes, body limits, JSON, request ids; and when something breaks."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from rtcctl.simulator import apps

from .driver import Clock, Driver, make_app, send


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("GET", "/v2/apps/"),
        ("GET", "//v2/apps"),
        ("GET", "/v2/x/%2E%2E/apps"),
        ("PATCH", "/v2/apps"),
        ("OPTIONS", "/v2/apps"),
        ("GET", "/v3/auth/tokens"),
        ("GET", "/v2/apps/x/authentication"),
        ("PUT", "/v2/apps/x/authentication"),
        ("POST", "/_simulator/requests"),
        ("GET", "/v2/apps/%2F"),
    ],
)
def test_unknown_path_or_method_is_the_gateway_s_404_even_without_credentials(
    sim: Driver, method: str, path: str
) -> None:
    response = send(sim.app, method, path)
    assert (response.status_code, response.json()["error_code"]) == (404, "APIGW.0101")
    assert response.json()["request_id"] == response.headers["X-request-Id"]


def test_head_is_no_method_of_the_api(sim: Driver) -> None:
    assert sim.send("HEAD", "/v2/rtc-ops").status_code == 404
    assert send(sim.app, "HEAD", "/v2/apps", headers=sim.headers).status_code == 404


def test_every_answer_has_a_request_id_of_its_own(sim: Driver) -> None:
    ids = {sim.send("GET", path).headers["X-request-Id"] for path in ("/v2/apps", "/v2/apps", "/v2/apps/x", "/x")}
    assert len(ids) == 4


MALFORMED = [
    b"",
    b"{",
    b'{"app_name": "a"',
    b"{'app_name': 'a'}",
    b'{"app_name": NaN}',
    b'{"app_name": 1e999}',
    b'{"app_name": "\\ud800"}',
    b'{"app_name": "\xff"}',
    b'\xef\xbb\xbf{"app_name": "a"}',
    '{"app_name": "a"}'.encode("utf-16"),
    b"9" * 5000,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[" * 500 + b"]" * 500,
]


@pytest.mark.parametrize("content", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_body_is_refused(sim: Driver, content: bytes) -> None:
    sim.refused(400, "RTC.00001002", "POST", "/v2/apps", content=content)


def test_nested_json_within_reason_and_other_floats_are_read(sim: Driver) -> None:
    content = b'{"app_name": "a", "x": ' + b"[" * 90 + b"1.5" + b"]" * 90 + b', "y": "\\u00e9"}'
    assert sim.send("POST", "/v2/apps", content=content).status_code == 201


@pytest.mark.parametrize("value", ["[]", '"x"', "1", "null", '{"app_name": null}', '{"app_name": ""}'])
def test_json_of_another_shape_is_an_invalid_value(sim: Driver, value: str) -> None:
    sim.refused(400, "RTC.00001003", "POST", "/v2/apps", content=value.encode())


def test_body_of_an_operation_that_takes_none_is_ignored(sim: Driver) -> None:
    assert sim.send("GET", "/v2/apps", content=b"{").status_code == 200


@pytest.mark.parametrize("path", ["/v2/apps", "/v3/auth/tokens"])
def test_body_above_12_megabytes_is_refused(sim: Driver, path: str) -> None:
    content = b'{"app_name": "' + b"a" * (12 * 1024 * 1024) + b'"}'
    sim.refused(413, "APIGW.0201", "POST", path, content=content)
    assert sim.log()[-1]["body"] is None


def test_body_just_below_the_limit_is_read_and_not_logged(sim: Driver) -> None:
    content = b'{"app_name": "' + b"a" * (12 * 1024 * 1024 - 20) + b'"}'
    assert sim.send("POST", "/v2/apps", content=content).status_code == 201
    assert sim.log()[-1]["body"] is None


def test_broken_handler_is_an_internal_error_and_leaves_nothing(sim: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise sqlite3.OperationalError("disk full")

    path = sim.new_app()
    monkeypatch.setattr(apps, "save", broken)
    response = send(sim.app, "POST", path + "/disable", headers=sim.headers, raise_errors=False)
    assert (response.status_code, response.json()["error_code"]) == (500, "RTC.00002001")
    assert "disk full" not in response.text
    monkeypatch.undo()
    assert sim.done("GET", path)["state"]["state"] == "ACTIVATION"


def test_client_that_goes_away_leaves_nothing(clock: Clock) -> None:
    app = make_app(clock)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v2/apps",
        "raw_path": b"/v2/apps",
        "query_string": b"",
        "headers": [],
    }

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def ignore(_: Any) -> None:
        return

    asyncio.run(app(scope, receive, ignore))
    assert Driver(app, clock).log()[1:] == []
