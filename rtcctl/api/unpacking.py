"""Bodies that come compressed by gzip, the only compression that is asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from msgspec.structs import replace

from rtcctl.api.carrier import NotDecodedError, Reply
from rtcctl.api.http1 import MOST_BYTES

_WINDOW = 16 + zlib.MAX_WBITS
"""Of zlib: gzip, with its header."""
_GZIP = b"\x1f\x8b"
"""What each member begins with (RFC 1952, section 2.3.1)."""


def unpacked(reply: Reply) -> Reply:
    """Undo the compression of an answer; of a refusal the status counts even if that fails.

    Raises:
        NotDecodedError: a success is broken, or too long.
    """
    if not reply.content or reply.header("content-encoding").strip().lower() not in ("gzip", "x-gzip"):
        return reply
    try:
        return replace(reply, content=b"".join(_members(reply.content)))
    except (zlib.error, ValueError) as error:
        if reply.status >= 400:
            return reply
        raise NotDecodedError(replace(reply, content=b"")) from error


def _members(packed: bytes) -> Iterator[bytes]:
    """Yield what each member unpacks to (RFC 1952, section 2.2); what comes after the last is left alone."""
    left, is_first = MOST_BYTES, True
    while is_first or packed.startswith(_GZIP):
        unpacking = zlib.decompressobj(_WINDOW)
        unpacked = unpacking.decompress(packed, left + 1)
        left, packed, is_first = left - len(unpacked), unpacking.unused_data, False
        if left < 0 or not unpacking.eof:
            raise ValueError("too long, or it breaks off")
        yield unpacked
