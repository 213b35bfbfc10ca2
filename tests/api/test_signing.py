"""AK/SK signing: the published vectors, the official SDK's signer as a second opinion, and laws of the text forms."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import unquote

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import given
from hypothesis import strategies as st

from rtcctl.api import signing

HEADERS = {
    "Content-Type": "application/json",
    "Host": "rtc-api.myhuaweicloud.com",
    "X-Project-Id": "01234567890123456789012345678901",
    "X-Sdk-Date": "20240115T083000Z",
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def signed(
    method: str, path: str, query: Mapping[str, str | int], headers: Mapping[str, str], body: bytes = b""
) -> str:
    return signing.authorization(method, path, query, headers, body, access_key="AKEXAMPLE", secret_key="SKEXAMPLE")


def test_vector_1_a_listing() -> None:
    query: Mapping[str, str | int] = {"state": "ACTIVATION", "offset": 0, "limit": 100}
    request = signing.canonical_request("GET", "/v2/apps", query, HEADERS, b"")
    assert request == "\n".join(
        (
            "GET",
            "/v2/apps/",
            "limit=100&offset=0&state=ACTIVATION",
            "content-type:application/json",
            "host:rtc-api.myhuaweicloud.com",
            "x-project-id:01234567890123456789012345678901",
            "x-sdk-date:20240115T083000Z",
            "",
            "content-type;host;x-project-id;x-sdk-date",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )
    )
    assert signing.string_to_sign("20240115T083000Z", request) == "\n".join(
        (
            "SDK-HMAC-SHA256",
            "20240115T083000Z",
            "e2450b687f9f9fb4dac035e9fe14b5a5c77b28145242f467dc1542049d4c949e",
        )
    )
    assert signed("GET", "/v2/apps", query, HEADERS) == (
        "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=content-type;host;x-project-id;x-sdk-date, "
        "Signature=78fd064490b2c364445d54317db9daeb7d2d53023727c4f49e27f70b69b2386d"
    )


def test_vector_2_a_body() -> None:
    headers = {**HEADERS, "Content-Type": "application/json;charset=utf-8"}
    request = signing.canonical_request("POST", "/v2/apps", {}, headers, b'{"app_name":"rtctest"}')
    assert request.split("\n")[2] == ""
    assert request.endswith("\nee362b9280469011a2ee1bd3f122958177c19e914b76f8f4cbd21a660acba2bc")
    assert signing.string_to_sign("20240115T083000Z", request).endswith(
        "\nd049d9659781cc22773942758f8b082018b2c86a030d81408743b087542b3413"
    )
    assert signed("POST", "/v2/apps", {}, headers, b'{"app_name":"rtctest"}').endswith(
        "Signature=824287fdbeb07fe6002ef01cbd5319ed28da6c454b1332a1e8d71f32a0bb2910"
    )


def test_vector_3_encoding() -> None:
    path = "/v2/rtc-ops/buckets/objects"
    query: Mapping[str, str | int] = {
        "bucket": "my-bucket",
        "type": "folders",
        "location": "cn-north-4",
        "prefix": "Record/a b~c*",
    }
    assert signing.canonical_query(query) == (
        "bucket=my-bucket&location=cn-north-4&prefix=Record%2Fa%20b~c%2A&type=folders"
    )
    request = signing.canonical_request("GET", path, query, HEADERS, b"")
    assert hashlib.sha256(request.encode()).hexdigest() == (
        "bc54fb00f882a7ac84d84d8d36276cb54749537f622251cbd517f46402d643a3"
    )
    assert signed("GET", path, query, HEADERS).endswith(
        "Signature=39a76a023bb628ec069a5d56bb82b7fa2a7bf0235cebffd5a5ebc8177cb9167b"
    )


def test_headers_with_an_underscore_are_not_signed() -> None:
    assert signing.signed_headers(["X_Odd", "Host", "accept"]) == "accept;host"


def test_values_are_trimmed_and_booleans_lower_case() -> None:
    request = signing.canonical_request("get", "/", {"b": True}, {"A": "  x "}, b"")
    assert request.startswith("GET\n/\nb=true\na:x\n\na\n")


def test_a_signature_needs_a_date() -> None:
    with pytest.raises(KeyError):
        signed("GET", "/", {}, {"Host": "h"})


def test_the_date_is_written_in_utc() -> None:
    china = timezone(timedelta(hours=8))
    assert signing.sdk_date(datetime(2024, 1, 15, 16, 30, tzinfo=china)) == "20240115T083000Z"
    assert signing.sdk_date(datetime(2024, 1, 15, 8, 30, tzinfo=UTC)) == "20240115T083000Z"


@given(TEXT)
def test_encoding_can_be_undone_and_leaves_only_unreserved_characters(text: str) -> None:
    encoded = signing.encode(text)
    assert unquote(encoded) == text
    assert set(encoded) <= set(string.ascii_letters + string.digits + "-_.~%")


@given(st.lists(TEXT, max_size=5))
def test_a_canonical_path_is_a_fixed_point(segments: list[str]) -> None:
    path = "/" + "/".join(signing.encode(segment) for segment in segments)
    canonical = signing.canonical_path(path)
    assert canonical.endswith("/")
    assert signing.canonical_path(canonical) == canonical


@given(st.dictionaries(TEXT, TEXT | st.integers(), max_size=5), st.randoms())
def test_the_order_of_a_query_does_not_matter(query: dict[str, str | int], shuffle: object) -> None:
    items = list(query.items())
    shuffle.shuffle(items)  # type: ignore[attr-defined]
    assert signing.canonical_query(dict(items)) == signing.canonical_query(query)


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    st.lists(TEXT, max_size=4),
    st.dictionaries(TEXT, TEXT | st.integers() | st.booleans(), max_size=4),
    st.binary(max_size=40),
)
def test_it_signs_as_the_official_sdk_does(
    method: str, segments: list[str], query: dict[str, str | int], body: bytes
) -> None:
    path = "/" + "/".join(signing.encode(segment) for segment in segments)
    request = SdkRequest(
        method=method,
        schema="https",
        host=HEADERS["Host"],
        resource_path=path,
        query_params=list(query.items()),
        header_params=dict(HEADERS),
        body=body,
    )
    official = Signer(BasicCredentials("AKEXAMPLE", "SKEXAMPLE")).sign(request)
    assert official.header_params["Authorization"] == signed(method, path, query, HEADERS, body)
