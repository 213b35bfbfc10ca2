"""Durations as people type them: `30s`, `5m`, `1h`, or plain seconds."""

from __future__ import annotations

import re

import click

_FORM = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(s|m|h)?")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Duration(click.ParamType):  # type: ignore[type-arg]  # older versions of click know no argument
    """A length of time; its value is in seconds."""

    name = "duration"

    def __init__(self, *, positive: bool = False) -> None:
        """Take any length of time, or only one that is not 0."""
        self._positive = positive

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a duration; a number is one already.

        Raises:
            click.BadParameter: it is none.
        """
        if isinstance(value, (int, float)):
            return float(value)
        found = _FORM.fullmatch(value)
        if found is None:
            self.fail(f"{value!r} is not a duration such as 30s, 5m or 1h", param, ctx)
        seconds = float(found[1]) * _SECONDS[found[2] or "s"]
        if self._positive and not seconds:
            self.fail("it must be longer than 0", param, ctx)
        return seconds
