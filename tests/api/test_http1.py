"""Requests can't be split by what stands in them; answers end where they say, and what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcctl.api import http1
from rtcctl.api.carrier import CarryingError, NotAnAnswerError
from rtcctl.api.http1 import Answers, request

HOST = {"Host": "rtc.example"}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nX-Request-Id: late\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-a: 2\r\n\r\n{}"
EARLY = b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n"


def read(*parts: bytes) -> Answers:
    answers = Answers()
    for part in parts:
        answers.feed(part)
    return answers


def test_a_request_has_its_headers_in_order_and_the_length_of_its_body() -> None:
    assert request("PUT", "/v2/apps?a=%20", {**HOST, "X-B": "é"}, b"{}") == (
        b"PUT /v2/apps?a=%20 HTTP/1.1\r\nHost: rtc.example\r\nX-B: \xe9\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert request("POST", "/", HOST, b"").endswith(b"\r\nContent-Length: 0\r\n\r\n")
    assert b"Length" not in request("GET", "/", HOST, b"")


@pytest.mark.parametrize("odd", ["a\r\nX-B: c", "a\nb", "a\0", "\x7f", "€", "\x85"])
def test_nothing_ends_a_header_early(odd: str) -> None:
    for headers in ({"X-A": odd}, {odd: "a"}):
        with pytest.raises(CarryingError):
            request("GET", "/", headers, b"")


@pytest.mark.parametrize("target", ["/a b", "/ HTTP/1.1\r\nX-B: c", "/ä€"])
def test_a_target_is_one_word(target: str) -> None:
    with pytest.raises(CarryingError):
        request("GET", target, HOST, b"")


@pytest.mark.parametrize(
    ("answer", "headers"),
    [
        (SIZED, {"content-length": "2", "x-a": "1, 2"}),
        (CHUNKED, {"transfer-encoding": "chunked"}),
        (EARLY + SIZED, {"content-length": "2", "x-a": "1, 2"}),
    ],
)
@given(cuts=st.sets(st.integers(1, 120)))
def test_an_answer_is_the_same_however_it_is_cut(answer: bytes, headers: dict[str, str], cuts: set[int]) -> None:
    ends = [*sorted(cut for cut in cuts if cut < len(answer)), len(answer)]
    found = read(*(answer[start:end] for start, end in zip([0, *ends], ends, strict=False)))
    assert (found.is_over, found.goes_on, found.status) == (True, True, 200)
    assert (found.headers, found.content) == (headers, b"{}")
    found.begin()
    found.feed(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    assert (found.is_over, found.goes_on, found.status, found.headers) == (True, False, 204, {"connection": "close"})
    assert not found.content


def test_an_answer_without_a_length_goes_on_to_the_end_of_its_connection() -> None:
    found = read(b"HTTP/1.1 502 Bad Gateway\r\nServer: old\r\n\r\n<html>", b"</html>")
    assert not found.is_over
    found.feed(b"")
    assert (found.is_over, found.goes_on, found.status) == (True, False, 502)
    assert found.content == b"<html></html>"


@pytest.mark.parametrize(
    "parts",
    [
        (b"",),
        (b"HTTP/1.1 200 OK\r\nContent-Le", b""),
        (SIZED[:-1], b""),
        (CHUNKED[:-2], b""),
        (EARLY, b""),
    ],
)
def test_what_is_no_whole_answer_is_refused(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(CarryingError) as caught:
        read(*parts)
    assert not isinstance(caught.value, NotAnAnswerError)


@pytest.mark.parametrize(
    "parts",
    [
        (b"HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\n{}",),
        (b"HTTP/1.1 000 Odd\r\nContent-Length: 2\r\n\r\n{}", SIZED),
        (b"SSH-2.0-OpenSSH_9.6\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n{}\r\n",),
        (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",),
    ],
)
def test_what_is_no_answer_is_refused_as_such(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(NotAnAnswerError):
        read(*parts)


@pytest.mark.parametrize("more", [SIZED, b"HTTP", b"0\r\n\r\n", b"{}"])
def test_what_comes_beside_an_answer_ends_its_connection_and_is_no_part_of_it(more: bytes) -> None:
    for found in (read(SIZED + more), read(SIZED, more), read(CHUNKED + more)):
        assert (found.is_over, found.goes_on, found.status, found.content) == (True, False, 200, b"{}")


def test_a_head_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    line = b"X-A: " + b"a" * 2000 + b"\r\n"
    found = read(b"HTTP/1.1 200 OK\r\n", *[line] * 50)
    with pytest.raises(NotAnAnswerError):
        found.feed(line * 2)


def test_a_body_without_an_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "MOST_BYTES", 100)
    found = read(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 100)
    with pytest.raises(NotAnAnswerError):
        found.feed(b"a")


def test_a_coding_that_only_ends_like_chunked_is_none() -> None:
    found = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n{}", b"")
    assert (found.is_over, found.content) == (True, b"{}")


def test_a_body_may_be_longer_than_a_head() -> None:
    found = read(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n", b"a" * 200_000, b"b" * 100_000)
    assert found.is_over
    assert len(found.content) == 300_000
