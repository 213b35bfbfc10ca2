"""Listings page by page, also from a service that reads offsets as records, caps pages, repeats itself or lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rtcctl.errors import BadAnswerError
from rtcctl.model.call import Call
from tests.virtual import run

from .support import make

CALL = Call("GET", "/v2/apps", "apps", query={"state": "ACTIVATION"})

Page = Callable[[int], dict[str, Any]]


def app(number: int) -> dict[str, Any]:
    return {"app_id": f"a{number}", "app_name": f"n{number}"}


def listed(page: Page) -> tuple[list[str], list[int]]:
    """The ids that were found, and the offsets that were asked for."""
    offsets: list[int] = []

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.url.params["limit"] == "100"
        assert request.url.params["state"] == "ACTIVATION"
        offsets.append(int(request.url.params["offset"]))
        return httpx.Response(200, json=page(offsets[-1]))

    async def work() -> list[str]:
        async with make(handle) as client:
            return [str(item["app_id"]) for item in await client.pages(CALL, "apps", "app_id")]

    return run(work()), offsets


def ids(total: int) -> list[str]:
    return [f"a{number}" for number in range(total)]


def by_page(total: int, *, size: int = 100, count: int | None = None) -> Page:
    def page(offset: int) -> dict[str, Any]:
        apps = [app(number) for number in range(total)][offset * size : (offset + 1) * size]
        return {"apps": apps} if count is None else {"apps": apps, "count": count}

    return page


def by_record(total: int, *, count: int | None = None) -> Page:
    def page(offset: int) -> dict[str, Any]:
        apps = [app(number) for number in range(total)][offset : offset + 100]
        return {"apps": apps} if count is None else {"apps": apps, "count": count}

    return page


@pytest.mark.parametrize(
    ("total", "offsets"),
    [(0, [0]), (1, [0]), (99, [0]), (100, [0, 1]), (101, [0, 1]), (200, [0, 1, 2]), (250, [0, 1, 2])],
)
def test_without_a_count_a_short_page_ends_it(total: int, offsets: list[int]) -> None:
    assert listed(by_page(total)) == (ids(total), offsets)


@pytest.mark.parametrize(("total", "offsets"), [(0, [0]), (100, [0]), (101, [0, 1]), (200, [0, 1])])
def test_a_count_ends_it_as_soon_as_it_is_reached(total: int, offsets: list[int]) -> None:
    assert listed(by_page(total, count=total)) == (ids(total), offsets)


@pytest.mark.parametrize("total", [0, 99, 100, 101, 150, 199, 200, 201, 350])
@pytest.mark.parametrize("counted", [True, False])
def test_offsets_that_are_records_lose_and_repeat_nothing(total: int, counted: bool) -> None:
    found, _ = listed(by_record(total, count=total if counted else None))
    assert found == ids(total)


def test_offsets_that_are_records_are_noticed_on_the_second_page() -> None:
    assert listed(by_record(350))[1] == [0, 1, 101, 201, 301]


def test_an_object_that_moved_to_the_next_page_is_no_sign_of_records() -> None:
    def page(offset: int) -> dict[str, Any]:
        # One app was made at the front after the first page was read.
        apps = [app(number) for number in range(250)]
        return {"apps": apps[:100] if offset == 0 else apps[offset * 100 - 1 : offset * 100 + 99]}

    assert listed(page) == (ids(250), [0, 1, 2])


def test_smaller_pages_than_asked_for_are_followed_up_to_the_count() -> None:
    assert listed(by_page(120, size=50, count=120)) == (ids(120), [0, 1, 2])


def test_a_count_that_promises_too_much_costs_one_call_more() -> None:
    assert listed(by_page(80, count=90)) == (ids(80), [0, 1])
    assert listed(lambda _: by_page(80, count=90)(0)) == (ids(80), [0, 1])


@pytest.mark.parametrize("count", ["80", -1, True, None, 1.5])
def test_a_count_that_is_none_is_left_aside(count: object) -> None:
    assert listed(lambda offset: {**by_page(80)(offset), "count": count}) == (ids(80), [0])


def test_null_counts_as_an_empty_array() -> None:
    assert listed(lambda _: {"apps": None}) == ([], [0])


def test_the_same_full_page_for_ever_is_an_error() -> None:
    with pytest.raises(BadAnswerError, match="repeats itself"):
        listed(lambda _: by_page(100)(0))


def test_a_listing_without_an_end_is_an_error() -> None:
    with pytest.raises(BadAnswerError, match="does not end"):
        listed(lambda offset: {"apps": [app(offset * 100 + number) for number in range(100)]})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "without apps"),
        ({"apps": {}}, "no list"),
        ({"apps": "none"}, "no list"),
        ({"apps": ["a"]}, "no object"),
        ({"apps": [None]}, "no object"),
        ({"apps": [{"app_name": "n"}]}, "without app_id"),
        ({"apps": [{"app_id": ""}]}, "without app_id"),
        ({"apps": [{"app_id": None}]}, "without app_id"),
        ({"apps": [{"app_id": True}]}, "without app_id"),
    ],
)
def test_what_is_no_page_of_a_listing_is_an_error(answer: dict[str, Any], words: str) -> None:
    with pytest.raises(BadAnswerError, match=words) as caught:
        listed(lambda _: answer)
    assert caught.value.call.path == "/v2/apps"


def test_numbers_may_be_ids() -> None:
    assert listed(lambda _: {"apps": [{"app_id": 7}, {"app_id": 7}]}) == (["7"], [0])
