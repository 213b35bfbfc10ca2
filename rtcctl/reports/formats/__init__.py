"""The formats of reports, one file each: a format is there because its file is, under the file's name.

Layer: `reports`. Each has one function, `render(finished, style) -> str`, which ends without a line break. A format
reads no file, clock or environment and works nothing out: what it shows is in the value that it gets.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from rtcctl.reports.style import PLAIN, Style

if TYPE_CHECKING:
    from rtcctl.model.finished import Finished


class Format(Protocol):
    """One format."""

    def render(self, finished: Finished, style: Style) -> str:
        """Write how a command ended."""
        ...


def names() -> tuple[str, ...]:
    """Return the formats that there are; none is imported."""
    return tuple(sorted(each.stem for each in Path(__file__).parent.glob("[!_]*.py")))


def find(name: str) -> Format:
    """Return a format.

    Raises:
        ModuleNotFoundError: there is no such format.
    """
    return cast(Format, importlib.import_module(f"{__name__}.{name}"))


def render(name: str, finished: Finished, style: Style = PLAIN) -> str:
    """Write how a command ended in the format of that name.

    Raises:
        ModuleNotFoundError: there is no such format.
    """
    return find(name).render(finished, style)
