"""The virtual clock, the changes counter, and what happens while nobody looks."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from rtcctl.simulator import Options, VirtualClock, create_app, serve
from rtcctl.simulator.changes import Changes

from .driver import GRID, Clock, Driver, while_serving

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2024, 1, 15, 8, 30, tzinfo=UTC)


def virtual(data: Path | None = None, start: datetime = START) -> Driver:
    # The driver's own clock is not the simulator's here.
    return Driver(create_app(data, options=Options(now=VirtualClock(start), rooms_start_empty=True)), Clock())


def test_virtual_clock_stands_still_until_it_is_advanced() -> None:
    sim = virtual()
    assert sim.control("GET", "/clock") == {"now": "2024-01-15T08:30:00.000Z", "virtual": True}
    assert sim.control("POST", "/clock", {"advance": 12 * 3600 + 0.5})["now"] == "2024-01-15T20:30:00.500Z"
    assert sim.control("POST", "/clock", {"advance": 0})["now"] == "2024-01-15T20:30:00.500Z"


def test_real_clock_is_not_advanced(sim: Driver) -> None:
    assert sim.control("GET", "/clock")["virtual"] is False
    assert "real" in sim.control("POST", "/clock", {"advance": 1}, 409)["error"]


def test_virtual_clock_starts_now_by_default() -> None:
    assert abs(VirtualClock()() - datetime.now(UTC)) < timedelta(seconds=10)


@pytest.mark.parametrize(
    "body", [{}, {"advance": "1"}, {"advance": True}, {"advance": -1}, {"advance": 31 * 86400 + 1}]
)
def test_bad_advance_is_refused(body: object) -> None:
    assert "advance" in virtual().control("POST", "/clock", body, 400)["error"]


def test_infinite_advance_is_refused() -> None:
    sim = virtual()

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app=sim.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.post("/_simulator/clock", content=b'{"advance": Infinity}')

    assert asyncio.run(call()).status_code == 400


def test_virtual_clock_goes_on_where_it_stood_and_never_back(tmp_path: Path) -> None:
    virtual(tmp_path / "sim.db").control("POST", "/clock", {"advance": 3600})
    assert virtual(tmp_path / "sim.db").control("GET", "/clock")["now"] == "2024-01-15T09:30:00.000Z"
    later = virtual(tmp_path / "sim.db", START + timedelta(days=1))
    assert later.control("GET", "/clock")["now"] == "2024-01-16T08:30:00.000Z"


def test_virtual_clock_without_a_start_goes_on_where_the_data_left_off(tmp_path: Path) -> None:
    virtual(tmp_path / "sim.db")
    again = create_app(tmp_path / "sim.db", options=Options(now=VirtualClock()))
    assert again.state.simulator.options.now() == START


def test_tokens_expire_by_the_virtual_clock() -> None:
    sim = virtual()
    sim.control("POST", "/clock", {"advance": 24 * 3600 - 1})
    assert sim.send("GET", "/v2/apps").status_code == 200
    sim.control("POST", "/clock", {"advance": 1})
    assert sim.send("GET", "/v2/apps").status_code == 401


def test_twelve_hours_of_idle_time_pass_at_once() -> None:
    sim = virtual()
    path = sim.new_app() + "/mix-stream-jobs"
    body = {"mix_param": {**GRID, "max_idle_time": 43200}}
    job = f"{path}/{sim.done('POST', path, body, 201)['job_id']}"
    sim.control("POST", "/clock", {"advance": 43200})
    assert sim.done("GET", job)["state"] == "RUNNING"  # it was INIT for 0.2 seconds
    sim.control("POST", "/clock", {"advance": 1})
    ended = sim.done("GET", job)
    assert (ended["stop_reason"], ended["stop_time"]) == ("EXCEED_MAX_IDLE_TIME", "2024-01-15T20:30:00Z")


def test_changes_wake_every_waiting_loop_and_none_that_has_ended() -> None:
    changes = Changes()

    async def wait(seconds: float) -> int:
        return await changes.wait(changes.version, seconds)

    assert asyncio.run(wait(0.01)) == 0
    loop = asyncio.new_event_loop()
    task = loop.create_task(wait(10))
    loop.run_until_complete(asyncio.sleep(0))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()
    changes._waiting.add((loop, asyncio.Event()))
    threading.Timer(0.05, changes.bump).start()
    assert asyncio.run(wait(10)) == 1
    assert asyncio.run(changes.wait(0, 10)) == 1


def test_each_request_and_each_control_write_is_a_change_and_a_look_is_none(sim: Driver) -> None:
    changed = sim.app.state.simulator.changed
    path = sim.new_app()
    before = changed.version
    sim.control("GET", "/state")
    assert changed.version == before
    sim.control("POST", f"/apps/{path[9:]}/rooms/r/join", {"user_id": "u"})
    assert changed.version == before + 1


def test_time_goes_on_without_requests() -> None:
    clock = VirtualClock(START)
    options = Options(now=clock)
    app = create_app(options=options)
    driver = Driver(app, Clock())
    path = driver.new_app() + "/mix-stream-jobs"
    job = f"{path}/{driver.done('POST', path, {'mix_param': GRID}, 201)['job_id']}"
    version = app.state.simulator.changed.version
    clock.advance(1)
    asyncio.run(app.state.simulator.deliver_due())
    assert app.state.simulator.changed.version == version + 1
    assert driver.done("GET", job)["state"] == "RUNNING"


def test_ticker_looks_at_the_clock_while_serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtcctl.simulator.progress.TICK_SECONDS", 0.01)
    data = tmp_path / "sim.db"
    sim = virtual(data)
    path = sim.new_app() + "/mix-stream-jobs"
    job = f"{path}/{sim.done('POST', path, {'mix_param': GRID}, 201)['job_id']}"
    states: list[str] = []
    clock = VirtualClock(START + timedelta(seconds=1))

    def ready(url: str) -> None:
        def work() -> None:
            for _ in range(500):
                row = sim.app.state.simulator.store.find("mix_job", job.rpartition("/")[2])
                if row[2]["job"]["state"] == "RUNNING":
                    break
                time.sleep(0.01)
            states.append(row[2]["job"]["state"])
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=work).start()

    serve(data, port=0, ready=ready, options=Options(now=clock))
    assert states == ["RUNNING"]


def test_serving_uses_the_options(tmp_path: Path) -> None:
    found = []
    while_serving(lambda url: found.append(httpx.get(url + "/_simulator/clock").json()["virtual"]), tmp_path / "s.db")
    assert found == [False]
