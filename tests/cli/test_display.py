"""What a live display says: how much is done, what is under way, what is waited for, and how long it still takes."""

from __future__ import annotations

import pytest

from rtcctl.cli.display import Display, duration
from rtcctl.model.address import Address
from rtcctl.model.happening import Again, Answered, Finished, Reading, Sent, Slow, Started, Waiting, Writing
from rtcctl.model.limits import Limit

APP = Address("App", "a")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def display(clock: Clock) -> Display:
    return Display(clock)


def answered(number: int, status: int | None = 200) -> Answered:
    return Answered(number, "GET", "/v2/apps", status, 0.1)


def test_nothing_is_said_before_something_begins_and_after_it_is_over(display: Display) -> None:
    assert display.lines() == (None, [])
    display.take(Reading(3))
    assert display.end() is False
    assert display.lines() == (None, [])
    assert display.end() is False


def test_reads_are_counted_against_what_is_expected(display: Display) -> None:
    display.take(Reading(4))
    for number, status in enumerate((200, 429, 503, None, 404)):
        display.take(Sent(number, "GET", "/v2/apps"))
        display.take(answered(number, status))
    assert display.lines() == (0.5, ["reading the account: 2 of about 4 calls"])


@pytest.mark.parametrize("expected", [None, 0, 1])
def test_an_expectation_that_is_none_or_was_too_low_is_not_told(display: Display, expected: int | None) -> None:
    display.take(Reading(expected))
    for number in range(2):
        display.take(answered(number))
    assert display.lines()[1] == ["reading the account: 2 calls"]


def test_steps_under_way_are_named_oldest_first_and_the_rest_counted(display: Display, clock: Clock) -> None:
    display.take(Writing(9))
    for number in range(7):
        display.take(Started(Address("App", f"a{number}"), "create"))
        clock.now += 1
    display.take(Finished(Address("App", "a0"), "create", 7.0, failed=True))
    display.take(answered(1))  # an answer is no step
    part, lines = display.lines()
    assert part == pytest.approx(1 / 9)
    assert lines[:2] == ["1 of 9 calls, 1 failed", "  App/a1: create, 6 s"]
    assert lines[-2:] == ["  App/a5: create, 2 s", "  and 1 more"]
    assert display.count() == (1, 9)


def test_reading_within_writing_gives_way_to_it_again(display: Display) -> None:
    display.take(Writing(2))
    display.take(Reading(1))
    assert display.lines()[1] == ["reading the account: 0 of about 1 call"]
    assert display.end(reads=True) is True
    assert display.lines()[1] == ["0 of 2 calls"]


def test_a_wait_is_counted_down_and_then_gone(display: Display, clock: Clock) -> None:
    display.take(Writing(100))
    display.take(Waiting(("apps",), Limit(60, 60.0), 43.0))
    assert display.lines()[1] == [
        "0 of 100 calls, about 43 s left",
        "  waiting 43 s for the limit of 60 calls a minute (apps)",
    ]
    clock.now += 42.5
    assert display.lines()[1][1] == "  waiting 1 s for the limit of 60 calls a minute (apps)"
    clock.now += 1
    assert display.lines()[1] == ["0 of 100 calls"]


def test_a_repeat_says_why_until_it_leaves(display: Display) -> None:
    display.take(Reading(1))
    display.take(Again("GET", "/v2/apps", "503", 1.25, 0.1))
    assert display.lines()[1][1] == "  GET /v2/apps: 503, again in 1.2 s"
    display.take(Sent(2, "GET", "/v2/apps"))
    assert len(display.lines()[1]) == 1


def test_a_call_that_is_not_answered_says_so(display: Display, clock: Clock) -> None:
    display.take(Reading(2))
    display.take(Sent(1, "GET", "/v2/apps"))
    clock.now += 4
    display.take(Sent(2, "GET", "/v2/rtc-ops/buckets"))
    clock.now += 3
    assert display.lines()[1][1:] == ["  no answer yet to GET /v2/apps after 7 s"]


def test_the_time_left_is_no_less_than_the_limits_ask_for(display: Display, clock: Clock) -> None:
    display.take(Writing(150, 120.0))
    assert display.lines()[1][0] == "0 of 150 calls, about 2 min left"
    clock.now += 55
    assert display.lines()[1][0] == "0 of 150 calls, about 1 min 5 s left"


def test_the_time_left_follows_the_pace_between_waits(display: Display, clock: Clock) -> None:
    display.take(Writing(100))
    clock.now += 10
    display.take(Waiting(("apps",), Limit(60, 60.0), 50.0))
    clock.now += 50
    for _ in range(50):
        display.take(Finished(APP, "create", 1.0, failed=False))
    assert display.lines()[1][0] == "50 of 100 calls, about 10 s left"


def test_what_is_of_no_use_here_changes_nothing(display: Display) -> None:
    display.take(Slow("the state is slow"))
    assert display.lines() == (None, [])
    assert display.count() == (0, 0)


def test_foreign_text_is_inert(display: Display, clock: Clock) -> None:
    display.take(Reading(1))
    display.take(Again("GET", "/v2/apps", "\x1b[2Jgone", 9.0, 0.0))
    display.take(Sent(1, "GET", "/\x1b]0;title\x07"))
    clock.now += 6
    assert "\x1b" not in "".join(display.lines()[1])


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (65, "1 min 5 s"), (7380, "2 h 3 min")]
)
def test_times_are_said_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
