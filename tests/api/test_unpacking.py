"""Compressed bodies: whole or not, one member or several, and never more than fits."""

from __future__ import annotations

import gzip

import pytest

from rtcctl.api import unpacking
from rtcctl.api.carrier import NotDecodedError, Reply
from rtcctl.api.unpacking import unpacked

BODY = b'{"a": 1}'


def packed(content: bytes, status: int = 200, coding: str = "gzip") -> Reply:
    return Reply(status, {"content-encoding": coding, "x-request-id": "5f0c"}, content)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", " GZIP "])
def test_a_compressed_body_is_unpacked(coding: str) -> None:
    found = unpacked(packed(gzip.compress(BODY), coding=coding))
    assert (found.status, found.content, found.header("X-Request-Id")) == (200, BODY, "5f0c")


@pytest.mark.parametrize(
    "reply", [Reply(200, {}, BODY), packed(b""), packed(BODY, coding="br"), packed(BODY, coding="identity")]
)
def test_anything_else_is_left_as_it_is(reply: Reply) -> None:
    assert unpacked(reply) == reply


@pytest.mark.parametrize("beyond", [b"", b"\0\0", b"more"])
def test_all_members_are_read_and_nothing_beyond(beyond: bytes) -> None:
    assert unpacked(packed(gzip.compress(BODY[:4]) + gzip.compress(BODY[4:]) + beyond)).content == BODY


@pytest.mark.parametrize("content", [BODY, gzip.compress(BODY)[:9], gzip.compress(BODY) + b"\x1f\x8b"])
def test_a_broken_success_still_tells_its_status_and_request(content: bytes) -> None:
    with pytest.raises(NotDecodedError) as caught:
        unpacked(packed(content, 201))
    assert caught.value.reply == packed(b"", 201)


def test_of_a_broken_refusal_the_status_counts() -> None:
    assert unpacked(packed(BODY, 429)) == packed(BODY, 429)


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 100)
    for length in (99, 100):
        assert len(unpacked(packed(gzip.compress(b"a" * (length - 50)) + gzip.compress(b"b" * 50))).content) == length
    for content in (gzip.compress(b"a" * 51) + gzip.compress(b"b" * 50), gzip.compress(b"a" * 1_000_000)):
        with pytest.raises(NotDecodedError):
            unpacked(packed(content))
