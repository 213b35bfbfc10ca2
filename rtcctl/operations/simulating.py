"""The simulator's own troubles, such as a taken port or a file that is no data file, as errors of ours."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rtcctl.errors import UsageError


@contextlib.contextmanager
def opening(data: Path | None, port: int | None = None) -> Iterator[None]:
    """Translate what opening the simulator may raise; it shares no code with us, not even errors.

    Raises:
        UsageError: it can't be opened.
    """
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        mend = "name another file with --simulator-data (simulator serve: --data), or remove it to start anew"
        raise UsageError(f"{data} is not usable as data of the simulator: {error}", mend=mend) from None
    except OSError as error:
        where = f"on port {port}" if port is not None else f"with {data}"
        mend = "choose another place; --port 0 picks a free port" if port is not None else "choose another place"
        raise UsageError(f"the simulator can't start {where}: {error.strerror or error}", mend=mend) from None
