"""Runs rtcctl and kills it with SIGKILL at one boundary, as often as it is asked to: `python -m tests.survive.killed`.

A boundary is a moment just before or after something of the apply becomes durable somewhere: a request that leaves, has
left or is answered, and each write of the state. They are counted as they come; what came is appended to a trace.

Each line of standard input is an `Order` as JSON, each line of standard output how that run ended. A run is a fork of
this process, which has imported everything and done nothing: to start Python anew takes longer than an apply.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from rtcctl.api.carrier import Reply
from rtcctl.api.connections import Connection
from rtcctl.api.preparing import Prepared
from rtcctl.api.wire import Wire
from rtcctl.cli.main import run
from rtcctl.state.folder import FolderState
from rtcctl.state.objects import ObjectState
from rtcctl.state.postgres import PostgresState

_LATE = (
    "asyncio",
    "deepdiff",
    "jsonschema",
    "obstore.store",
    "psycopg",
    "rtcctl.cli.apply",
    "rtcctl.operations.workflow",
)
"""What an apply imports only when it needs it."""


@dataclass(frozen=True)
class Order:
    """A run of rtcctl with `arguments`, to be killed at boundary `number` (from 1) of those whose words `what` matches.

    `trace` is where the boundaries go, and with `.err` at its end standard error.
    """

    what: str
    number: int
    trace: str
    arguments: tuple[str, ...]
    environ: Mapping[str, str]


class Boundaries:
    """Counts, notes and, at the right one, kills."""

    def __init__(self, order: Order) -> None:
        self._what = re.compile(order.what)
        self._last = order.number
        self._met = count(1)
        self._trace = os.open(order.trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def reach(self, what: str) -> None:
        os.write(self._trace, f"{what}\n".encode())
        if self._what.match(what) and next(self._met) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def watch_requests(boundaries: Boundaries) -> None:
    """Before a write leaves, when all of it has left, and when its answer is in."""
    exchange, leave = Wire.exchange, Connection.leave

    async def watched(self: Wire, request: Prepared, headers: Mapping[str, str]) -> Reply:
        if request.method == "GET":
            return await exchange(self, request, headers)
        what = f"{request.method} {request.path}"
        boundaries.reach(f"before {what}")
        response = await exchange(self, request, headers)
        boundaries.reach(f"after the answer to {what}")
        return response

    def traced(self: Connection, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        leave(self, method, target, headers, body)
        if method != "GET":
            boundaries.reach(f"left {method} {target}")

    Wire.exchange = watched  # type: ignore[method-assign]
    Connection.leave = traced  # type: ignore[method-assign]


def watch_writes(boundaries: Boundaries) -> None:
    """Before and after each write of the state, wherever it is kept."""
    for store in (FolderState, ObjectState, PostgresState):
        for name in ("begin", "append", "save"):
            setattr(store, name, _around(getattr(store, name), name, boundaries))


def _around(method: Callable[..., None], name: str, boundaries: Boundaries) -> Callable[..., None]:
    def watched(self: object, content: Any) -> None:
        boundaries.reach(f"before {name}")
        method(self, content)
        boundaries.reach(f"after {name}")

    return watched


def carry_out(order: Order) -> int:
    """Run it in a fork; its exit code, or the signal that ended it as a negative number."""
    process = os.fork()
    if process == 0:
        _run(order)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def _run(order: Order) -> None:
    code: object = 1
    try:
        for number, path in ((0, os.devnull), (1, os.devnull), (2, f"{order.trace}.err")):
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, number)
        os.environ.clear()
        os.environ.update(order.environ)
        found = Boundaries(order)
        watch_requests(found)
        watch_writes(found)
        sys.argv = ["rtcctl", *order.arguments]
        run()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    for each in _LATE:
        importlib.import_module(each)
    for line in sys.stdin:
        sys.stdout.write(f"{carry_out(Order(**json.loads(line)))}\n")
        sys.stdout.flush()
