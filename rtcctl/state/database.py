"""A PostgreSQL server: connections with time-outs, the tables, and failures told in our own words.

The library's own words are never passed on: where a URL is malformed they hold pieces of its password.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, LiteralString, TypeAlias

from rtcctl.errors import CredentialsError, RtcctlError, UsageError
from rtcctl.model.values import Secret

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

_EXTRA = "pip install 'rtcctl[postgres]'"
_MALFORMED = "write postgresql://USER@HOST/DATABASE; a password's special characters have to be %-encoded"
_GRANT = (
    "the user needs the tables public.rtcctl_*, CREATE on schema public for the first run, and pg_signal_backend to"
    " unlock another user's run"
)
_SAFE = {"host": r"[\w.,:\[\]%/-]*", "port": r"[\d,]*", "dbname": r"[\w.$ -]*"}
# A runner that is cut off from the network must not hold its lock for hours, on either side.
_DEFAULTS = {
    "connect_timeout": "10",
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "application_name": "rtcctl",
}
_SESSION: LiteralString = """
    SELECT set_config('statement_timeout', '60s', false), set_config('lock_timeout', '15s', false),
           set_config('tcp_keepalives_idle', '20', false), set_config('tcp_keepalives_interval', '10', false),
           set_config('tcp_keepalives_count', '3', false),
           set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), false)"""
_REASONS = (
    ("password", "the user or the password was not accepted", "check the URL, PGPASSWORD or ~/.pgpass"),
    ("does not exist", "there is no such database or user", "create it, or correct the URL"),
    ("pg_hba.conf", "the server does not let this user in from here", "ask who runs the server"),
    ("resolve", "the host is not known", "check the URL"),
    ("refused", "nobody listens there", "check host and port, and that the server runs"),
    ("timeout", "there was no answer in time", "check the network"),
    ("SSL", "the server and the URL disagree about TLS", "check sslmode in the URL"),
)
_TABLES: tuple[LiteralString, ...] = (
    """CREATE TABLE IF NOT EXISTS public.rtcctl_state (
        project text, account text, lineage text NOT NULL, serial bigint NOT NULL, revision bigint NOT NULL,
        document text NOT NULL, backup text, PRIMARY KEY (project, account))""",
    """CREATE TABLE IF NOT EXISTS public.rtcctl_journal (
        project text, account text, number integer, entry text NOT NULL, PRIMARY KEY (project, account, number))""",
    """CREATE TABLE IF NOT EXISTS public.rtcctl_lock (
        project text, account text, backend integer NOT NULL, holder text NOT NULL, PRIMARY KEY (project, account))""",
)
_CREATING = 0x727463637471  # any number, but the same in each version


class Database:
    """The database that a URL names; `place` may be shown.

    Raises:
        UsageError: the library for it is not installed, or the URL is malformed.
    """

    def __init__(self, url: Secret) -> None:
        try:
            import psycopg
            from psycopg.conninfo import conninfo_to_dict, make_conninfo
        except ImportError:
            raise UsageError("a state in PostgreSQL needs the library psycopg", mend=_EXTRA) from None
        try:
            given = conninfo_to_dict(url.reveal())
        except (psycopg.Error, ValueError):
            raise UsageError("the state's PostgreSQL URL is malformed", mend=_MALFORMED) from None
        found = {name: str(given.get(name) or "") for name in _SAFE}
        if any(re.fullmatch(pattern, found[name]) is None for name, pattern in _SAFE.items()):
            raise UsageError("the state's PostgreSQL URL is malformed", mend=_MALFORMED)
        port = f":{found['port']}" if found["port"] else ""
        self.place = f"postgresql://{found['host'] or 'localhost'}{port}/{found['dbname']}"
        wanted = {name: value for name, value in _DEFAULTS.items() if name not in given}
        self._conninfo = Secret(make_conninfo(url.reveal(), **wanted), url.origin)

    def connect(self) -> Connection:
        """Open a connection in which every statement stands for itself.

        Raises:
            CredentialsError: the server does not let us in.
            RtcctlError: it can't be reached.
        """
        import psycopg

        try:
            connection = psycopg.connect(self._conninfo.reveal(), autocommit=True)
        except (psycopg.Error, OSError, UnicodeError) as error:
            raise _no_connection(str(error), self.place) from None
        with self.told(), _closed_on_error(connection):
            connection.execute(_SESSION)
        return connection

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Turn what the server says into an error of ours.

        Raises:
            RtcctlError: something failed.
        """
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            what, state = type(error).__name__, error.sqlstate or "no SQLSTATE"
            if isinstance(error, psycopg.errors.InsufficientPrivilege):
                mend = _GRANT
            else:
                mend = "see the server's log; then run plan"
            raise RtcctlError(f"the state's database {self.place} failed: {what} ({state})", mend=mend) from None


def has_tables(connection: Connection) -> bool:
    """Tell whether the tables were made."""
    names = ("state", "journal", "lock")
    query: LiteralString = "SELECT " + ", ".join("to_regclass(%s) IS NOT NULL" for _ in names)
    row = connection.execute(query, [f"public.rtcctl_{name}" for name in names]).fetchone()
    return row is not None and all(row)


def make_tables(connection: Connection) -> None:
    """Make the tables unless they are there; IF NOT EXISTS alone fails where two make them at once."""
    if has_tables(connection):
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_CREATING,))
        for statement in _TABLES:
            connection.execute(statement)


@contextlib.contextmanager
def _closed_on_error(connection: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _no_connection(said: str, place: str) -> RtcctlError:
    for word, what, mend in _REASONS:
        if word in said:
            kind = CredentialsError if word in ("password", "pg_hba.conf") else RtcctlError
            return kind(f"can't open the state's database {place}: {what}", mend=mend)
    return RtcctlError(f"can't open the state's database {place}", mend="check the URL, and the server's log")
