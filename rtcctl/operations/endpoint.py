"""A tiny HTTP server for pages that probes and Prometheus ask for: GET and HEAD, one request per connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from msgspec import Struct

from rtcctl.errors import UsageError

LOOPBACK = "127.0.0.1"
_LARGEST = 16 * 1024
_SECONDS = 5.0
_TEXT = "text/plain; charset=utf-8"


class Page(Struct, frozen=True):
    """What is answered."""

    status: int
    body: bytes
    content_type: str = _TEXT


Pages = Callable[[str], Page | None]
"""What answers a path; None: there is no such page."""


def place(text: str) -> tuple[str, int]:
    """Read `ADDRESS:PORT` or `PORT`, which is on loopback; an IPv6 address stands in brackets, port 0 picks a free one.

    Raises:
        UsageError: it is neither.
    """
    host, _, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    bracketed = host.startswith("[") and host.endswith("]")
    if not port.isascii() or not port.isdigit() or int(port) > 65535 or (":" in host and not bracketed):
        raise UsageError(f"{text!r} is no ADDRESS:PORT", mend="write for example 127.0.0.1:9180, or 0.0.0.0:9180")
    return bare or LOOPBACK, int(port)


@contextlib.asynccontextmanager
async def listening(host: str, port: int, pages: Pages) -> AsyncIterator[str]:
    """Answer requests for the time of a `with` block; yields the URL.

    Raises:
        UsageError: the address is not ours, or the port is taken.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(_answer(request, pages))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who asks so gets no answer
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    try:
        server = await asyncio.start_server(serve, host, port, limit=_LARGEST)
    except OSError as error:
        message = f"can't listen on {host}, port {port}: {error.strerror or error}"
        raise UsageError(message, mend="choose another --health; port 0 picks a free one") from None
    async with server:
        shown, number = server.sockets[0].getsockname()[:2]
        yield f"http://[{shown}]:{number}" if ":" in shown else f"http://{shown}:{number}"


def _answer(request: bytes, pages: Pages) -> bytes:
    method, _, rest = request.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    page = Page(405, b"method not allowed\n")
    if method in ("GET", "HEAD"):
        page = pages(path) or Page(404, b"not found\n")
    headers = [
        f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}",
        f"Content-Type: {page.content_type}",
        f"Content-Length: {len(page.body)}",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    if page.status == 405:
        headers.append("Allow: GET, HEAD")
    return "\r\n".join([*headers, "", ""]).encode("latin-1") + (b"" if method == "HEAD" else page.body)
