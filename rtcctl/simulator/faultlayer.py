"""The ASGI layer that carries faults out, outermost around the app: in-process and served alike.

A connection breaks in one of two ways. Served, the server's protocol puts a function into the scope that resets the
connection; in-process the app raises an OSError, as a socket would.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from rtcctl.simulator import errors, exchange, requestlog, scenario, tokens
from rtcctl.simulator.call import Incoming
from rtcctl.simulator.errors import ApiError, Refused
from rtcctl.simulator.routes import OPERATIONS
from rtcctl.simulator.variant_answers import rewritten

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from rtcctl.simulator.call import Simulator
    from rtcctl.simulator.faults import Fault

RESET = "rtcctl.simulator.reset"  # the member of a scope that resets its connection
FAULT = "rtcctl.simulator.fault"  # the member that tells the app, for its log, what its answer will suffer
SLOW_PARTS = 20
HTML = b"<!DOCTYPE html><html><head><title>Gateway error</title></head><body><h1>Gateway error</h1></body></html>\n"


class ResetByFaultError(ConnectionResetError):
    """In-process, the connection was reset on purpose."""


class TimedOutByFaultError(TimeoutError):
    """In-process, no answer came on purpose."""


class FaultLayer:
    """Lets calls through to the app, or not."""

    def __init__(
        self, app: ASGIApp, simulator: Simulator, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._app = app
        self._simulator = simulator
        self._sleep = sleep
        self._targets = [
            *((each.method, _pattern(each.path), each.name, f"{each.method} {each.path}") for each in OPERATIONS),
            ("POST", _pattern("/v3/auth/tokens"), tokens.OPERATION, scenario.TOKEN_ROUTE),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        board = self._simulator.faults
        if not board.scenario.faults or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        operation, route = self._target(scope)
        if operation is None:
            await self._app(scope, receive, send)
            return
        struck = board.meet(operation, route)
        if struck.delay:
            await self._sleep(struck.delay)
        if struck.fault is None:
            await self._app(scope, receive, send)
            return
        call = _Struck(self._simulator, struck.fault, operation, self._sleep, scope, receive, send)
        await call.run(self._app)

    def _target(self, scope: Scope) -> tuple[str | None, str]:
        for method, pattern, operation, route in self._targets:
            if method == scope["method"] and pattern.fullmatch(scope["path"]):
                return operation, route
        return None, ""


class _Struck:
    """One call with a fault."""

    def __init__(
        self,
        simulator: Simulator,
        fault: Fault,
        operation: str,
        sleep: Callable[[float], Awaitable[object]],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._simulator = simulator
        self._fault = fault
        self._operation = operation
        self._sleep = sleep
        self._scope = scope
        self._receive = receive
        self._send = send

    async def run(self, app: ASGIApp) -> None:
        """Let the call suffer its fault."""
        kind = self._fault.kind
        if kind in ("slow-body", "empty-body", "truncated-json"):
            await self._with_body(*await self._answer_of(app))
            return
        if self._fault.when == "after":
            await self._answer_of(app)
        else:
            body = await self._whole_request()
            self._log(self._fault.status if kind in ("status", "html") else None, body)
        if kind == "status":
            await self._error()
        elif kind == "html":
            headers = {"content-type": "text/html", "content-length": str(len(HTML))}
            await self._respond(self._fault.status, headers, [HTML])
        else:
            await self._break()

    async def _answer_of(self, app: ASGIApp) -> tuple[Message, bytes]:
        """What the app answers, kept back."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await app({**self._scope, FAULT: self._fault.kind}, self._receive, keep)
        return messages[0], b"".join(message.get("body", b"") for message in messages[1:])

    async def _with_body(self, start: Message, body: bytes) -> None:
        if self._fault.kind == "slow-body":
            size = max(1, -(-len(body) // SLOW_PARTS))
            parts = [body[begin : begin + size] for begin in range(0, len(body), size)]
        else:
            body = body[: len(body) // 2] if self._fault.kind == "truncated-json" else b""
            parts = [body]
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        if start["status"] != HTTPStatus.NO_CONTENT:
            headers.append((b"content-length", str(len(body)).encode()))
        await self._send({**start, "headers": headers})
        for part in parts:
            if self._fault.kind == "slow-body":
                await self._sleep(self._fault.seconds / len(parts))
            await self._send({"type": "http.response.body", "body": part, "more_body": True})
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _error(self) -> None:
        request_id = secrets.token_hex(16)
        answer = exchange.refusal(Refused(_error_of(self._fault.status)), request_id)
        answer = rewritten(self._operation, answer, self._simulator.options.variants)
        body = json.dumps(answer.body).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body)), "x-request-id": request_id}
        if self._fault.retry_after is not None:
            headers["retry-after"] = str(self._fault.retry_after)
        await self._respond(self._fault.status, headers, [body])

    async def _respond(self, status: int, headers: MutableMapping[str, str], parts: list[bytes]) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})
        await self._send({"type": "http.response.body", "body": b"".join(parts)})

    async def _break(self) -> None:
        """Reset the connection, after the wait of a time-out; a client that hangs up ends the wait."""
        if self._fault.kind == "timeout":
            await self._wait()
        reset = self._scope.get(RESET)
        if reset is None:
            raise ResetByFaultError if self._fault.kind == "reset" else TimedOutByFaultError
        reset()
        await self._hung_up()

    async def _wait(self) -> None:
        hung_up = asyncio.ensure_future(self._hung_up())
        over = asyncio.ensure_future(self._sleep(self._fault.seconds))
        try:
            await asyncio.wait((hung_up, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (hung_up, over):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _hung_up(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _whole_request(self) -> bytes:
        """The body of a call that the service never sees; of a long one just enough for the log to leave it out."""
        body = bytearray()
        while (message := await self._receive())["type"] == "http.request":
            body += message.get("body", b"")[: requestlog.LOGGED_BODY_BYTES + 1 - len(body)]
            if not message.get("more_body", False):
                break
        return bytes(body)

    def _log(self, status: int | None, body: bytes) -> None:
        """An entry for a call that the service never sees."""
        simulator, scope = self._simulator, self._scope
        query = scope["query_string"].decode("latin-1")
        unseen = Incoming(scope["method"], scope["path"], scope["raw_path"], query, {}, body, {})
        sent = requestlog.sent_body(unseen, self._operation)
        entry = requestlog.entry(unseen, self._operation, sent, status, simulator.options.now())
        with simulator.store.transaction():
            simulator.store.add_request({**entry, "fault": self._fault.kind})
        simulator.changed.bump()


def _error_of(status: int) -> ApiError:
    known = {401: errors.UNAUTHENTICATED, 413: errors.BODY_TOO_LARGE, 429: errors.THROTTLED, 500: errors.INTERNAL}
    # unconfirmed: what the gateway says with other statuses
    return known.get(status) or ApiError(status, "APIGW.0202", "Backend unavailable")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
