"""State in PostgreSQL: one row for the snapshot, one for each append to the journal, and an advisory lock.

The lock lives and dies with one connection, and everything that its holder writes goes through that connection, in a
statement that looks whether the lock is there: who has lost it can't write. A pooler that hands the same session to
several clients is noticed in the same way.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from typing import LiteralString

from rtcctl.errors import RtcctlError, StateLockedError, UsageError
from rtcctl.model.ledger import Binding, Delta, Ledger
from rtcctl.model.values import Secret
from rtcctl.state import codec
from rtcctl.state.database import Connection, Database, has_tables, make_tables
from rtcctl.state.holder import Holder, named
from rtcctl.state.journal import Writer
from rtcctl.state.reading import Stored, put_together

_HOLDS: LiteralString = """
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = %s AND objid = %s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid = pg_backend_pid()"""
_SIGNED: LiteralString = """
    SELECT backend, holder FROM public.rtcctl_lock JOIN pg_locks ON pid = backend
    WHERE (project, account) = (%s, %s)
      AND locktype = 'advisory' AND granted AND objsubid = 1 AND classid = %s AND objid = %s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_LOOKS = 10
_ENDING = 200
_APPEND: LiteralString = "INSERT INTO public.rtcctl_journal (project, account, number, entry) VALUES (%s, %s, %s, %s)"


class PostgresState:
    """The state of one project and account; a `Store`.

    Raises:
        UsageError: the library for it is not installed, or the URL is malformed.
    """

    is_local = False

    def __init__(self, url: Secret, binding: Binding) -> None:
        self.binding = binding
        self._database = Database(url)
        self._row = (binding.project, binding.account)
        self.place = f"{self._database.place} ({binding.project}/{binding.account})"
        digest = hashlib.sha256(f"rtcctl {binding.project}/{binding.account}".encode()).digest()
        self._key = int.from_bytes(digest[:8], "big", signed=True)
        self._key_parts = (int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big"))
        self.unfolded = False
        self._held: Connection | None = None
        self._revision: int | None = None
        self._writer: Writer | None = None

    def load(self) -> Ledger:
        """Read snapshot and journal; where there is neither, an empty ledger of a new lineage.

        Raises:
            ForeignStateError: it belongs to something else, or is damaged.
            RtcctlError: the database can't be reached.
        """
        snapshot, lines, self._revision = None, [], None
        with self._session() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            if has_tables(connection):
                query: LiteralString = (
                    "SELECT document, revision FROM public.rtcctl_state WHERE (project, account) = (%s, %s)"
                )
                found = connection.execute(query, self._row).fetchone()
                snapshot, self._revision = found or (None, None)
                query = "SELECT entry FROM public.rtcctl_journal WHERE (project, account) = (%s, %s) ORDER BY number"
                lines = [row[0].encode() for row in connection.execute(query, self._row)]
        self.unfolded = bool(lines)
        journal = f"the rows of {self._row[0]}/{self._row[1]} in rtcctl_journal at {self._database.place}"
        restore = "the version before is in the column backup of rtcctl_state; put it into document if it is good"
        return put_together(Stored(snapshot, lines, self.place, journal, restore), self.binding)

    def begin(self, base: Ledger) -> None:
        """Start a journal upon a ledger as it was loaded.

        Raises:
            StateLockedError: the lock was lost, or another run wrote.
            RtcctlError: it can't be written.
        """
        writer = Writer()
        with self._writing() as connection:
            query: LiteralString = "SELECT 1 FROM public.rtcctl_journal WHERE (project, account) = (%s, %s) LIMIT 1"
            if self._revision is None or connection.execute(query, self._row).fetchone():
                revision = self._put(connection, base)
            else:
                revision = self._revision
            connection.execute(_APPEND, (*self._row, 0, writer.head(base).decode()))
        writer.number = 1
        self._revision, self._writer, self.unfolded = revision, writer, False

    def append(self, deltas: Sequence[Delta]) -> None:
        """Add one row to the journal.

        Raises:
            StateLockedError: the lock was lost, or another run wrote.
            RtcctlError: it can't be written.
        """
        if self._writer is None:
            raise RuntimeError("append comes after begin")
        line = self._writer.line(deltas).decode()
        with self._writing() as connection:
            connection.execute(_APPEND, (*self._row, self._writer.number, line))
        self._writer.number += 1

    def save(self, ledger: Ledger) -> None:
        """Put a new snapshot in place of the one that was loaded and end the journal, in one transaction.

        Raises:
            StateLockedError: the lock was lost, or another run wrote; nothing was overwritten.
            RtcctlError: it can't be written.
        """
        with self._writing() as connection:
            revision = self._put(connection, ledger)
        self._revision, self._writer, self.unfolded = revision, None, False

    @contextlib.contextmanager
    def locked(self) -> Iterator[Holder | None]:
        """Hold the state's lock; the value is the last holder, if that one crashed.

        Raises:
            StateLockedError: another run holds it; the message names who and since when.
            RtcctlError: the database can't be reached.
        """
        connection = self._database.connect()
        try:
            with self._database.told():
                before = self._take(connection)
            self._held = connection
            yield before
        finally:
            self._held = None
            with contextlib.suppress(RtcctlError):  # closing it frees the lock in any case
                self._leave(connection)
            connection.close()

    def holder(self) -> Holder | None:
        """Return who holds the lock; None where nobody does, or who does left no word."""
        with self._session() as connection:
            return self._signed(connection)[1] if has_tables(connection) else None

    def is_held(self) -> bool:
        """Tell whether the connection and with it the lock is still there."""
        if self._held is None:
            return False
        try:
            with self._session() as connection:
                return connection.execute(_HOLDS, self._key_parts).fetchone() is not None
        except RtcctlError:
            return False

    def running(self) -> Holder | None:
        """Return who holds the lock: its connection is there, and so it is likely to live."""
        holder = self.holder()
        return None if holder is None or holder.has_ended else holder

    def unlock(self, nonce: str) -> None:
        """End the session of the run that holds the lock under this nonce: what it writes is refused from then on.

        Raises:
            UsageError: there is no lock of that nonce.
            RtcctlError: this user may not end that session, or it does not end.
        """
        with self._session() as connection:
            backend, holder = self._signed(connection) if has_tables(connection) else (0, None)
            if holder is None or holder.nonce != nonce:
                mend = f"it is held by {holder}" if holder else "it is not locked"
                raise UsageError(f"the state {self.place} has no lock {nonce}", mend=mend)
            connection.execute("SELECT pg_terminate_backend(%s)", (backend,))
            for _ in range(_ENDING):
                if self._signed(connection)[0] != backend:
                    self._forget(connection, backend)
                    return
                connection.execute("SELECT pg_sleep(0.05)")
        raise RtcctlError(f"the session that holds the state {self.place} does not end", mend="try again")

    def _take(self, connection: Connection) -> Holder | None:
        """Take the lock and sign; return the last holder if it did not sign off."""
        make_tables(connection)
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (self._key,)).fetchone()
        if row is None or not row[0]:
            holder = self._signature(connection)
            unlock = f", or free it: rtcctl state unlock {holder.nonce}" if holder is not None else ""
            raise StateLockedError(
                f"the state is locked by {named(holder)} ({self.place})",
                mend=f"wait for that run to end; the lock goes with its connection{unlock}",
            )
        query: LiteralString = "SELECT holder FROM public.rtcctl_lock WHERE (project, account) = (%s, %s)"
        left = connection.execute(query, self._row).fetchone()
        with connection.transaction():
            self._forget(connection)
            connection.execute(
                "INSERT INTO public.rtcctl_lock (project, account, backend, holder)"
                " VALUES (%s, %s, pg_backend_pid(), %s)",
                (*self._row, Holder.me().text()),
            )
        return Holder.from_text(left[0]) if left else None

    def _signature(self, connection: Connection) -> Holder | None:
        """Return who signed the lock; a holder needs a moment for that."""
        for _ in range(_LOOKS):
            holder = self._signed(connection)[1]
            if holder is not None:
                return holder
            connection.execute("SELECT pg_sleep(0.02)")
        return None

    def _leave(self, connection: Connection) -> None:
        with self._database.told():
            if connection.execute(_HOLDS, self._key_parts).fetchone():
                self._forget(connection)

    def _forget(self, connection: Connection, backend: int | None = None) -> None:
        """Remove the word of whoever signed, or of one session alone."""
        query: LiteralString = (
            "DELETE FROM public.rtcctl_lock WHERE (project, account) = (%s, %s) AND backend = coalesce(%s, backend)"
        )
        connection.execute(query, (*self._row, backend))

    def _signed(self, connection: Connection) -> tuple[int, Holder | None]:
        """Return the session that holds the lock, and what it says of itself; an earlier one's word is not taken."""
        row = connection.execute(_SIGNED, (*self._row, *self._key_parts)).fetchone()
        return (row[0], Holder.from_text(row[1])) if row else (0, None)

    def _put(self, connection: Connection, ledger: Ledger) -> int:
        """Write the snapshot over the version that was loaded, end the journal, and return the new revision."""
        values = (ledger.lineage, ledger.serial, codec.to_json(ledger))
        if self._revision is None:
            query: LiteralString = (
                "INSERT INTO public.rtcctl_state (lineage, serial, document, project, account, revision)"
                " VALUES (%s, %s, %s, %s, %s, 1) ON CONFLICT DO NOTHING RETURNING revision"
            )
            written = connection.execute(query, (*values, *self._row)).fetchone()
        else:
            query = (
                "UPDATE public.rtcctl_state SET backup = document, lineage = %s, serial = %s, document = %s,"
                " revision = revision + 1 WHERE (project, account) = (%s, %s) AND revision = %s RETURNING revision"
            )
            written = connection.execute(query, (*values, *self._row, self._revision)).fetchone()
        if written is None:
            raise self._overtaken()
        connection.execute("DELETE FROM public.rtcctl_journal WHERE (project, account) = (%s, %s)", self._row)
        return int(written[0])

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Give a transaction, which under a lock is only begun while that is still held."""
        from psycopg.errors import UniqueViolation

        with self._session() as connection:
            if self._held is None:  # taking the lock has made them
                make_tables(connection)
            try:
                with connection.transaction():
                    if self._held is not None and not connection.execute(_HOLDS, self._key_parts).fetchone():
                        raise self._overtaken()
                    yield connection
            except UniqueViolation:
                raise self._overtaken() from None

    @contextlib.contextmanager
    def _session(self) -> Iterator[Connection]:
        """Give the connection that holds the lock, else one for this time."""
        with contextlib.ExitStack() as stack:
            connection = self._held
            if connection is None:
                connection = stack.enter_context(contextlib.closing(self._database.connect()))
            try:
                with self._database.told():
                    yield connection
            except RtcctlError:
                if self._held is not None and self._held.closed:  # and with the connection went the lock
                    raise self._overtaken() from None
                raise

    def _overtaken(self) -> StateLockedError:
        return StateLockedError(
            f"the lock on the state {self.place} was lost, or another run changed it since it was read",
            mend="nothing was overwritten; run plan to see where things stand",
        )
