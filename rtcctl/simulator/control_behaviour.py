"""The control API of how the simulator behaves, and of its whole state.

    GET    /_simulator/faults     the scenario, and of each fault how many calls it met and struck
    PUT    /_simulator/faults     a scenario; sets the limits too when it has a member `throttle` -> as GET
    DELETE /_simulator/faults     no faults any more
    GET    /_simulator/throttle   how the limits are held, and every counter that was used
    PUT    /_simulator/throttle   {"scope", "window", "minute", "retry_after"}, all optional; counters start anew
    DELETE /_simulator/throttle   no limits any more
    GET    /_simulator/variants   {name: {"on", "what", "where"}}
    GET    /_simulator/requests   the request log, oldest first; ?format=jsonl one entry a line; ?after=ID newer ones
    DELETE /_simulator/requests   empties it
    GET    /_simulator/snapshot   everything, as one SQLite file
    POST   /_simulator/restore    such a file as the body: everything is as it was then

Faults and limits are of the process: neither the data file nor a snapshot holds them.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from rtcctl.simulator import clock, scenario, snapshot
from rtcctl.simulator.control import PREFIX, ControlError, refuse_foreign_pages, route
from rtcctl.simulator.faults import NO_FAULTS
from rtcctl.simulator.throttle import ThrottleOptions
from rtcctl.simulator.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from rtcctl.simulator.call import Simulator
    from rtcctl.simulator.control import ControlCall
    from rtcctl.simulator.store import Document

MAX_SNAPSHOT_BYTES = 1024 * 1024 * 1024
SQLITE = "application/vnd.sqlite3"


def _show_faults(call: ControlCall) -> Document:
    board = call.simulator.faults
    document = scenario.shown(board.scenario)
    faults = [{**fault, **counts} for fault, counts in zip(document["faults"], board.counts(), strict=True)]
    return {**document, "faults": faults}


def _set_faults(call: ControlCall) -> Document:
    try:
        loaded = scenario.parsed(call.body)
    except ValueError as error:
        raise ControlError(400, str(error)) from None
    call.simulator.faults.set(loaded.scenario)
    if loaded.sets_throttle:
        call.simulator.throttle.set(loaded.throttle)
    return _show_faults(call)


def _clear_faults(call: ControlCall) -> None:
    call.simulator.faults.set(NO_FAULTS)


def _show_throttle(call: ControlCall) -> Document:
    return call.simulator.throttle.shown(call.simulator.options.now())


def _set_throttle(call: ControlCall) -> Document:
    try:
        call.simulator.throttle.set(ThrottleOptions.parsed(call.body))
    except ValueError as error:
        raise ControlError(400, str(error)) from None
    return _show_throttle(call)


def _clear_throttle(call: ControlCall) -> None:
    call.simulator.throttle.set(None)


def _show_variants(call: ControlCall) -> Document:
    on = call.simulator.options.variants
    return {name: {"on": name in on, "what": each.what, "where": each.where} for name, each in VARIANTS.items()}


async def _show_requests(request: Request) -> Response:
    after = request.query_params.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 18):
        return JSONResponse({"error": "after: the id of an entry is needed"}, 400)
    entries = _simulator(request).store.requests(after=int(after))
    if request.query_params.get("format") == "jsonl":
        lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
        return Response(lines.encode(errors="backslashreplace"), media_type="application/jsonl")
    return JSONResponse(entries)


def _clear_requests(call: ControlCall) -> None:
    call.simulator.store.clear_requests()


async def _snapshot(request: Request) -> Response:
    with tempfile.NamedTemporaryFile(suffix=".db", delete=False) as file:
        path = Path(file.name)
    snapshot.take(_simulator(request).store, path)
    return FileResponse(
        path, media_type=SQLITE, filename="simulator.db", background=BackgroundTask(path.unlink, missing_ok=True)
    )


async def _restore(request: Request) -> Response:
    simulator = _simulator(request)
    try:
        with tempfile.NamedTemporaryFile(suffix=".db") as file:
            await _receive(request, file)
            snapshot.restore(simulator.store, Path(file.name))
    except ValueError as error:
        return JSONResponse({"error": str(error)}, 400)
    clock.restore(simulator.store, simulator.options.now)
    simulator.changed.bump()
    return Response(status_code=204)


async def _receive(request: Request, file: IO[bytes]) -> None:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MAX_SNAPSHOT_BYTES:
            file.write(chunk)
    file.flush()
    if size > MAX_SNAPSHOT_BYTES:
        raise ControlError(400, "the snapshot is too large")


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


def _plain(method: str, path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    async def guarded(request: Request) -> Response:
        try:
            refuse_foreign_pages(request)
            return await endpoint(request)
        except ControlError as error:
            return JSONResponse({"error": error.text}, error.status)

    made = Route(PREFIX + path, guarded, methods=[method])
    made.methods = {method}  # as the other routes: no HEAD
    return made


ROUTES = [
    route("GET", "/faults", _show_faults),
    route("PUT", "/faults", _set_faults),
    route("DELETE", "/faults", _clear_faults),
    route("GET", "/throttle", _show_throttle),
    route("PUT", "/throttle", _set_throttle),
    route("DELETE", "/throttle", _clear_throttle),
    route("GET", "/variants", _show_variants),
    _plain("GET", "/requests", _show_requests),
    route("DELETE", "/requests", _clear_requests),
    _plain("GET", "/snapshot", _snapshot),
    _plain("POST", "/restore", _restore),
]
