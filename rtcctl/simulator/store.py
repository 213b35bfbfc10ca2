"""All SQL of the simulator: objects as rows with a JSON document, tokens as digests, the request log.

An object is found by (kind, account, parent, id) and, where the API has one, by its natural key. The file is in WAL
mode: a commit survives the end of the process, however it ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Document = dict[str, Any]

VERSION = 1
BUSY_SECONDS = 10
KEPT_REQUESTS = 10_000

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, account TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL,
    natural_key TEXT, state TEXT, document TEXT NOT NULL,
    UNIQUE (kind, account, parent, id), UNIQUE (kind, account, parent, natural_key)
);
CREATE INDEX IF NOT EXISTS objects_in_order ON objects (kind, account, parent, seq);
CREATE INDEX IF NOT EXISTS objects_by_state ON objects (kind, account, parent, state, seq);
CREATE TABLE IF NOT EXISTS tokens (digest TEXT PRIMARY KEY, account TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS requests (id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
"""
SCHEMA_ROWS = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"


class Store:
    """One SQLite database, usable from any thread and event loop, one transaction at a time."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            # The file holds app keys and callback keys; SQLite gives its side files the same mode. One that is there
            # is left alone: closing it would drop the locks of another store in this process.
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self.close = weakref.finalize(self, self._db.close)  # in-process users send no shutdown event
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # in WAL mode this still survives a killed process
        with self.transaction():
            self._prepare(path)

    def _prepare(self, path: Path | None) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, VERSION):
            raise ValueError(f"{path}: data of another simulator version ({found}, not {VERSION})")
        for statement in SCHEMA.split(";"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, or roll back on any exception."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.commit()
            except BaseException:
                self._db.rollback()
                raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happened inside on any exception, but not the transaction around it."""
        self._db.execute("SAVEPOINT call")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO call")
            raise
        finally:
            self._db.execute("RELEASE call")

    def collection(self, kind: str, account: str, parent: str = "") -> Collection:
        """The objects of one kind in an account, or under one app of it."""
        return Collection(self._db, (kind, account, parent))

    def find(self, kind: str, id: str) -> tuple[str, str, Document] | None:  # noqa: A002 - the column's name
        """Account, parent and document of the only object that has this id under whatever parent, else None."""
        query = "SELECT account, parent, document FROM objects WHERE kind = ? AND id = ? LIMIT 2"
        rows = self._db.execute(query, (kind, id)).fetchall()
        return (rows[0][0], rows[0][1], json.loads(rows[0][2])) if len(rows) == 1 else None

    def copy_to(self, other: sqlite3.Connection) -> None:
        """Copy the whole database into another one, between two transactions."""
        with self._lock:
            self._db.backup(other)

    def copy_from(self, other: sqlite3.Connection) -> None:
        """Replace the whole database by another one, in one transaction of SQLite's."""
        with self._lock:
            other.backup(self._db)
            self._db.execute("PRAGMA journal_mode = WAL")  # a copy brings its own mode

    def schema(self) -> list[tuple[str, str, str]]:
        """Type, name and text of every table and index."""
        with self._lock:
            return self._db.execute(SCHEMA_ROWS).fetchall()

    def add_token(self, digest: str, account: str, expires_at: float, now: float) -> None:
        """Remember a token by its digest and forget the expired ones; times are epoch seconds."""
        self._db.execute("DELETE FROM tokens WHERE expires_at <= ?", (now,))
        self._db.execute("INSERT INTO tokens VALUES (?, ?, ?)", (digest, account, expires_at))

    def token_account(self, digest: str, now: float) -> str | None:
        """The name of the account that a valid token belongs to."""
        row = self._db.execute("SELECT account FROM tokens WHERE digest = ? AND expires_at > ?", (digest, now))
        found = row.fetchone()
        return None if found is None else str(found[0])

    def add_request(self, entry: Document) -> None:
        """Append to the request log, which keeps the newest KEPT_REQUESTS entries."""
        row = self._db.execute("INSERT INTO requests (entry) VALUES (?)", (json.dumps(entry),))
        self._db.execute("DELETE FROM requests WHERE id <= ?", ((row.lastrowid or 0) - KEPT_REQUESTS,))

    def requests(self, newest: int = -1, *, after: int = 0) -> list[Document]:
        """The request log, oldest first: the newest entries (-1: all) of those with an id above `after`."""
        query = "SELECT id, entry FROM requests WHERE id > ? ORDER BY id DESC LIMIT ?"
        with self._lock:
            rows = self._db.execute(query, (after, newest)).fetchall()
        return [{"id": number, **json.loads(entry)} for number, entry in reversed(rows)]

    def clear_requests(self) -> None:
        """Empty the request log; numbering goes on. Used within a transaction."""
        self._db.execute("DELETE FROM requests")


class Collection(Struct, frozen=True):
    """The objects of one kind under one parent. Used within a transaction of the store."""

    db: sqlite3.Connection
    place: tuple[str, str, str]

    def get(self, id: str) -> Document | None:  # noqa: A002 - the column's name
        """The document of an object, or None."""
        return self._one("id", id)

    def by_key(self, natural_key: str) -> Document | None:
        """The document of the object that has this natural key, or None."""
        return self._one("natural_key", natural_key)

    def put(self, id: str, document: Document, *, key: str | None = None, state: str | None = None) -> None:  # noqa: A002
        """Insert or replace an object; a replaced one keeps its place in the order."""
        self.db.execute(
            "INSERT INTO objects (kind, account, parent, id, natural_key, state, document)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, account, parent, id) DO UPDATE SET"
            " natural_key = excluded.natural_key, state = excluded.state, document = excluded.document",
            (*self.place, id, key, state, json.dumps(document)),
        )

    def delete(self, id: str) -> None:  # noqa: A002
        """Remove an object."""
        self.db.execute(
            "DELETE FROM objects WHERE kind = ? AND account = ? AND parent = ? AND id = ?", (*self.place, id)
        )

    def clear(self) -> None:
        """Remove every object of the collection."""
        self.db.execute("DELETE FROM objects WHERE kind = ? AND account = ? AND parent = ?", self.place)

    def count(self, state: str | None = None) -> int:
        """How many objects there are, or are in a state."""
        where, values = self._where(state)
        return int(self.db.execute(f"SELECT count(*) FROM objects WHERE {where}", values).fetchone()[0])  # noqa: S608

    def list(
        self, state: str | None = None, *, start: int = 0, size: int = -1, newest_first: bool = False
    ) -> list[Document]:
        """Documents in order of creation, from the one at `start` on; `size` -1 means all."""
        where, values = self._where(state)
        order = "seq DESC" if newest_first else "seq"
        query = f"SELECT document FROM objects WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        return [json.loads(row[0]) for row in self.db.execute(query, (*values, size, start))]

    def first(self, most: str) -> Document | None:
        """The object with the least state up to `most`, for states that sort."""
        query = (
            "SELECT document FROM objects WHERE kind = ? AND account = ? AND parent = ? AND state <= ?"
            " ORDER BY state, seq LIMIT 1"
        )
        row = self.db.execute(query, (*self.place, most)).fetchone()
        return None if row is None else json.loads(row[0])

    def _one(self, column: str, value: str) -> Document | None:
        row = self.db.execute(
            f"SELECT document FROM objects WHERE kind = ? AND account = ? AND parent = ? AND {column} = ?",  # noqa: S608
            (*self.place, value),
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def _where(self, state: str | None) -> tuple[str, tuple[str, ...]]:
        where = "kind = ? AND account = ? AND parent = ?"
        return (where, self.place) if state is None else (f"{where} AND state = ?", (*self.place, state))
