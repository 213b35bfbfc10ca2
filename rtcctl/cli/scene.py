"""`rtcctl simulator join|leave|room|clock|fail`: what users, time and misfortune do, done to a simulator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rtcctl.cli import options, output

if TYPE_CHECKING:
    from rtcctl.operations.control import Control

_Command = TypeVar("_Command", bound=Callable[..., Any])
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}

_app = click.option("--app", metavar="NAME", help="Name or id of the app; needed where there are several.")


def _place(command: _Command) -> _Command:
    """Add the flags that say which simulator is meant."""
    for option in (
        click.option(
            "--simulator-data",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Act on this data file inside this process, instead of on a simulator that is being served.",
        ),
        click.option(
            "--endpoint",
            envvar="RTCCTL_ENDPOINT",
            metavar="URL",
            help="Where the simulator is served [env: RTCCTL_ENDPOINT; default: http://127.0.0.1:8787].",
        ),
    ):
        command = option(command)
    return command


def _control(endpoint: str | None, data: Path | None) -> Control:
    from rtcctl.operations.control import DEFAULT_ENDPOINT, Control

    return Control(endpoint or DEFAULT_ENDPOINT, data)


class Duration(click.ParamType[float]):
    """Seconds, or a number with s, m, h or d behind it."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read `90`, `90s`, `1.5m`, `12h`."""
        found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)([smhd]?)", str(value))
        if found is None:
            self.fail(f"{value!r} is not a time such as 30s, 5m or 12h", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


@click.command()
@_place
@_app
@click.argument("room")
@click.argument("users", nargs=-1, required=True, metavar="USER...")
@click.option(
    "--role",
    type=click.Choice(["joiner", "publisher", "player"]),
    default="joiner",
    show_default=True,
    help="Only joiners and publishers keep a job from being idle.",
)
@click.option("--camera/--no-camera", default=None, help="Send a camera picture [default: unless a player].")
@click.option("--audio/--no-audio", default=None, help="Send sound [default: unless a player].")
@click.option("--screen/--no-screen", default=None, help="Share the screen [default: no].")
def join(
    endpoint: str | None,
    simulator_data: Path | None,
    app: str | None,
    room: str,
    users: tuple[str, ...],
    role: str,
    camera: bool | None,
    audio: bool | None,
    screen: bool | None,
) -> None:
    """Let users enter a ROOM; one who is there already changes role and streams."""
    from rtcctl.operations.control import part

    control = _control(endpoint, simulator_data)
    path = f"/apps/{part(app or control.only_app())}/rooms/{part(room)}/join"
    asked = {"camera": camera, "screen": screen, "audio": audio}
    for user in users:
        streams = {name: sent for name, sent in asked.items() if sent is not None}
        found = control.post(path, {"user_id": user, "role": role, **streams})
        (member,) = (each for each in found["users"] if each["user_id"] == user)
        sends = ", ".join(name for name in asked if member[name]) or "nothing"
        output.result(f"{user} joined {room} as {role}, sending {sends}.")


@click.command()
@_place
@_app
@click.argument("room")
@click.argument("users", nargs=-1, required=True, metavar="USER...")
def leave(
    endpoint: str | None, simulator_data: Path | None, app: str | None, room: str, users: tuple[str, ...]
) -> None:
    """Let users leave a ROOM."""
    from rtcctl.operations.control import part

    control = _control(endpoint, simulator_data)
    path = f"/apps/{part(app or control.only_app())}/rooms/{part(room)}/leave"
    for user in users:
        control.post(path, {"user_id": user})
        output.result(f"{user} left {room}.")


@click.command()
@_place
@_app
@options.output
@click.argument("room", required=False)
def room(endpoint: str | None, simulator_data: Path | None, app: str | None, format_: str, room: str | None) -> None:
    """Show who is in which room, or in one ROOM, of all apps or of one."""
    from rtcctl.reports import rooms as report

    state = _control(endpoint, simulator_data).get("/state")
    found = report.rooms(state, app, room)
    output.result(json.dumps(found, indent=2, ensure_ascii=False) if format_ == "json" else report.text(found))


@click.command()
@_place
@options.output
@click.option("--advance", type=Duration(), metavar="TIME", help="Let so much time pass: 90, 30s, 5m, 12h.")
def clock(endpoint: str | None, simulator_data: Path | None, format_: str, advance: float | None) -> None:
    """Show the simulator's clock; advance it, if it is a virtual one (simulator serve --clock virtual)."""
    control = _control(endpoint, simulator_data)
    found = control.get("/clock") if advance is None else control.post("/clock", {"advance": advance})
    output.result(
        json.dumps(found)
        if format_ == "json"
        else f"{found['now']} ({'virtual' if found['virtual'] else 'real'} clock)"
    )


@click.command()
@_place
@click.argument("job_id")
def fail(endpoint: str | None, simulator_data: Path | None, job_id: str) -> None:
    """Let the job JOB_ID end with INTERNAL_ERROR."""
    from rtcctl.operations.control import part

    _control(endpoint, simulator_data).post(f"/jobs/{part(job_id)}/fail")
    output.result(f"The job {job_id} has failed.")
