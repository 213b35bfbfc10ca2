"""Crashed holders, and locks that are taken away from living ones."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from rtcctl.errors import StateLockedError, UsageError
from rtcctl.model.ledger import Delta
from rtcctl.state.bucket import Bucket
from rtcctl.state.holder import Holder
from rtcctl.state.lease import Lease
from rtcctl.state.store import Store

from .places import Place
from .servers import BUCKET, options

WAIT = 60.0
SHORT = 1.5


def until(done: Callable[[], bool]) -> None:
    """Ask until it is so; there is nothing that could be awaited in another process or a server."""
    end = time.monotonic() + WAIT
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def free(store: Store) -> bool:
    try:
        with store.locked():
            return True
    except StateLockedError:
        return False


def test_the_lock_of_a_killed_run_is_taken_over_with_its_journal_and_its_name(place: Place) -> None:
    place = replace(place, lease=SHORT)
    with place.process("apply") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert not free(place.open())
        process.kill()
        process.wait()
        store, taken = place.open(), []

        def take() -> bool:
            try:
                with store.locked() as before:
                    taken.append(before)
                    ledger = store.load()
                    store.begin(ledger)
                    store.save(replace(ledger, sources=5))
            except StateLockedError:
                return False
            return True

        until(take)
    [before] = taken
    assert before is not None
    assert (before.user, before.pid) == ("alice", process.pid)
    left = place.open().load()
    assert (left.serial, left.sources) == (1, 5)
    assert place.open().holder() is None
    with store.locked() as none:
        assert none is None


def test_a_lock_that_is_renewed_outlives_its_lease(endpoint: str) -> None:
    place = Place("s3", endpoint, "renewed", SHORT)
    lock = Bucket(BUCKET, options(endpoint), "", patience=5)
    with place.process("hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        first = lock.get("some/prefix/renewed/default.lock")
        assert first is not None

        def old_enough() -> bool:
            now = lock.get("some/prefix/renewed/default.lock")
            assert now is not None
            return (now.modified - first.modified).total_seconds() > 2 * SHORT + 2

        until(old_enough)
        assert not free(place.open())
        process.communicate()
    assert free(place.open())


def test_a_run_that_lives_is_named_where_its_lock_could_be_taken(place: Place) -> None:
    assert place.open().running() is None
    with place.process("hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        found = place.open().running()
        if place.kind == "folder":
            assert found is None
        else:
            assert found is not None
            assert (found.host, found.pid) == (os.uname().nodename, process.pid)
        process.kill()
        process.wait()
    assert place.open().running() is None


def test_a_lock_of_another_machine_that_is_not_renewed_is_not_called_alive(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket(BUCKET, options(endpoint), "s3://x", patience=10)
    lease = Lease(bucket, "far.lock", 60)
    holder = Holder("ops", "build7", 812, "2024-01-15T08:30:00+00:00", "5f0c")
    bucket.put("far.lock", json.dumps({"holder": holder.document(), "lease": 60.0, "renewed": 3}).encode())
    assert lease.running() == holder
    real = Bucket.modified

    def later(self: Bucket, path: str) -> datetime | None:
        found = real(self, path)
        return found + timedelta(seconds=40) if found else None

    monkeypatch.setattr(Bucket, "modified", later)
    assert lease.running() is None
    assert lease.holder() == holder
    monkeypatch.setattr(Bucket, "modified", lambda self, path: None)
    assert lease.running() is None


@pytest.mark.parametrize(
    ("host", "pid", "ended"),
    [
        ("elsewhere", 1, False),
        (platform.node(), os.getpid(), True),
        (platform.node(), 2**80, True),
        (platform.node(), os.getppid(), False),
    ],
)
def test_of_this_machines_processes_it_is_known_whether_they_ended(host: str, pid: int, ended: bool) -> None:
    assert Holder("ops", host, pid, "", "").has_ended is ended


def test_a_process_of_another_user_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    assert not Holder("ops", platform.node(), 1, "", "").has_ended


def test_a_run_whose_lock_was_taken_away_notices_at_its_next_write(shared: Place) -> None:
    """So that no call leaves, for each is put on record before."""
    store, other = shared.open(), shared.open()
    with store.locked():
        store.begin(store.load())
        store.append([Delta(sources=1)])
        holder = other.holder()
        assert holder is not None
        other.unlock(holder.nonce)
        with pytest.raises(StateLockedError):
            store.append([Delta(sources=2)])
        with other.locked():
            other.load()
            with pytest.raises(StateLockedError):
                store.append([Delta(sources=3)])


def test_a_run_whose_lock_was_taken_away_writes_nothing_more(shared: Place) -> None:
    shared = replace(shared, lease=SHORT)
    store, other = shared.open(), shared.open()
    with store.locked():
        ledger = store.load()
        store.begin(ledger)
        holder = other.holder()
        assert holder is not None
        with pytest.raises(UsageError, match="no lock fake"):
            other.unlock("fake")
        other.unlock(holder.nonce)
        assert other.holder() is None
        with other.locked() as before:
            assert before is None
            serial = iter(range(1, 1000))

            def refused() -> bool:
                try:
                    store.append([Delta(sources=next(serial))])
                except StateLockedError:
                    return True
                return False

            until(refused)
            until(lambda: not store.is_held())
            now = other.load()
            for write in (store.save, store.begin):
                with pytest.raises(StateLockedError, match="lost"):
                    write(replace(ledger, serial=99))
            assert other.load() == now
            other.save(replace(now, serial=2))
    assert free(shared.open())
    assert shared.open().load().serial == 2


def test_a_store_that_can_not_be_reached_for_the_time_of_the_lease_loses_the_lock(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rtcctl.errors import RtcctlError
    from rtcctl.state.lease import Lease

    def unreachable(*_: object) -> str:
        raise RtcctlError("no answer")

    bucket = Bucket(BUCKET, options(endpoint), "s3://abc", patience=5)
    lease = Lease(bucket, "unreachable.lock", SHORT)
    assert lease.take() is None
    lease.check()
    monkeypatch.setattr(bucket, "replace", unreachable)

    def lost() -> bool:
        try:
            lease.check()
        except StateLockedError:
            return True
        return False

    until(lost)
    lease.release()
    assert lease.holder() is not None
