"""The IAM token call, and what a token is good for."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.simulator import ACCOUNT
from rtcctl.simulator.accounts import opaque_id

from .driver import Clock, Driver, check_answer, make_app, send, token, token_request

TOKENS = "/v3/auth/tokens"


def ask(sim: Driver, body: object, query: str = "") -> tuple[int, dict[str, Any]]:
    response = send(sim.app, "POST", TOKENS + query, json=body)
    check_answer("POST", response)
    return response.status_code, response.json()


def test_token_is_in_the_header_and_not_in_the_body(sim: Driver) -> None:
    response = send(sim.app, "POST", TOKENS, json=token_request())
    check_answer("POST", response)
    assert response.status_code == 201
    assert response.headers["X-Subject-Token"] not in response.text
    body = response.json()["token"]
    assert (body["issued_at"], body["expires_at"]) == ("2024-01-15T08:30:00.071800Z", "2024-01-16T08:30:00.071800Z")
    assert (body["domain"]["name"], body["user"]["name"], body["catalog"]) == ("simulator", "simulator", [])


def test_nocatalog_leaves_the_catalog_out(sim: Driver) -> None:
    assert "catalog" not in ask(sim, token_request(), "?nocatalog=true")[1]["token"]


def test_project_scope_is_answered_with_the_project(sim: Driver) -> None:
    body = token_request()
    body["auth"]["scope"] = {"project": {"id": ACCOUNT.project_id}}
    status, answer = ask(sim, body)
    assert (status, answer["token"]["project"]["id"]) == (201, ACCOUNT.project_id)


@pytest.mark.parametrize(
    "changes", [{"name": "other"}, {"password": "Simulator"}, {"password": "é"}, {"domain": "other"}]
)
def test_wrong_name_password_or_domain_is_401_without_details(sim: Driver, changes: dict[str, str]) -> None:
    status, answer = ask(sim, token_request(**changes))
    message = "The username or password is wrong."
    assert (status, answer) == (401, {"error": {"code": 401, "message": message, "title": "Unauthorized"}})


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({}, 201),
        ({"domain": {"id": opaque_id("simulator")}}, 201),
        ({"project": {"name": "cn-north-4"}}, 201),
        ({"domain": {"name": "other"}}, 401),
        ({"domain": {"id": "other"}}, 401),
        ({"project": {"id": "other"}}, 401),
        ({"project": {"name": "other"}}, 401),
    ],
)
def test_scope_must_be_the_account_s_own(sim: Driver, scope: dict[str, Any], status: int) -> None:
    body = token_request()
    body["auth"]["scope"] = scope
    assert ask(sim, body)[0] == status


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"auth": {}}', b"[" * 50_000])
def test_bad_token_request_is_a_keystone_error(sim: Driver, content: bytes) -> None:
    response = send(sim.app, "POST", TOKENS, content=content)
    assert (response.status_code, response.json()["error"]["code"]) == (400, 400)


def test_token_is_valid_for_24_hours(sim: Driver) -> None:
    sim.clock.advance(24 * 3600 - 1)
    sim.done("GET", "/v2/apps")
    sim.clock.advance(1)
    assert "decrypt token fail" in sim.refused(401, "APIGW.0301", "GET", "/v2/apps")


def test_expired_tokens_are_forgotten_and_the_others_are_not(sim: Driver) -> None:
    sim.clock.advance(12 * 3600)
    newer = token(sim.app)
    sim.clock.advance(12 * 3600)
    token(sim.app)
    assert send(sim.app, "GET", "/v2/apps", headers=sim.headers).status_code == 401
    assert send(sim.app, "GET", "/v2/apps", headers={"X-Auth-Token": newer}).status_code == 200


@pytest.mark.parametrize("wrong", ["", "x", "ÿ", "x" * 10_000])
def test_wrong_token_is_refused_by_the_gateway(sim: Driver, wrong: str) -> None:
    headers = {"X-Auth-Token": wrong.encode("latin-1")}
    message = sim.refused(401, "APIGW.0301", "GET", "/v2/apps", headers=headers)
    assert message.startswith("Incorrect IAM authentication information")


def test_call_without_credentials_is_refused_by_the_gateway(sim: Driver) -> None:
    message = sim.refused(401, "APIGW.0301", "GET", "/v2/apps", headers={})
    assert message == "Incorrect IAM authentication information: x-auth-token not found"


def test_token_outlives_the_process_that_issued_it(clock: Clock, tmp_path: Any) -> None:
    first = token(make_app(clock, tmp_path / "sim.db"))
    again = make_app(clock, tmp_path / "sim.db")
    assert send(again, "GET", "/v2/apps", headers={"X-Auth-Token": first}).status_code == 200
    assert first.encode() not in (tmp_path / "sim.db").read_bytes()
