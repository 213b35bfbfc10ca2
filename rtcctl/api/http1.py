"""What HTTP/1.1 says of a request and of its answer; llhttp, which is Node.js's parser, reads the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httptools

from rtcctl.api.carrier import CarryingError, NotAnAnswerError

_HEAD_BYTES = 100 * 1024
"""How long status line and headers of an answer may be."""
MOST_BYTES = 64 * 1024 * 1024
"""How long a body may be."""
_NEVER_SENT = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")
"""What stands in no header (RFC 9110, section 5.5), so that none can end early and bring another."""


def request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a request as it is sent.

    Raises:
        CarryingError: its head holds what HTTP does not allow there.
    """
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    if target.count(" ") or any(map(_NEVER_SENT.search, lines)):
        raise CarryingError
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Answers:
    """The answers on one connection, one after the other; words in between (1xx) are passed over.

    `is_over` tells that the answer is whole, and `goes_on` that the connection is good for another one.
    """

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.begin()

    def begin(self) -> None:
        """Wait for the next answer."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.is_over = self.goes_on = False
        self._parts: list[bytes] = []
        self._in_head = True
        self._is_framed = True
        self._head_bytes = self._body_bytes = 0

    @property
    def content(self) -> bytes:
        """The body."""
        return b"".join(self._parts)

    def feed(self, data: bytes) -> None:
        """Read what has arrived; nothing is its end.

        Raises:
            NotAnAnswerError: it is no answer, or too long.
            CarryingError: it ends before it is whole.
        """
        if not data:
            return self._end()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.goes_on = False
            if not self.is_over:  # what comes after it is not part of it
                raise NotAnAnswerError from error
        self._head_bytes += len(data) if self._in_head else 0
        if self._head_bytes > _HEAD_BYTES or self._body_bytes > MOST_BYTES:
            raise NotAnAnswerError
        return None

    def _end(self) -> None:
        if self._in_head or self._is_framed:
            raise CarryingError
        self.is_over = True

    def on_message_begin(self) -> None:
        """Note what comes after the answer, and would be taken for the next one."""
        self.goes_on = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, those of one name joined, as HTTP has it."""
        if self._in_head and not self.is_over:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """Take the status; without a length, the answer goes on until the connection ends."""
        if not self.is_over:
            self._in_head = False
            self.status = self._parser.get_status_code()
            if self.status < 100:
                raise NotAnAnswerError
            codings = self.headers.get("transfer-encoding", "").lower().split(",")
            self._is_framed = codings[-1].strip() == "chunked" or "content-length" in self.headers

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        if not self.is_over:
            self._parts.append(body)
            self._body_bytes += len(body)

    def on_message_complete(self) -> None:
        """Be done, unless it was but a word in between."""
        if self.is_over:
            return
        if self.status < 200:
            self.headers, self._in_head = {}, True
            return
        self.is_over, self.goes_on = True, self._parser.should_keep_alive()
