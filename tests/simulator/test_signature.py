"""AK/SK signatures: the published vectors, and what is refused."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rtcctl.simulator import ACCOUNT, signature
from rtcctl.simulator.call import Incoming

from .driver import Driver, send

JSON_TYPE = "application/json"
NAMES = ("content-type", "host", "x-project-id", "x-sdk-date")
VECTORS = {
    "query": (
        ("GET", "/v2/apps", "state=ACTIVATION&offset=0&limit=100", b"", JSON_TYPE),
        "e2450b687f9f9fb4dac035e9fe14b5a5c77b28145242f467dc1542049d4c949e",
        "78fd064490b2c364445d54317db9daeb7d2d53023727c4f49e27f70b69b2386d",
    ),
    "body": (
        ("POST", "/v2/apps", "", b'{"app_name":"rtctest"}', "application/json;charset=utf-8"),
        "d049d9659781cc22773942758f8b082018b2c86a030d81408743b087542b3413",
        "824287fdbeb07fe6002ef01cbd5319ed28da6c454b1332a1e8d71f32a0bb2910",
    ),
    "encoding": (
        (
            "GET",
            "/v2/rtc-ops/buckets/objects",
            "bucket=my-bucket&type=folders&location=cn-north-4&prefix=Record%2Fa%20b~c*",
            b"",
            JSON_TYPE,
        ),
        "bc54fb00f882a7ac84d84d8d36276cb54749537f622251cbd517f46402d643a3",
        "39a76a023bb628ec069a5d56bb82b7fa2a7bf0235cebffd5a5ebc8177cb9167b",
    ),
}


def incoming(method: str, path: str, query: str, body: bytes, content_type: str = JSON_TYPE, **more: str) -> Incoming:
    headers = {
        "content-type": content_type,
        "host": "rtc-api.myhuaweicloud.com",
        "x-project-id": "01234567890123456789012345678901",
        "x-sdk-date": "20240115T083000Z",
        **more,
    }
    return Incoming(method, path, path.encode(), query, headers, body, {})


@pytest.mark.parametrize("name", VECTORS)
def test_published_vector(name: str) -> None:
    parts, canonical_hash, expected = VECTORS[name]
    request = incoming(*parts)
    canonical = signature.canonical_request(request, NAMES)
    assert hashlib.sha256(canonical.encode()).hexdigest() == canonical_hash
    assert signature.sign("SKEXAMPLE", request, NAMES) == expected


def test_canonical_request_of_the_first_vector() -> None:
    assert signature.canonical_request(incoming(*VECTORS["query"][0]), NAMES).splitlines()[:3] == [
        "GET",
        "/v2/apps/",
        "limit=100&offset=0&state=ACTIVATION",
    ]


def test_path_is_decoded_and_encoded_segment_by_segment() -> None:
    line = signature.canonical_request(incoming("GET", "/v2/a%7eb/%e8%aa%b2%2F*", "", b""), ("host",)).splitlines()[1]
    assert line == "/v2/a~b/%E8%AA%B2%2F%2A/"


def test_pairs_are_sorted_before_they_are_encoded() -> None:
    query = "b=%20&a=2&a=1&%C3%A9=&flag"
    assert signature.canonical_request(incoming("GET", "/", query, b""), ("host",)).splitlines()[2] == (
        "a=1&a=2&b=%20&flag=&%C3%A9="
    )


def test_authorization_header_is_parsed() -> None:
    expected = VECTORS["query"][2]
    header = f"SDK-HMAC-SHA256 Access={ACCOUNT.access_key}, SignedHeaders={';'.join(NAMES)}, Signature={expected}"
    assert signature.parse_authorization(header) == signature.Authorization(ACCOUNT.access_key, NAMES, expected)


def signed(
    sim: Driver,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    account: Any = ACCOUNT,
    names: tuple[str, ...] = NAMES,
    after: dict[str, str] | None = None,
    date: datetime | None = None,
    project_id: str = ACCOUNT.project_id,
) -> tuple[int, str]:
    """Send a signed request, with `after` changing headers once it is signed; status and error_msg."""
    bare, _, query = path.partition("?")
    moment = date or sim.clock.moment
    more = {"host": "127.0.0.1", "x-sdk-date": f"{moment:%Y%m%dT%H%M%SZ}", "x-project-id": project_id}
    request = incoming(method, bare, query, body, **more)
    value = signature.sign(account.secret_key, request, names)
    authorization = f"SDK-HMAC-SHA256 Access={account.access_key}, SignedHeaders={';'.join(names)}, Signature={value}"
    headers = {**request.headers, "authorization": authorization, **(after or {})}
    response = send(sim.app, method, path, content=body, headers=headers)
    return response.status_code, response.json().get("error_msg", "")


def test_signed_request_is_accepted(sim: Driver) -> None:
    assert signed(sim, "POST", "/v2/apps", b'{"app_name": "a"}') == (201, "")
    assert signed(sim, "GET", "/v2/apps?limit=1&offset=0") == (200, "")


def test_headers_that_are_not_signed_may_change(sim: Driver) -> None:
    names = ("host", "x-project-id", "x-sdk-date")
    assert signed(sim, "GET", "/v2/apps", names=names, after={"content-type": "text/plain"})[0] == 200


class OtherKey:
    access_key = ACCOUNT.access_key
    secret_key = "wrong"


class OtherAccount:
    access_key = "OTHER"
    secret_key = ACCOUNT.secret_key


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": OtherKey}, "verify aksk signature fail"),
        ({"account": OtherAccount}, "ak not exist"),
        ({"project_id": "0" * 32}, "project id"),
        ({"names": ("host", "x-sdk-date")}, "must be signed"),
        ({"after": {"content-type": "text/plain"}}, "verify aksk signature fail"),
        ({"after": {"host": "localhost"}}, "verify aksk signature fail"),
        ({"after": {"x-sdk-date": "2024-01-15"}}, "x-sdk-date format"),
        ({"after": {"x-sdk-date": "20241315T083000Z"}}, "x-sdk-date format"),
        ({"after": {"authorization": "Basic eDp5"}}, "authorization header format"),
        ({"after": {"authorization": "SDK-HMAC-SHA256 Access=x, Signature=y"}}, "authorization header format"),
    ],
)
def test_wrong_signature_is_refused_by_the_gateway(sim: Driver, changes: dict[str, Any], message: str) -> None:
    status, found = signed(sim, "GET", "/v2/apps", **changes)
    assert status == 401
    assert found.startswith("Incorrect IAM authentication information: ")
    assert message in found


def test_body_and_query_are_covered_by_the_signature(sim: Driver) -> None:
    parts = incoming("POST", "/v2/apps", "", b'{"app_name":"a"}', host="127.0.0.1")
    value = signature.sign(ACCOUNT.secret_key, parts, NAMES)
    authorization = f"SDK-HMAC-SHA256 Access={ACCOUNT.access_key}, SignedHeaders={';'.join(NAMES)}, Signature={value}"
    headers = {**parts.headers, "authorization": authorization}
    for path, content, status in (
        ("/v2/apps", b'{"app_name":"b"}', 401),
        ("/v2/apps?a=b", b'{"app_name":"a"}', 401),
        ("/v2/apps", b'{"app_name":"a"}', 201),
    ):
        assert send(sim.app, "POST", path, content=content, headers=headers).status_code == status


@pytest.mark.parametrize(("minutes", "status"), [(-15, 200), (15, 200), (-16, 401), (16, 401)])
def test_clocks_may_differ_by_15_minutes(sim: Driver, minutes: int, status: int) -> None:
    moment = datetime(2024, 1, 15, 8, 30, 0, tzinfo=UTC)
    sim.clock.moment = moment
    assert signed(sim, "GET", "/v2/apps", date=moment + timedelta(minutes=minutes))[0] == status
