"""The SparkRTC API and the IAM token call on loopback, with all data in one SQLite file.

It answers as the API description says and shares no code with the client or the planner, so that a mistake on one side
shows. Importing this package is cheap: the web framework is loaded by the first call that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator.accounts import ACCOUNT, SimulatedAccount
from rtcctl.simulator.call import Options
from rtcctl.simulator.clock import VirtualClock
from rtcctl.simulator.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from starlette.applications import Starlette

__all__ = ["ACCOUNT", "Options", "SimulatedAccount", "VirtualClock", "create_app", "request_log", "serve"]


def create_app(
    data: Path | None = None,
    *,
    now: Callable[[], datetime] = utc_now,
    start_delay: float = 0.2,
    accounts: tuple[SimulatedAccount, ...] = (ACCOUNT,),
    options: Options | None = None,
) -> Starlette:
    """The simulator as an ASGI app; it needs no lifespan events.

    Args:
        data: the SQLite file, made with its folder when it is missing; None keeps everything in memory.
        now: the clock, aware of its time zone.
        start_delay: seconds a job stays INIT.
        accounts: whom it knows.
        options: these and all others; given, the three before it are not looked at.

    Raises:
        sqlite3.DatabaseError: the file is not a SQLite file.
        ValueError: the file was written by another version of the simulator.
    """
    from rtcctl.simulator.app import build_app  # loads Starlette

    return build_app(data, options or Options(now=now, start_delay=start_delay, accounts=accounts))


def serve(
    data: Path | None,
    *,
    port: int,
    ready: Callable[[str], None],
    options: Options | None = None,
    host: str = "127.0.0.1",
) -> None:
    """Serve until SIGINT or SIGTERM, then return.

    Args:
        data: as for `create_app`.
        port: TCP port; 0 picks a free one.
        ready: called once with the base URL as soon as connections are accepted.
        options: how it behaves; by default with the real clock.
        host: the address to listen on. Whoever reaches it can do anything: the control API asks for no credentials.

    Raises:
        OSError: the port is taken.
    """
    from rtcctl.simulator.server import serve as run  # loads uvicorn

    run(data, port=port, ready=ready, options=options or Options(), host=host)


def request_log(source: Starlette | Path) -> list[dict[str, Any]]:
    """The API requests an app, or the app that wrote a data file, has answered; oldest first, secrets masked."""
    from rtcctl.simulator.requestlog import read_log  # loads Starlette

    return read_log(source)
