"""OBS buckets and their authorization."""

from __future__ import annotations

import pytest

from .driver import Driver

GRANT = {"bucket": "obsName", "operation": 1, "location": "cn-north-4"}
OBJECTS = "/v2/rtc-ops/buckets/objects"


def test_there_are_no_buckets_at_first(sim: Driver) -> None:
    assert sim.done("GET", "/v2/rtc-ops/buckets") == {"count": 0, "buckets": []}


def test_authorization_is_an_empty_200_and_read_back_from_the_list(sim: Driver) -> None:
    response = sim.send("PUT", "/v2/rtc-ops/buckets/authentication", GRANT)
    assert (response.status_code, response.content) == (200, b"")
    bucket = {
        "bucket": "obsName",
        "location": "cn-north-4",
        "creation_date": "2024/01/15 16:30:00 GMT+08:00",
        "is_authorized": True,
    }
    assert sim.done("GET", "/v2/rtc-ops/buckets") == {"count": 1, "buckets": [bucket]}
    sim.clock.advance(60)
    sim.done("PUT", "/v2/rtc-ops/buckets/authentication", {**GRANT, "operation": 0, "project_id": "p"})
    assert sim.done("GET", "/v2/rtc-ops/buckets")["buckets"] == [{**bucket, "is_authorized": False}]


def test_rule_names_its_bucket_without_authorizing_it(sim: Driver) -> None:
    sim.new_rule(sim.new_app())
    [bucket] = sim.done("GET", "/v2/rtc-ops/buckets")["buckets"]
    assert (bucket["bucket"], bucket["is_authorized"]) == ("obsName", False)


def test_known_bucket_is_empty_and_unknown_one_is_not_found(sim: Driver) -> None:
    query = f"{OBJECTS}?bucket=obsName&type=folders&location=cn-north-4&prefix=Record/"
    sim.refused(404, "RTC.00001003", "GET", query)
    sim.done("PUT", "/v2/rtc-ops/buckets/authentication", GRANT)
    assert sim.done("GET", query) == {"count": 0, "objects": []}
    sim.refused(404, "RTC.00001003", "GET", query.replace("cn-north-4", "cn-east-2"))


@pytest.mark.parametrize(
    ("code", "query"),
    [
        ("RTC.00001005", "type=folders&location=cn-north-4"),
        ("RTC.00001003", "bucket=&type=folders&location=cn-north-4"),
        ("RTC.00001003", "bucket=b&type=files&location=cn-north-4"),
        ("RTC.00001003", "bucket=b&type=objects&location=mars"),
    ],
)
def test_bad_object_query_is_refused(sim: Driver, code: str, query: str) -> None:
    sim.refused(400, code, "GET", f"{OBJECTS}?{query}")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("RTC.00001003", {"operation": 2}),
        ("RTC.00001003", {"operation": True}),
        ("RTC.00001003", {"location": "mars"}),
        ("RTC.00001003", {"bucket": ""}),
    ],
)
def test_bad_authorization_is_refused(sim: Driver, code: str, changes: dict[str, object]) -> None:
    sim.refused(400, code, "PUT", "/v2/rtc-ops/buckets/authentication", {**GRANT, **changes})
