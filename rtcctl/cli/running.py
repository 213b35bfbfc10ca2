"""Flags of the commands that make calls: how fast, how long, and what ends them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from msgspec import Struct

from rtcctl.cli.durations import Duration

if TYPE_CHECKING:
    from rtcctl.model.ledger import ThrottleModel
    from rtcctl.operations.pace import Pace

_Command: TypeAlias = Callable[..., int]


class Running(Struct, frozen=True):
    """How a run shall go. `timeout` is in seconds."""

    parallelism: int = 10
    rate: float = 1.0
    throttle: ThrottleModel | None = None
    fail_fast: bool = False
    timeout: float | None = None

    @property
    def pace(self) -> Pace:
        """The part that concerns every call."""
        from rtcctl.operations.pace import Pace

        return Pace(self.parallelism, self.rate, self.throttle)


_PACE = (
    click.option(
        "--parallelism", type=click.IntRange(1, 100), default=10, show_default=True, help="Calls under way at once."
    ),
    click.option(
        "--rate",
        type=click.FloatRange(0.01, 100),
        default=1.0,
        show_default=True,
        metavar="FACTOR",
        help="Share of the documented limits to use; 0.5 leaves half to others.",
    ),
    click.option(
        "--throttle",
        type=click.Choice(["category", "shared"]),
        help="Whether apps, rules, automatic recording and callbacks have a limit each or one in common.  [default: a "
        "limit each, until a refused call teaches otherwise]",
    ),
)
_END = (
    click.option("--fail-fast", is_flag=True, help="Make no further call after the first failure."),
    click.option(
        "--timeout",
        type=Duration(positive=True),
        metavar="DURATION",
        help="Make no further call after 90s, 5m, 1h; calls under way then have 10 s to end.",
    ),
)


def running(command: _Command) -> _Command:
    """Add the flags that say how a run shall go, and hand them on as `Running`."""
    return _gathering(command, (*_PACE, *_END))


def pace(command: _Command) -> _Command:
    """Add only the flags that concern every call, for what runs until it is stopped; handed on as `Running` too."""
    return _gathering(command, _PACE)


def _gathering(command: _Command, flags: Sequence[Callable[[_Command], _Command]]) -> _Command:
    @functools.wraps(command)
    def gathered(
        *arguments: Any,
        parallelism: int,
        rate: float,
        throttle: ThrottleModel | None,
        fail_fast: bool = False,
        timeout: float | None = None,
        **others: Any,
    ) -> int:
        return command(*arguments, running=Running(parallelism, rate, throttle, fail_fast, timeout), **others)

    wrapped: _Command = gathered
    for option in reversed(flags):
        wrapped = option(wrapped)
    return wrapped
