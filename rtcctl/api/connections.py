"""Connections to one endpoint, one exchange at a time on each, kept alive in between.

A client for everything, as httpx is, spends more time on a request than a parser and the event loop need to carry it;
and it takes as long to import as half of all the rest. Here the throttle says how many calls are under way, and so a
list of free connections is enough. What HTTP says of a request and its answer stands in `http1.py`.
"""

from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from rtcctl.api.carrier import (
    CarryingError,
    NoAnswerInTimeError,
    NotConnectedError,
    NotConnectedInTimeError,
    Reply,
)
from rtcctl.api.endpoints import is_loopback
from rtcctl.api.http1 import Answers, request
from rtcctl.api.unpacking import unpacked

EXPIRY = 5.0
"""Seconds for which a connection is kept that nobody uses, as httpx has it."""
_NEXT_ADDRESS = 0.25
"""Seconds after which the next address of a name is tried beside the first."""


class Connections:
    """Carries requests over connections of its own, without a proxy."""

    def __init__(self, endpoint: str, trusted: ssl.SSLContext | None, timeout: float) -> None:
        """Connect to nothing yet.

        Args:
            endpoint: scheme, host and port.
            trusted: which certificates; None for plain http.
            timeout: seconds to wait for a connection, and for each part of an answer.
        """
        parts = urlsplit(endpoint)
        self._host = parts.hostname or ""
        self._port = parts.port or (80 if trusted is None else 443)
        self._trusted = trusted
        self._timeout = timeout
        self._next_address = None if is_loopback(endpoint) else _NEXT_ADDRESS
        self._free: list[Connection] = []

    async def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request and return the answer."""
        connection = self._unused() or await self._connected()
        is_ready = False
        try:
            connection.leave(method, target, headers, body)
            reply = await connection.reply()
            is_ready = connection.is_ready()
        except TimeoutError as error:
            raise NoAnswerInTimeError from error
        except OSError as error:
            raise CarryingError from error
        finally:
            if is_ready:
                self._free.append(connection)
            else:  # the other side wants no more of it, or nobody knows what is still to come
                connection.close()
        return reply

    async def aclose(self) -> None:
        """Close all connections."""
        while self._free:
            self._free.pop().close()
        await asyncio.sleep(0)  # this is when they are

    def _unused(self) -> Connection | None:
        """Return the connection that was used last; what the other side has closed meanwhile is closed here, too."""
        while self._free:
            connection = self._free.pop()
            if not connection.is_stale():
                return connection
            connection.close()
        return None

    async def _connected(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                _, connection = await loop.create_connection(
                    partial(Connection, self._timeout),
                    self._host,
                    self._port,
                    ssl=self._trusted,
                    happy_eyeballs_delay=self._next_address,
                )
        except TimeoutError as error:
            raise NotConnectedInTimeError from error
        except OSError as error:
            raise NotConnectedError from error
        return connection


class Connection(asyncio.Protocol):
    """One connection: a request leaves, its answer is read, and then the next."""

    def __init__(self, timeout: float) -> None:
        """Wait `timeout` seconds for each part of an answer."""
        self._timeout = timeout
        self._answers = Answers()
        self._loop = asyncio.get_running_loop()
        self._transport = asyncio.Transport()
        self._arrived = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._used = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be connected."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a protocol of bytes
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what arrives until it is asked for."""
        self._arrived += data
        self._wake()

    def eof_received(self) -> None:
        """Be told that nothing more comes."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Be told that the connection is gone, and why."""
        self._ended, self._error = True, exc
        self._wake()

    def leave(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a request, in one piece."""
        self._transport.write(request(method, target, headers, body))

    async def reply(self) -> Reply:
        """Read the answer."""
        answer = self._answers
        while not answer.is_over:
            answer.feed(await self._more())
        self._used = self._loop.time()
        return unpacked(Reply(answer.status, answer.headers, answer.content))

    def is_ready(self) -> bool:
        """Get ready for another request; tell whether there may be one."""
        if not self._answers.goes_on:
            return False
        self._answers.begin()
        return True

    def is_stale(self) -> bool:
        """Tell whether it was not used for too long, or the other side has closed it or says something unasked."""
        if self._ended or self._arrived or self._loop.time() - self._used > EXPIRY:
            return True
        socket = self._transport.get_extra_info("socket")
        if self._transport.is_closing() or socket is None or socket.fileno() < 0:  # TLS is told of its end later
            return True
        waiting = select.poll()  # the event loop may not have come round to look
        waiting.register(socket.fileno(), select.POLLIN)
        return bool(waiting.poll(0))

    def close(self) -> None:
        """Close it without a farewell: nothing is left to be said."""
        self._transport.abort()

    async def _more(self) -> bytes:
        """Return what has arrived, waiting for it where nothing has; nothing at the end."""
        if not self._arrived and not self._ended:
            self._waiting = self._loop.create_future()
            async with asyncio.timeout(self._timeout):
                await self._waiting
        if self._error is not None and not self._arrived:
            raise self._error
        data, self._arrived = bytes(self._arrived), bytearray()
        return data

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
