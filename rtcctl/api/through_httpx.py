"""Requests that httpx carries: through a proxy of the environment, or to a service inside this process."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import httpx

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


class ThroughHttpx:
    """Carries requests by one of httpx's transports."""

    def __init__(self, endpoint: str, transport: httpx.AsyncBaseTransport | httpx.AsyncClient, timeout: float) -> None:
        """Connect to nothing yet; `timeout` is in seconds, for a connection and for each part of an answer."""
        self._endpoint = endpoint
        self._transport = transport
        self._limits = {"timeout": httpx.Timeout(timeout).as_dict()}

    async def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request and return the answer."""
        url = self._endpoint + target
        request = httpx.Request(method, url, content=body or None, headers=headers, extensions=self._limits)
        try:
            if isinstance(self._transport, httpx.AsyncClient):
                response = await self._transport.send(request)
            else:
                response = await self._transport.handle_async_request(request)
                response.request = request
            await response.aread()
            await response.aclose()
        except httpx.HTTPError as error:
            raise from_httpx(error) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, response.content)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()


def by_proxy(endpoint: str, trusted: ssl.SSLContext | None, timeout: float) -> ThroughHttpx:
    """Return what goes through the proxies that the environment names.

    Raises:
        ValueError: one of them can't be used.
        ImportError: it is of a kind that needs another package.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT)
    try:
        client = httpx.AsyncClient(limits=limits, verify=True if trusted is None else trusted)
    except httpx.InvalidURL as error:
        raise ValueError from error
    return ThroughHttpx(endpoint, client, timeout)


def from_httpx(error: httpx.HTTPError) -> CarryingError:
    """Return what a carrier raises for it."""
    found = _class_of(error)()
    found.__cause__ = error
    return found


def _class_of(error: httpx.HTTPError) -> type[CarryingError]:
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return NotConnectedInTimeError
        case httpx.ProxyError() | httpx.UnsupportedProtocol():
            return NotLetThroughError
        case httpx.ConnectError():
            return NotConnectedError
        case httpx.TimeoutException():
            return NoAnswerInTimeError
        case httpx.DecodingError():
            return NotDecodedError
        case _:
            return CarryingError
