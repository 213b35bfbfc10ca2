"""One HTTP exchange: sent, timed, logged, and failures put into words. No retry and no redirect happens here."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from rtcctl.api.answers import REQUEST_ID
from rtcctl.api.connections import Connections
from rtcctl.api.endpoints import is_loopback
from rtcctl.api.exchanges import Exchanges
from rtcctl.api.hiding import token_like
from rtcctl.api.preparing import Prepared
from rtcctl.errors import FailedCall, UsageError

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
"""A whole exchange may take so many time-outs; httpx itself only limits each wait for the next bytes."""


_HEADERS = {"Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
_KEPT = 100
"""Connections that are kept alive at most."""


class Wire:
    """Connections to one endpoint, kept alive between exchanges; the client says how many are under way at once."""

    def __init__(
        self,
        endpoint: str,
        transport: httpx.AsyncBaseTransport | None,
        timeout: float,
        exchanges: Exchanges | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._exchanges = exchanges if exchanges is not None else Exchanges()
        self._timeout = timeout
        self._limits = {"timeout": httpx.Timeout(timeout).as_dict()}
        self._proxied: httpx.AsyncClient | None = None
        self._transport: httpx.AsyncBaseTransport | None = transport
        if transport is None:
            self._connect(is_secure=endpoint.startswith("https:"))
        keep_quiet()

    def _connect(self, *, is_secure: bool) -> None:
        """Choose what carries requests: connections of our own, or httpx's client where a proxy is in between."""
        trust_env = not is_loopback(self._endpoint)
        variables = tuple(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        try:
            verify = _trusting(variables, trust_env) if is_secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if trust_env and getproxies().keys() - {"no"}:
                limits = httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT)
                self._proxied = httpx.AsyncClient(limits=limits, verify=verify)
            else:
                self._transport = Connections(verify)
        except (ValueError, ImportError, OSError, httpx.InvalidURL):  # texts may quote a proxy's password
            raise UsageError(
                "the environment's proxy or certificate settings can't be used",
                mend="check HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            ) from None

    @property
    def host(self) -> str:
        """Host and non-default port, as in the Host header."""
        return urlsplit(self._endpoint).netloc

    async def exchange(self, request: Prepared, headers: Mapping[str, str]) -> httpx.Response:
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
        except (httpx.HTTPError, OSError) as error:  # a transport inside the process raises plain OSErrors
            from rtcctl.api.unreachable import network_error

            seconds = time.monotonic() - begun
            log.debug("%s %s no answer %.3f s", request.method, request.path, seconds)
            self._exchanges.ended(number, request, headers, seconds)
            failed = FailedCall(request.method, request.path)
            limit = self._timeout * (_WHOLE if isinstance(error, TimeoutError) else 1)
            # The cause is cut off: its text, and the request it carries, may hold headers.
            raise network_error(error, failed, self.host, limit) from None
        secrets, seconds = (*request.secrets, headers.get("X-Auth-Token", "")), time.monotonic() - begun
        id_ = response.headers.get(REQUEST_ID, "")
        log.debug(
            "%s %s %d request %s %.3f s",
            request.method,
            request.path,
            response.status_code,
            token_like(id_, secrets) or "-",
            seconds,
        )
        status, content = response.status_code, response.content
        self._exchanges.ended(number, request, headers, seconds, status=status, request_id=id_, content=content)
        return response

    async def _send(self, request: Prepared, headers: Mapping[str, str]) -> httpx.Response:
        """Send a request as it is: without cookies and redirects, and so without the client that knows of them."""
        asked = httpx.Request(
            request.method,
            self._endpoint + request.target,
            content=request.body or None,
            headers={**_HEADERS, **headers, "Host": self.host},
            extensions=self._limits,
        )
        if self._transport is None:
            assert self._proxied is not None  # noqa: S101 - one of the two is there
            return await self._proxied.send(asked)
        response = await self._transport.handle_async_request(asked)
        response.request = asked
        await response.aread()
        await response.aclose()
        return response

    async def close(self) -> None:
        """Close all connections."""
        for each in (self._proxied, self._transport):
            if each is not None:
                await each.aclose()


def keep_quiet() -> None:
    """Keep the HTTP libraries' own records, which show headers at DEBUG, out of every log."""
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).addFilter(_drop)


def _drop(_: logging.LogRecord) -> bool:
    return False


@cache
def _trusting(_variables: tuple[str | None, ...], trust_env: bool) -> ssl.SSLContext:
    """Return what trusts the authorities that these variables name; reading them takes longer than a call."""
    return httpx.create_ssl_context(trust_env=trust_env)
