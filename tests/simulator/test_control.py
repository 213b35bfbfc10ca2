"""What all control calls have in common: JSON in and out, errors, who may send them."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from rtcctl.simulator import control, deliveries, progress

from .driver import Driver, send


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff", b"[" * 100_000, b'"x"'])
def test_body_that_is_no_json_object_is_refused(sim: Driver, body: bytes) -> None:
    response = send(sim.app, "POST", "/_simulator/clock", content=body)
    assert (response.status_code, list(response.json())) == (400, ["error"])


def test_long_body_is_refused(sim: Driver) -> None:
    response = send(sim.app, "POST", "/_simulator/clock", content=b" " * (control.MAX_BODY_BYTES + 1))
    assert (response.status_code, response.json()) == (400, {"error": "the body is too long"})


@pytest.mark.parametrize(("origin", "status"), [("http://127.0.0.1", 409), ("http://evil.example", 403), ("null", 403)])
def test_pages_of_other_origins_are_refused(sim: Driver, origin: str, status: int) -> None:
    # 409: the clock is a real one
    headers = {"Origin": origin}
    response = send(sim.app, "POST", "/_simulator/clock", json={"advance": 1}, headers=headers)
    assert response.status_code == status
    assert response.json()["error"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8787", ""])
@pytest.mark.parametrize("path", ["state", "requests", "snapshot"])
def test_name_that_some_page_made_to_lead_here_is_refused(sim: Driver, path: str, host: str) -> None:
    response = send(sim.app, "GET", f"/_simulator/{path}", headers={"Host": host})
    assert (response.status_code, list(response.json())) == (403, ["error"])


@pytest.mark.parametrize("host", ["localhost:8787", "127.0.0.1:8787", "[::1]:8787"])
def test_addresses_and_localhost_are_answered(sim: Driver, host: str) -> None:
    assert send(sim.app, "GET", "/_simulator/requests", headers={"Host": host}).status_code == 200


def test_refused_control_call_leaves_nothing_behind(sim: Driver) -> None:
    changed = sim.app.state.simulator.changed
    before = changed.version
    sim.control("POST", "/apps/nowhere/rooms/r/join", {"user_id": "u"}, 404)
    assert changed.version == before


def test_control_calls_are_not_in_the_request_log(sim: Driver) -> None:
    before = sim.log()
    sim.control("GET", "/state")
    assert sim.log() == before


def test_locked_file_does_not_end_the_ticker(sim: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_simulator: Any) -> int:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(progress, "TICK_SECONDS", 0.001)
    monkeypatch.setattr(deliveries, "deliver_due", fail)
    monkeypatch.setattr(progress, "settle", lambda *_: _raise())

    async def run() -> bool:
        task = asyncio.create_task(progress.tick(sim.app.state.simulator))
        await asyncio.sleep(0.05)
        ended = task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return ended

    assert asyncio.run(run()) is False


def _raise() -> bool:
    raise sqlite3.OperationalError("database is locked")
