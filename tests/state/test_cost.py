"""What an apply of one resource writes does not depend on how many the state knows."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.applying.executor import apply
from rtcctl.model.address import Address
from rtcctl.model.ledger import Delta, Entry, Ledger, Pending
from rtcctl.state.bucket import Bucket
from rtcctl.state.folder import FolderState
from rtcctl.state.store import Store
from tests.applying.support import Service, Watcher
from tests.planner.support import app, desired, ledger, live, planned
from tests.virtual import run

from .places import Place
from .support import full_ledger

NEW = Address("App", "new")
STEPS = (
    Delta(begun=(Pending(NEW, "create", "2024-01-15T08:31:00Z"),), serial=2),
    Delta({NEW: Entry({"app_id": "n1"}, {"state": "ACTIVATION"})}, settled=frozenset({NEW})),
)


def begun_upon(place: Place, count: int) -> Store:
    """A store that owns many apps, as an apply finds it."""
    entries = {Address("App", f"a{number}"): Entry({"app_id": f"id{number}"}) for number in range(count)}
    store = place.open()
    store.load()
    store.save(replace(full_ledger(), binding=place.binding, entries=entries, serial=1))
    store.load()
    return store


def journal_of_one(store: Store) -> None:
    """What an apply of one resource puts down before the fold at its end."""
    store.begin(store.load())
    for step in STEPS:
        store.append([step])


def test_a_folder_flushes_as_many_bytes_with_50_000_resources_as_with_50(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    written: dict[int, int] = {}

    def flushing(descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            flushes.append(status.st_size - written.get(status.st_ino, 0))
            written[status.st_ino] = status.st_size
        real(descriptor)

    counts = []
    for count in (50, 50_000):
        store = begun_upon(Place("folder", str(tmp_path), f"of{count}"), count)
        flushes: list[int] = []
        written = {}
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", flushing)
            journal_of_one(store)
        counts.append(flushes)
    few, many = counts
    assert few == many
    assert len(many) == 1 + len(STEPS)
    assert sum(many) < 1000


def test_a_whole_apply_of_one_resource_flushes_as_much_with_50_000_resources_as_with_50(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but the fold at the end, which writes the snapshot once."""
    real_flush, real_save = os.fsync, FolderState.save
    written: dict[int, int] = {}
    flushes: list[int] = []
    folds: list[int] = []

    def flushing(descriptor: int) -> None:
        status = os.fstat(descriptor)
        flushes.append(status.st_size - written.get(status.st_ino, 0) if stat.S_ISREG(status.st_mode) else 0)
        written[status.st_ino] = status.st_size
        real_flush(descriptor)

    def folding(self: FolderState, ledger: Ledger) -> None:
        folds.append(len(flushes))
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", real_flush)
            real_save(self, ledger)

    plan = planned(desired(app("new")), live(), ledger())
    counts = []
    for count in (50, 50_000):
        store = begun_upon(Place("folder", str(tmp_path), f"apply{count}"), count)
        before, client = store.load(), Service()
        written, flushes, folds = {}, [], []
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", flushing)
            patch.setattr(FolderState, "save", folding)
            result = run(apply(plan, cast("Client", client), before, store, Watcher()))
        assert (result.exit_code, client.calls) == (0, ["POST /v2/apps"])
        assert len(store.load().entries) == count + 1
        assert folds == [len(flushes)]
        counts.append([len(flushes), sum(flushes)])
    few, many = counts
    assert few[0] == many[0] <= 6
    assert abs(few[1] - many[1]) < 10  # the times in it may differ in their digits
    assert many[1] < 2000


def test_object_storage_is_sent_as_many_bytes_with_50_000_resources_as_with_50(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Bucket.create

    def creating(self: Bucket, path: str, content: bytes) -> str:
        sent.append(len(content))
        return real(self, path, content)

    def nothing_else(*_: object) -> None:
        raise AssertionError("a snapshot is written")

    counts = []
    for count in (50, 50_000):
        store = begun_upon(Place("s3", endpoint, f"of{count}"), count)
        sent: list[int] = []
        with monkeypatch.context() as patch:
            patch.setattr(Bucket, "create", creating)
            patch.setattr(Bucket, "replace", nothing_else)
            patch.setattr(Bucket, "put", nothing_else)
            patch.setattr(Bucket, "copy", nothing_else)
            journal_of_one(store)
        counts.append(sent)
    few, many = counts
    assert few == many
    assert len(many) == 1 + len(STEPS)
    assert sum(many) < 1000


def test_postgresql_takes_as_many_bytes_with_50_000_resources_as_with_50(database: str) -> None:
    import psycopg

    seen = []
    for count in (50, 50_000):
        store = begun_upon(Place("postgresql", database, f"of{count}"), count)
        journal_of_one(store)
        with psycopg.connect(database) as connection:
            query = "SELECT sum(length(entry)), count(*) FROM rtcctl_journal WHERE project = %s"
            journal = connection.execute(query, (f"of{count}",)).fetchone()
            revision = connection.execute(
                "SELECT revision FROM rtcctl_state WHERE project = %s", (f"of{count}",)
            ).fetchone()
        connection.close()
        assert revision == (1,)
        seen.append(journal)
    few, many = seen
    assert few == many
    assert many is not None
    assert many[1] == 1 + len(STEPS)
    assert many[0] < 1000
