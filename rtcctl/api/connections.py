"""Connections to one endpoint, one exchange at a time on each, kept alive in between.

httpx's own pool looks through all its connections before and after each request, which takes longer than the request
does. Here the throttle says how many calls are under way, and so a list of free connections is enough. What goes on in
a connection is httpcore's, as it is there.
"""

from __future__ import annotations

import ssl

import httpcore
import httpx

EXPIRY = 5.0
"""Seconds for which a connection is kept that nobody uses, as httpx has it."""

_FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


class Connections(httpx.AsyncBaseTransport):
    """Carries the requests of a client over connections of its own, without a proxy."""

    def __init__(self, ssl_context: ssl.SSLContext) -> None:
        """Connect to nothing yet."""
        self._ssl_context = ssl_context
        self._free: list[httpcore.AsyncHTTPConnection] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the answer, its body read.

        Raises:
            httpx.TransportError: no answer, or not all of it.
        """
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        asked = httpcore.Request(
            request.method, target, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        connection = await self._connection(target.origin)
        try:
            answer = await connection.handle_async_request(asked)
            content = await answer.aread()
            await answer.aclose()
        except _FAILURES as error:
            await connection.aclose()
            raise _failure(error) from error
        except BaseException:
            await connection.aclose()
            raise
        if connection.is_idle():
            self._free.append(connection)
        else:  # the other side wants no more of it
            await connection.aclose()
        return httpx.Response(answer.status, headers=answer.headers, content=content, extensions=answer.extensions)

    async def aclose(self) -> None:
        """Close all connections."""
        while self._free:
            await self._free.pop().aclose()

    async def _connection(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        """Return the connection that was used last; what the other side has closed meanwhile is closed here, too."""
        while self._free:
            connection = self._free.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(origin, ssl_context=self._ssl_context, keepalive_expiry=EXPIRY)


def _failure(error: Exception) -> httpx.TransportError:
    """Return what httpx calls it: both libraries have the same names."""
    found: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
    return found(str(error))
