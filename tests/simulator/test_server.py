"""Serving over HTTP: loopback only, the chosen port, a clean end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rtcctl.simulator import serve, server
from rtcctl.simulator.connections import GuardedConnection

from .driver import SERVE, token_request, while_serving

if TYPE_CHECKING:
    from pathlib import Path


def test_serves_on_loopback_until_sigterm_and_restores_the_handlers(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    statuses = []

    def work(url: str) -> None:
        assert url.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=url) as client:
            answer = client.post("/v3/auth/tokens", json=token_request())
            headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
            statuses.append(client.post("/v2/apps", json={"app_name": "é"}, headers=headers).status_code)
            statuses.append(client.get("/v2/apps", headers=headers).json()["apps"][0]["app_name"])

    while_serving(work, tmp_path / "sim.db")
    assert statuses == [201, "é"]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert [path.name for path in tmp_path.iterdir()] == ["sim.db"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_process_ends_with_0_on_either_signal(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(tmp_path / "sim.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


def test_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serve(None, port=taken.getsockname()[1], ready=lambda _: None)


def test_serves_in_a_thread_that_is_not_the_main_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = threading.Event()
    servers: list[server.AnnouncedServer] = []

    class Kept(server.AnnouncedServer):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            servers.append(self)
            await super().startup(sockets)

    monkeypatch.setattr(server, "AnnouncedServer", Kept)
    thread = threading.Thread(target=serve, args=(None,), kwargs={"port": 0, "ready": lambda _: ready.set()})
    thread.start()
    assert ready.wait(10)
    servers[0].should_exit = True
    thread.join(10)
    assert not thread.is_alive()


def test_large_body_is_refused_over_http_too() -> None:
    answers = []

    def work(url: str) -> None:
        answers.append(httpx.post(url + "/v2/apps", content=b" " * (64 * 1024 * 1024), timeout=30))

    while_serving(work)
    assert (answers[0].status_code, answers[0].json()["error_code"]) == (413, "APIGW.0201")


def test_answers_are_not_held_back_by_nagles_algorithm(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    made = GuardedConnection.connection_made

    def watched(self: GuardedConnection, transport: Any) -> None:
        made(self, transport)
        found.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(GuardedConnection, "connection_made", watched)

    def work(url: str) -> None:
        assert httpx.get(url + "/v2/apps").status_code == 401

    while_serving(work)
    assert found == [1]
