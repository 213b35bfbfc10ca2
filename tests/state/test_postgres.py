"""PostgreSQL: its tables, its lock, and passwords that appear nowhere."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from rtcctl.errors import CredentialsError, ExitCode, ForeignStateError, RtcctlError, StateLockedError, UsageError
from rtcctl.model.ledger import Delta
from rtcctl.model.values import Secret
from rtcctl.state.database import Database, has_tables, make_tables
from rtcctl.state.postgres import PostgresState

from .places import Place
from .servers import PASSWORD, QUOTED_PASSWORD
from .support import BINDING, full_ledger

HIDDEN = ("fake-p", "ss/word", "ss%2Fword", "of-tests")


@pytest.fixture
def empty(database: str) -> str:
    """A database without tables, and a user who owns nothing in it."""
    with contextlib.closing(psycopg.connect(database, autocommit=True)) as admin:
        admin.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
        admin.execute("CREATE DATABASE empty")
        with contextlib.suppress(psycopg.errors.DuplicateObject):
            admin.execute("CREATE ROLE guest LOGIN PASSWORD 'fake-guest-password'")
    return database.rpartition("/")[0] + "/empty"


def guest(url: str) -> str:
    return "postgresql://guest:fake-guest-password@" + url.rpartition("@")[2]


def state_at(url: str) -> PostgresState:
    return PostgresState(Secret(url, "RTCCTL_STATE"), BINDING)


def told(error: RtcctlError) -> str:
    return f"{error} {error.message} {error.mend} {error!r} {error.__cause__!r}"


def test_a_plan_reads_and_makes_no_tables(empty: str) -> None:
    assert state_at(empty).load().entries == {}
    assert state_at(empty).holder() is None
    with pytest.raises(UsageError, match="has no lock fake"):
        state_at(empty).unlock("fake")
    with contextlib.closing(psycopg.connect(empty)) as connection:
        assert not has_tables(connection)


def test_twenty_that_make_the_tables_at_once_all_succeed(empty: str) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(20)

    def make() -> None:
        try:
            with contextlib.closing(Database(Secret(empty, "test")).connect()) as connection:
                together.wait(30)
                make_tables(connection)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    state = state_at(empty)
    state.load()
    state.save(full_ledger())
    assert state_at(empty).load() == full_ledger()


def test_a_user_who_may_not_make_tables_is_told_what_it_takes(empty: str) -> None:
    state = state_at(guest(empty))
    state.load()
    with pytest.raises(RtcctlError, match=r"failed: InsufficientPrivilege \(42501\)") as caught:
        state.save(full_ledger())
    assert "CREATE on schema public" in caught.value.mend
    assert "fake-guest-password" not in told(caught.value)


def test_a_user_who_may_not_end_the_holders_session_is_told(empty: str) -> None:
    store = state_at(empty)
    with store.locked():
        holder = store.holder()
        assert holder is not None
        with contextlib.closing(psycopg.connect(empty, autocommit=True)) as admin:
            admin.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest")
        with pytest.raises(RtcctlError, match="InsufficientPrivilege") as caught:
            state_at(guest(empty)).unlock(holder.nonce)
        assert "pg_signal_backend" in caught.value.mend
        assert state_at(guest(empty)).holder() == holder


def test_a_session_that_does_not_end_is_told(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("postgresql", database, "endless")
    with place.open().locked():
        holder = place.open().holder()
        assert holder is not None
        monkeypatch.setattr("rtcctl.state.postgres._ENDING", 0)
        with pytest.raises(RtcctlError, match="does not end"):
            place.open().unlock(holder.nonce)


def test_a_run_that_takes_a_lock_right_after_it_was_unlocked_keeps_it(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place("postgresql", database, "quick")
    first, second, third = place.open(), place.open(), place.open()
    assert isinstance(third, PostgresState)
    with first.locked(), contextlib.ExitStack() as stack:
        holder = third.holder()
        assert holder is not None
        real = PostgresState._forget

        def overtaken(self: PostgresState, *arguments: Any) -> None:
            if self is third:
                stack.enter_context(second.locked())
            real(self, *arguments)

        monkeypatch.setattr(PostgresState, "_forget", overtaken)
        third.unlock(holder.nonce)
        now = third.holder()
        assert now is not None
        assert now.nonce != holder.nonce
        second.load()
        second.save(replace(full_ledger(), binding=place.binding))


def test_the_backup_is_the_version_before(database: str) -> None:
    place = Place("postgresql", database, "backups")
    store = place.open()
    store.load()
    for serial in (1, 2):
        store.save(replace(full_ledger(), binding=place.binding, serial=serial))
    with contextlib.closing(psycopg.connect(database)) as connection:
        query = "SELECT serial, lineage, backup::jsonb->>'serial' FROM rtcctl_state WHERE project = 'backups'"
        assert connection.execute(query).fetchone() == (2, full_ledger().lineage, "1")


def test_each_append_is_a_row_of_its_own_and_the_fold_ends_them(database: str) -> None:
    place = Place("postgresql", database, "rows")
    store = place.open()
    store.begin(store.load())
    store.append([Delta(serial=1), Delta(serial=2)])
    store.append([Delta(serial=3)])
    query = "SELECT number FROM rtcctl_journal WHERE project = 'rows' ORDER BY number"
    with contextlib.closing(psycopg.connect(database, autocommit=True)) as connection:
        assert connection.execute(query).fetchall() == [(0,), (1,), (2,)]
        store.save(replace(full_ledger(), binding=place.binding))
        assert connection.execute(query).fetchall() == []


def test_a_damaged_row_is_told_with_its_place(database: str) -> None:
    place = Place("postgresql", database, "damaged")
    store = place.open()
    store.begin(store.load())
    with contextlib.closing(psycopg.connect(database, autocommit=True)) as connection:
        connection.execute("INSERT INTO rtcctl_journal VALUES ('damaged', 'default', 1, '00000000 {}')")
    with pytest.raises(ForeignStateError, match="line 2: its checksum does not fit") as caught:
        place.open().load()
    assert "damaged/default in rtcctl_journal" in caught.value.mend


def test_the_word_of_an_earlier_holder_is_not_taken_for_the_present_ones(database: str) -> None:
    store = Place("postgresql", database, "words").open()
    with store.locked():
        with contextlib.closing(psycopg.connect(database, autocommit=True)) as connection:
            connection.execute("UPDATE rtcctl_lock SET backend = 0 WHERE project = 'words'")
        other = Place("postgresql", database, "words").open()
        with pytest.raises(StateLockedError, match="locked by another run"), other.locked():
            raise AssertionError
        assert other.holder() is None


def test_a_session_that_is_not_the_one_that_took_the_lock_writes_nothing(database: str) -> None:
    place = Place("postgresql", database, "pooled")
    store = place.open()
    assert isinstance(store, PostgresState)
    with store.locked():
        ledger = store.load()
        assert store._held is not None
        store._held.execute("SELECT pg_advisory_unlock_all()")  # as a pooler does between two clients
        for write in (store.save, store.begin):
            with pytest.raises(StateLockedError, match="lost"):
                write(ledger)
        assert place.open().load().entries == {}


UNREACHABLE = (
    ("@127.0.0.1:1/x", "nobody listens there"),
    ("@127.0.0.1/x?connect_timeout=2&port=1", "nobody listens there"),
    ("@/x?host=/nowhere", "can't open the state's database postgresql:///nowhere/x"),
)


@pytest.mark.parametrize(("rest", "said"), UNREACHABLE)
def test_a_server_that_can_not_be_reached_is_told_in_our_own_words(rest: str, said: str) -> None:
    with pytest.raises(RtcctlError) as caught:
        state_at(f"postgresql://u:{QUOTED_PASSWORD}{rest}").load()
    assert said in caught.value.message
    assert caught.value.mend
    assert all(word not in told(caught.value) for word in HIDDEN)


def test_a_host_that_is_not_known_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(RtcctlError, match="the host is not known"):
        state_at("postgresql://u@no-such-host.invalid/x").load()


def test_a_wrong_password_is_refused_with_exit_4(database: str) -> None:
    with pytest.raises(CredentialsError, match="the user or the password was not accepted") as caught:
        state_at(database.replace(QUOTED_PASSWORD, "fake-p-of-somebody")).load()
    assert caught.value.exit_code == ExitCode.NOT_ALLOWED
    assert all(word not in told(caught.value) for word in HIDDEN)


def test_a_database_that_is_not_there_is_told(database: str) -> None:
    with pytest.raises(RtcctlError, match="there is no such database or user"):
        state_at(database.rpartition("/")[0] + "/nowhere").load()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://tester:{PASSWORD}@127.0.0.1:1/x",
        "postgresql://tester:fake-p@ss/word@127.0.0.1/x",
        "postgresql://tester:fake-p/ss/word@127.0.0.1/x",
        "postgresql://tester:12/ss/word-of-tests@127.0.0.1/x",
        "postgresql://tester:fake-p?ss/word@127.0.0.1/x",
        "postgresql://tester:fake-p%zz@127.0.0.1/x",
        "postgresql://127.0.0.1/x?nosuch=fake-p",
        "postgresql://[fake-p",
    ],
)
def test_a_malformed_url_is_refused_and_not_shown_in_part(url: str) -> None:
    with pytest.raises(UsageError, match="PostgreSQL URL is malformed") as caught:
        state_at(url)
    assert "%-encoded" in caught.value.mend
    assert all(word not in told(caught.value) for word in HIDDEN)


def test_no_password_in_place_or_repr_or_a_lock_refused(database: str) -> None:
    store = state_at(database)
    with store.locked():
        with pytest.raises(StateLockedError) as caught, state_at(database).locked():
            raise AssertionError
        shown = [store.place, repr(store), repr(vars(store)), repr(vars(store._database)), told(caught.value)]
    host = database.rpartition("@")[2]
    assert store.place == f"postgresql://{host} (classroom/default)"
    assert not store.is_local
    assert all(word not in text for word in HIDDEN for text in shown)


def test_a_statement_that_fails_is_told_by_its_sqlstate(database: str) -> None:
    state = state_at(database)
    with (
        pytest.raises(RtcctlError, match=r"failed: UndefinedTable \(42P01\)") as caught,
        state._session() as connection,
    ):
        connection.execute("SELECT 'fake-p' FROM nowhere")
    assert "fake-p" not in told(caught.value)


def test_a_session_that_can_not_be_set_up_is_closed(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtcctl.state.database._SESSION", "SELECT nothing")
    with pytest.raises(RtcctlError, match="UndefinedColumn"):
        Database(Secret(database, "test")).connect()


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError) as caught:
        state_at("postgresql://h/d")
    assert caught.value.mend == "pip install 'rtcctl[postgres]'"
    assert caught.value.exit_code == ExitCode.INVALID
