"""The whole state as one SQLite file, taken and put back while calls go on, with SQLite's backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from rtcctl.simulator.store import SCHEMA_ROWS, VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from rtcctl.simulator.store import Store


def take(store: Store, path: Path) -> None:
    """Write a copy of everything to a file that isn't there yet or is empty; it is of one moment between two calls."""
    with closing(sqlite3.connect(path)) as copy:
        store.copy_to(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # no side files


def restore(store: Store, path: Path) -> None:
    """Replace everything by a copy. ValueError: the file is none, or of another version; then nothing is changed."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            copy.execute("PRAGMA trusted_schema = OFF")
            _check(store, copy)
            store.copy_from(copy)
    except sqlite3.DatabaseError as error:
        raise ValueError(f"not a snapshot: {error}") from None


def _check(store: Store, copy: sqlite3.Connection) -> None:
    # The schema must be ours to the letter: a view or a trigger of somebody else's would run here.
    version = copy.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION or copy.execute(SCHEMA_ROWS).fetchall() != store.schema():
        raise ValueError("not a snapshot of this version of the simulator")
    problem = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise ValueError(f"not a sound snapshot: {problem}")
