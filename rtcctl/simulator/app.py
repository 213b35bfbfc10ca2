"""The ASGI app: routes, reading bodies within the limit, writing answers, the control routes under /_simulator/."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from rtcctl.simulator import clock, control_table, exchange
from rtcctl.simulator.call import Answer, Incoming, Options, Simulator
from rtcctl.simulator.errors import INTERNAL, Refused
from rtcctl.simulator.faultlayer import FAULT, FaultLayer
from rtcctl.simulator.faults import FaultBoard
from rtcctl.simulator.routes import OPERATIONS
from rtcctl.simulator.store import Store
from rtcctl.simulator.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from rtcctl.simulator.routes import Operation

    Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(data: Path | None, options: Options) -> Starlette:
    """See `rtcctl.simulator.create_app`."""
    return app_for(open_simulator(data, options))


def open_simulator(data: Path | None, options: Options) -> Simulator:
    """The simulator on a data file; a virtual clock goes on where it stood."""
    store = Store(data)
    board, throttle = FaultBoard(options.scenario), Throttle(options.throttle)
    simulator = Simulator(store, options.accounts, options, faults=board, throttle=throttle)
    clock.resume(simulator.store, options.now)
    return simulator


def app_for(simulator: Simulator) -> Starlette:
    """The ASGI app of a simulator, which it keeps as `app.state.simulator`."""
    routes: list[BaseRoute] = [*control_table.ROUTES]
    routes += [_route(operation.path, operation.method, _endpoint(simulator, operation)) for operation in OPERATIONS]
    routes += [
        _route("/v3/auth/tokens", "POST", _token_endpoint(simulator)),
    ]
    unknown = _endpoint(simulator, None)

    async def not_routed(request: Request, _: Exception) -> Response:
        return await unknown(request)

    app = SimulatorApp(
        simulator,
        routes=routes,
        exception_handlers={404: not_routed, 405: not_routed, ClientDisconnect: _gone, Exception: _internal_error},
    )
    app.router.redirect_slashes = False
    return app


class SimulatorApp(Starlette):
    """An ASGI app with the faults around everything else."""

    def __init__(self, simulator: Simulator, **options: Any) -> None:
        super().__init__(**options)
        self.state.simulator = simulator

    def build_middleware_stack(self) -> ASGIApp:
        """Starlette's own layers, and the faults outermost."""
        return FaultLayer(super().build_middleware_stack(), self.state.simulator)


def _route(path: str, method: str, endpoint: Endpoint) -> Route:
    route = Route(path, endpoint, methods=[method])
    route.methods = {method}  # Starlette adds HEAD to GET; the gateway has no such API
    return route


def _endpoint(simulator: Simulator, operation: Operation | None) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        incoming = await _read(request)
        request_id = _request_id()
        return _response(exchange.respond(simulator, operation, incoming, request_id), request_id)

    return endpoint


def _token_endpoint(simulator: Simulator) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        incoming = await _read(request)
        request_id = _request_id()
        return _response(exchange.respond_token(simulator, incoming, request_id), request_id)

    return endpoint


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


async def _internal_error(_request: Request, _error: Exception) -> Response:
    request_id = _request_id()
    return _response(exchange.refusal(Refused(INTERNAL), request_id), request_id)


async def _read(request: Request) -> Incoming:
    """The whole request; of a body above the limit just enough to be refused."""
    scope = request.scope
    return Incoming(
        method=request.method,
        path=scope["path"],
        raw_path=scope["raw_path"],
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])},
        body=await _read_body(request),
        path_params=request.path_params,
        fault=scope.get(FAULT),
    )


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        # The rest is read and dropped: a sender that is cut off might not see the answer.
        body += chunk[: exchange.MAX_BODY_BYTES + 1 - len(body)]
    return bytes(body)


def _response(answer: Answer, request_id: str) -> Response:
    headers = {**answer.headers, "X-request-Id": request_id}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    content = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return Response(content, answer.status, headers, media_type="application/json")


def _request_id() -> str:
    return secrets.token_hex(16)
