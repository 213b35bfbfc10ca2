"""Requests that httpx carries: through a proxy of the environment, or to a service inside this process."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
from msgspec.structs import replace

from rtcctl.api.carrier import (
    CarryingError,
    NoAnswerInTimeError,
    NotConnectedError,
    NotConnectedInTimeError,
    NotDecodedError,
    NotLetThroughError,
    Reply,
)

_KEPT = 100
"""Connections that are kept alive at most."""
_UNREADABLE = b"?"
"""The body of a refusal whose compression can't be undone: its status counts all the same."""


class ThroughHttpx:
    """Carries requests by one of httpx's transports."""

    def __init__(self, endpoint: str, transport: httpx.AsyncBaseTransport | httpx.AsyncClient, timeout: float) -> None:
        """Connect to nothing yet; `timeout` is in seconds, for a connection and for each part of an answer."""
        self._endpoint = endpoint
        self._transport = transport
        self._limits = {"timeout": httpx.Timeout(timeout).as_dict()}

    async def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request and return the answer."""
        left = _Left()
        extensions = {**self._limits, "trace": left.see}
        url = self._endpoint + target
        request = httpx.Request(method, url, content=body or None, headers=headers, extensions=extensions)
        may_be_proxied = isinstance(self._transport, httpx.AsyncClient)
        try:
            return await self._reply(request)
        except (httpx.HTTPError, ExceptionGroup, ValueError, OverflowError) as error:
            raise from_httpx(error, by_proxy=may_be_proxied, left=left.has_left or not may_be_proxied) from error

    async def _reply(self, request: httpx.Request) -> Reply:
        if isinstance(self._transport, httpx.AsyncClient):
            response = await self._transport.send(request, stream=True)
        else:
            response = await self._transport.handle_async_request(request)
            response.request = request
        reply = Reply(response.status_code, {name.lower(): value for name, value in response.headers.items()})
        try:
            content = await response.aread()
        except httpx.DecodingError as error:
            if response.status_code < 400:
                raise NotDecodedError(reply) from error
            content = _UNREADABLE
        finally:
            await response.aclose()
        return replace(reply, content=content)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()


def by_proxy(endpoint: str, trusted: ssl.SSLContext | None, timeout: float) -> ThroughHttpx:
    """Return what goes through the proxies that the environment names.

    Raises:
        ValueError: one of them can't be used.
        ImportError: it is of a kind that needs another package.
    """
    for name, url in getproxies().items():
        if name != "no":
            _ = urlsplit(url if "://" in url else f"http://{url}").port  # httpx looks at it when it connects
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT)
    try:
        client = httpx.AsyncClient(limits=limits, verify=True if trusted is None else trusted)
    except httpx.InvalidURL as error:
        raise ValueError from error
    return ThroughHttpx(endpoint, client, timeout)


class _Left:
    """Notes whether a request has left for the service; what opens a tunnel through a proxy has not."""

    def __init__(self) -> None:
        self.has_left = False

    async def see(self, name: str, info: Mapping[str, Any]) -> None:
        """Hear of an event of httpcore."""
        if name.endswith(".send_request_headers.started"):
            self.has_left = self.has_left or info["request"].method != b"CONNECT"


def from_httpx(error: Exception, *, by_proxy: bool = False, left: bool = True) -> CarryingError:
    """Return what a carrier raises for it."""
    kind = _class_of(error)
    if not left and not issubclass(kind, (NotConnectedError, NotLetThroughError)):
        kind = NotConnectedInTimeError if kind is NoAnswerInTimeError else NotConnectedError
    found = kind()
    found.__cause__ = error
    found.by_proxy = by_proxy
    return found


def _class_of(error: Exception) -> type[CarryingError]:
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return NotConnectedInTimeError
        case httpx.ProxyError() | httpx.UnsupportedProtocol():
            return NotLetThroughError
        case httpx.ConnectError():
            return NotConnectedError
        case httpx.TimeoutException():
            return NoAnswerInTimeError
        case _:
            return CarryingError
