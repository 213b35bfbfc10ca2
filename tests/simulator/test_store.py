"""The data file: it survives its process, whichever way that ends."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from rtcctl.simulator import ACCOUNT, create_app
from rtcctl.simulator.accounts import SimulatedAccount
from rtcctl.simulator.app import app_for
from rtcctl.simulator.call import Options, Simulator
from rtcctl.simulator.store import Store

from .driver import SERVE, Clock, Driver, make_app, send, token_request

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


def test_data_is_there_again_in_the_next_process(clock: Clock, tmp_path: Path) -> None:
    data = tmp_path / "folder" / "sim.db"
    first = Driver(make_app(clock, data), clock)
    path = first.new_app()
    rule_id = first.new_rule(path)
    job = first.new_mix_job(path)
    second = Driver(make_app(clock, data), clock)
    assert second.done("GET", f"{path}/record-rules/{rule_id}")["rule_id"] == rule_id
    assert second.done("GET", job)["state"] == "RUNNING"
    assert second.new_app("other") != first.new_app("third")


def test_data_file_is_for_its_owner_only(tmp_path: Path) -> None:
    create_app(tmp_path / "sim.db")
    assert stat.S_IMODE((tmp_path / "sim.db").stat().st_mode) == 0o600


def test_a_second_store_of_a_process_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    """Or another process takes itself for the last one, and removes the log that this one writes into."""
    data = tmp_path / "sim.db"
    first, second = Store(data), Store(data)
    code = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('SELECT 1 FROM sqlite_master')"
    subprocess.run([sys.executable, "-c", f"{code}; db.close()", str(data)], check=True)
    assert data.with_name("sim.db-wal").exists()
    second.close()
    first.close()


def test_acknowledged_writes_survive_sigkill(clock: Clock, tmp_path: Path) -> None:
    data = tmp_path / "sim.db"
    with subprocess.Popen([sys.executable, "-c", SERVE, str(data)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with httpx.Client(base_url=url) as client:
            issued = client.post("/v3/auth/tokens", json=token_request()).headers["X-Subject-Token"]
            client.headers["X-Auth-Token"] = issued
            for number in range(10):
                assert client.post("/v2/apps", json={"app_name": f"app{number}"}).status_code == 201
            os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    again = create_app(data)
    answer = send(again, "GET", "/v2/apps", headers={"X-Auth-Token": issued})
    assert [app["app_name"] for app in answer.json()["apps"]] == [f"app{number}" for number in range(10)]
    assert len(Driver(again, clock).log()) == 13


def test_savepoint_undoes_its_part_and_a_transaction_the_whole() -> None:
    store = Store()
    items = store.collection("app", "a")

    def fail(context: AbstractContextManager[None]) -> None:
        with context:
            items.put("1", {})
            raise ValueError("refused")

    with store.transaction():
        with pytest.raises(ValueError, match="refused"):
            fail(store.savepoint())
        items.put("2", {"kept": True})
    with pytest.raises(ValueError, match="refused"):
        fail(store.transaction())
    assert items.list() == [{"kept": True}]


def test_replaced_object_keeps_its_place() -> None:
    store = Store()
    items = store.collection("app", "a")
    for number in ("1", "2"):
        items.put(number, {"n": number})
    items.put("1", {"n": "new"})
    assert items.list() == [{"n": "new"}, {"n": "2"}]


def test_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sim.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ValueError, match=r"sim\.db: data of another simulator version \(99, not 1\)"):
        create_app(path)


def test_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        create_app(path)
    assert path.read_text() == "not a database" * 100


def test_threads_with_loops_of_their_own_share_one_app(sim: Driver) -> None:
    threads = [threading.Thread(target=sim.new_app, args=(f"app{number}",)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sim.done("GET", "/v2/apps")["count"] == 10


def test_accounts_do_not_see_each_other(clock: Clock) -> None:
    other = SimulatedAccount("other", "OTHERACCESSKEY", "other-key", "user", "word", "other", "9" * 32)
    app = app_for(Simulator(Store(), (ACCOUNT, other), Options(clock, 0.2)))
    mine = Driver(app, clock)
    path = mine.new_app()
    body = token_request(name="user", password="word", domain="other")
    headers = {"X-Auth-Token": send(app, "POST", "/v3/auth/tokens", json=body).headers["X-Subject-Token"]}
    assert send(app, "GET", path, headers=headers).status_code == 404
    assert send(app, "GET", "/v2/apps", headers=headers).json() == {"count": 0, "apps": []}
    assert send(app, "POST", "/v2/apps", headers=headers, json={"app_name": "rtctest"}).status_code == 201
