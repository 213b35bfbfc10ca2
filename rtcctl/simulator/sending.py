"""One HTTP POST to a callback: no proxy, no redirect, bounded in time and in what is read of the answer."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 64 * 1024
LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,9})\r\n", re.IGNORECASE)
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: |\r?\n)")
IN_TARGET = "%/?:@!$&'()*+,;=~-._"  # what may stand in a request target as it is


class Failure(Exception):  # noqa: N818 - a failed attempt is an outcome, not a failure of the simulator
    """There was no answer; the text says why."""


async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status that the receiver answers with; unconfirmed: the time-out.

    Raises:
        Failure: there was no answer in time, or it was not HTTP.
    """
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await _exchange(url, headers, body)
    except TimeoutError:
        raise Failure("no answer in time") from None
    except ssl.SSLError:
        raise Failure("TLS failed") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise Failure(f"cannot be reached: {reason or 'not a usable URL or name'}") from None


async def _exchange(url: str, headers: Mapping[str, str], body: bytes) -> int:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a URL of HTTP")
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=ssl.create_default_context() if secure else None
    )
    try:
        target = quote(
            parts._replace(scheme="", netloc="", path=parts.path or "/", fragment="").geturl(), safe=IN_TARGET
        )
        host = parts.netloc.rpartition("@")[2].encode("idna").decode()
        fields = {"Host": host, **headers, "Content-Length": str(len(body)), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"POST {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        with contextlib.suppress(ConnectionError):  # an answer may come before all is read
            await writer.drain()
        return await _status(reader)
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    """The status of the answer, which is read up to its end so that the receiver can finish it."""
    answer = bytearray()
    while not _complete(answer) and (chunk := await reader.read(MAX_ANSWER_BYTES)):
        answer += chunk
    found = STATUS_LINE.match(answer)
    if found is None:
        raise Failure("the answer is not HTTP")
    return int(found[1])


def _complete(answer: bytearray) -> bool:
    head, end, rest = answer.partition(b"\r\n\r\n")
    length = LENGTH.search(head + b"\r\n")
    return len(answer) >= MAX_ANSWER_BYTES or bool(end and length and len(rest) >= int(length[1]))
