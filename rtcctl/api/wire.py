"""One HTTP exchange: sent, timed, logged, and failures put into words. No retry and no redirect happens here."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rtcctl.api.answers import REQUEST_ID
from rtcctl.api.carrier import Carrier, CarryingError, NotDecodedError, Reply
from rtcctl.api.connections import Connections
from rtcctl.api.endpoints import is_loopback
from rtcctl.api.exchanges import Exchanges
from rtcctl.api.hiding import token_like
from rtcctl.api.preparing import Prepared
from rtcctl.api.trust import trusted
from rtcctl.errors import FailedCall, UsageError

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("rtcctl.api")

_TOO_TALKATIVE = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)
"""Loggers whose records may hold headers, and so tokens. A filter works only on the very logger that is called."""

_WHOLE = 3.0
"""A whole exchange may take so many time-outs: each is only for the wait for the next bytes."""
_HEADERS = {"Accept-Encoding": "gzip"}


class Wire:
    """Connections to one endpoint, kept alive between exchanges; the client says how many are under way at once."""

    def __init__(
        self,
        endpoint: str,
        transport: httpx.AsyncBaseTransport | None,
        timeout: float,
        exchanges: Exchanges | None = None,
    ) -> None:
        self.host = urlsplit(endpoint).netloc
        """Host and non-default port, as in the Host header."""
        self._exchanges = exchanges if exchanges is not None else Exchanges()
        self._timeout = timeout
        self._carrier = _direct(endpoint, timeout) if transport is None else _inside(endpoint, transport, timeout)
        keep_quiet()

    async def exchange(self, request: Prepared, headers: Mapping[str, str]) -> Reply:
        """Send a request and return the answer, its body read.

        Raises:
            UnreachableError: no answer, or not all of it.
            BadAnswerError: an answer that can't be decoded.
        """
        number, begun = self._exchanges.sent(request, headers), time.monotonic()
        try:
            async with asyncio.timeout(_WHOLE * self._timeout):
                response = await self._send(request, headers)
        except asyncio.CancelledError:
            self._exchanges.ended(number, request, headers, time.monotonic() - begun)
            raise
        except (CarryingError, OSError) as error:
            from rtcctl.api.unreachable import network_error

            seconds = time.monotonic() - begun
            log.debug("%s %s no answer %.3f s", request.method, request.path, seconds)
            self._exchanges.ended(number, request, headers, seconds)
            failed = _failed(request, headers, error)
            limit = self._timeout * (_WHOLE if isinstance(error, TimeoutError) else 1)
            # The cause is cut off: its text, and the request it carries, may hold headers.
            raise network_error(error, failed, self.host, limit) from None
        secrets, seconds = (*request.secrets, headers.get("X-Auth-Token", "")), time.monotonic() - begun
        id_ = response.header(REQUEST_ID)
        log.debug(
            "%s %s %d request %s %.3f s",
            request.method,
            request.path,
            response.status,
            token_like(id_, secrets) or "-",
            seconds,
        )
        status, content = response.status, response.content
        self._exchanges.ended(number, request, headers, seconds, status=status, request_id=id_, content=content)
        return response

    async def _send(self, request: Prepared, headers: Mapping[str, str]) -> Reply:
        every = {"Host": self.host, **_HEADERS, **headers}
        return await self._carrier.carry(request.method, request.target, every, request.body)

    async def close(self) -> None:
        """Close all connections."""
        await self._carrier.aclose()


def _failed(request: Prepared, headers: Mapping[str, str], error: Exception) -> FailedCall:
    """Return the call with what is known of its answer, if one came."""
    if not isinstance(error, NotDecodedError):
        return FailedCall(request.method, request.path)
    id_ = token_like(error.reply.header(REQUEST_ID), (*request.secrets, headers.get("X-Auth-Token", "")))
    return FailedCall(request.method, request.path, error.reply.status, "", id_)


def _direct(endpoint: str, timeout: float) -> Carrier:
    """Return connections of our own, or httpx's client where a proxy is in between.

    Raises:
        UsageError: a proxy or certificate setting of the environment can't be used.
    """
    try:
        authorities = trusted() if endpoint.startswith("https:") else None
        if is_loopback(endpoint) or not _names_proxies():
            return Connections(endpoint, authorities, timeout)
        from rtcctl.api.through_httpx import by_proxy

        return by_proxy(endpoint, authorities, timeout)
    except (ValueError, ImportError, OSError):  # texts may quote a proxy's password
        raise UsageError(
            "the environment's proxy or certificate settings can't be used",
            mend="check HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
        ) from None


def keep_quiet() -> None:
    """Keep the HTTP libraries' own records, which show headers at DEBUG, out of every log."""
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).addFilter(_drop)


def _drop(_: logging.LogRecord) -> bool:
    return False


def _names_proxies() -> bool:
    """Tell whether the environment, or the system's settings, name a proxy."""
    if sys.platform in ("darwin", "win32"):
        from urllib.request import getproxies

        return bool(getproxies().keys() - {"no"})
    names = (name.lower() for name, value in os.environ.items() if value)
    return any(name.endswith("_proxy") and name != "no_proxy" for name in names)


def _inside(endpoint: str, transport: httpx.AsyncBaseTransport, timeout: float) -> Carrier:
    from rtcctl.api.through_httpx import ThroughHttpx

    return ThroughHttpx(endpoint, transport, timeout)
