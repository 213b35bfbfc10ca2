"""The pages that probes and Prometheus ask for, over loopback."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcctl.errors import UsageError
from rtcctl.operations import metrics
from rtcctl.operations.endpoint import Page, listening, place
from rtcctl.operations.health import Health
from rtcctl.operations.rounds import Round
from tests.operations.looping import KEY, Clock, Loop, manifest


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    return Loop(tmp_path)


class Probe:
    """Asks a loop's pages between its rounds; `found` are the answers."""

    def __init__(self, loop: Loop, *paths: str) -> None:
        self.loop = loop
        self.paths = paths
        self.found: list[httpx.Response] = []

    async def __call__(self) -> None:
        [url] = {each["url"] for each in self.loop.told("listening")}
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            self.found += [await http.get(path) for path in self.paths]

    @property
    def statuses(self) -> list[int]:
        return [each.status_code for each in self.found]


def values(text: str) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("rtcctl_reconcile_"): float(value) for name, _, value in lines}


def test_it_is_well_after_a_round_that_ended_well(loop: Loop):
    probe = Probe(loop, "/healthz")
    loop.rounds(probe, health="127.0.0.1:0")
    [answer] = probe.found
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    found = answer.json()
    assert (found["healthy"], found["leader"], found["seconds_since_sign_of_life"]) == (True, True, 300.0)
    assert found["last_round"]["outcome"] == "applied"
    assert found["last_round"]["ended"] == "2026-01-01T00:00:00Z"
    assert found["last_round"]["error"] is None


def test_it_is_not_well_once_three_intervals_passed_without_a_good_round(loop: Loop):
    loop.write(manifest().replace("App", "Ap"))
    probe = Probe(loop, "/healthz", "/livez", "/elsewhere")
    loop.rounds(probe, probe, probe, probe, lambda: loop.write(manifest()), probe, health="0")
    assert probe.statuses == [*[200, 200, 404] * 3, 503, 200, 404, 200, 200, 404]
    sick = probe.found[9].json()
    assert (sick["healthy"], sick["leader"]) == (False, False)
    assert sick["last_round"] | {"outcome": "failed", "error": "ManifestError"} == sick["last_round"]


def test_standing_by_is_well(loop: Loop):
    probe = Probe(loop, "/healthz")
    with loop.holding():
        loop.rounds(*[probe] * 5, health="0")
    assert probe.statuses == [200] * 5
    assert probe.found[-1].json()["last_round"]["outcome"] == "standby"


def test_each_call_of_a_long_apply_is_a_sign_of_life():
    clock = Clock()
    health = Health(300.0, lambda: clock.passed)

    def well(at: float) -> bool:
        clock.passed = at
        return health.is_well

    assert [well(900.0), well(901.0)] == [True, False]
    health.alive()
    assert well(1801.0)
    health.ended(Round("stopped"), clock.now())
    assert not well(1802.0)


def test_metrics_tell_what_happened(loop: Loop):
    probe = Probe(loop, "/metrics")
    loop.write(manifest(restart="OnFailure"))
    unsafe = [lambda: loop.write(manifest(restart="OnFailure").replace("spec:", "spec:\n  app_name: another"))]
    loop.rounds(probe, loop.end_jobs, loop.end_jobs, probe, *unsafe, probe, health="0")
    first, second, third = (values(each.text) for each in probe.found)
    assert probe.found[0].headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert first['rounds_total{outcome="applied"}'] == 1
    assert first['rounds_total{outcome="failed"}'] == 0
    assert first['changes_applied_total{action="create"}'] == 3
    assert (first["leader"], first["pending_changes"], first["refusals"]) == (1, 3, 0)
    assert first["last_success_timestamp_seconds"] == 1767225600
    assert first["api_calls_total"] > 3
    assert first["last_round_seconds"] == 0
    assert (second["job_restarts_total"], second["jobs_held"]) == (2, 0)
    assert (third["refusals"], third['rounds_total{outcome="refused"}']) == (2, 1)
    assert third["last_success_timestamp_seconds"] == second["last_success_timestamp_seconds"] + 300
    assert third["api_calls_total"] > second["api_calls_total"] > first["api_calls_total"]
    assert KEY not in "".join(each.text for each in probe.found)


def test_metrics_tell_drift_that_is_due(loop: Loop):
    probe = Probe(loop, "/metrics")
    drift = [lambda: loop.by_hand("PUT", "/v2/apps/{app}/record-callback", {"url": "https://hooks.example.com/x"})]
    loop.rounds()
    loop.rounds(*drift, probe, dry_run=True, health="0")
    found = values(probe.found[0].text)
    assert (found["drift_repairs"], found["pending_changes"], found["leader"]) == (1, 1, 0)


def test_a_failed_round_leaves_the_numbers_of_the_last_plan(loop: Loop):
    probe = Probe(loop, "/metrics")
    loop.rounds(loop.break_down, probe, health="0")
    found = values(probe.found[0].text)
    assert (found["pending_changes"], found['rounds_total{outcome="failed"}']) == (2, 1)


def test_two_loops_have_metrics_of_their_own():
    one, other = metrics.Metrics(), metrics.Metrics()
    one.ended(Round("applied"), Clock().now())
    assert values(one.text().decode())['rounds_total{outcome="applied"}'] == 1
    assert values(other.text().decode())['rounds_total{outcome="applied"}'] == 0


def test_without_the_library_metrics_say_how_to_get_it(loop: Loop, monkeypatch: pytest.MonkeyPatch):
    imported = builtins.__import__

    def without(name: str, *others: Any) -> Any:
        if name == "prometheus_client":
            raise ImportError(name)
        return imported(name, *others)

    monkeypatch.setattr(builtins, "__import__", without)
    probe = Probe(loop, "/metrics", "/healthz")
    loop.rounds(probe, health="0")
    assert probe.statuses == [501, 200]
    assert "pip install 'rtcctl[metrics]'" in probe.found[0].text


def test_counting_calls_leaves_the_log_as_it_was(caplog: pytest.LogCaptureFixture):
    log = logging.getLogger("rtcctl.api")
    before = log.level, list(log.filters)
    with metrics.counting() as calls:
        log.debug("GET /v2/apps 200")
        log.debug("GET /v2/apps 200")
    assert calls.count == 2
    assert (log.level, log.filters) == before
    assert caplog.messages == []
    caplog.set_level(logging.DEBUG)
    with metrics.counting():
        log.debug("asked for")
    assert caplog.messages == ["asked for"]


def page(path: str) -> Page | None:
    return Page(200, b"hello") if path == "/there" else None


def ask(request: bytes) -> bytes:
    """Send these bytes and read to the end."""

    async def work() -> bytes:
        async with listening("127.0.0.1", 0, page) as url:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(request)
            writer.write_eof()
            try:
                return await reader.read()
            finally:
                writer.close()

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("request_line", "status", "end"),
    [
        (b"GET /there HTTP/1.1", b"200 OK", b"hello"),
        (b"GET /there?now HTTP/1.0", b"200 OK", b"hello"),
        (b"HEAD /there HTTP/1.1", b"200 OK", b"\r\n\r\n"),
        (b"GET /elsewhere HTTP/1.1", b"404 Not Found", b"not found\n"),
        (b"POST /there HTTP/1.1", b"405 Method Not Allowed", b"method not allowed\n"),
        (b"\xff\xfe", b"405 Method Not Allowed", b"method not allowed\n"),
    ],
)
def test_only_pages_that_there_are_are_shown(request_line: bytes, status: bytes, end: bytes):
    answer = ask(request_line + b"\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert answer.endswith(end)
    assert b"Connection: close\r\n" in answer
    assert (b"Allow: GET, HEAD" in answer) == (status[:3] == b"405")


@pytest.mark.parametrize("sent", [b"GET /there HTTP/1.1\r\n", b"x" * 100_000, b""], ids=["cut off", "long", "empty"])
def test_what_is_no_request_gets_no_answer(sent: bytes):
    with contextlib.suppress(ConnectionResetError):  # where not all of what was sent had been read
        assert ask(sent) == b""


def test_who_does_not_ask_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rtcctl.operations.endpoint._SECONDS", 0.01)

    async def work() -> bytes:
        async with listening("127.0.0.1", 0, page) as url:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            try:
                return await asyncio.wait_for(reader.read(), 20)
            finally:
                writer.close()

    assert asyncio.run(work()) == b""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("9180", ("127.0.0.1", 9180)),
        (":9180", ("127.0.0.1", 9180)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]:65535", ("::1", 65535)),
        ("localhost:80", ("localhost", 80)),
    ],
)
def test_places_to_listen_on(text: str, found: tuple[str, int]):
    assert place(text) == found


@pytest.mark.parametrize("text", ["", "here", "127.0.0.1", "::1:80", "127.0.0.1:65536", "127.0.0.1:-1", "[::1]:²"])
def test_what_is_no_place_is_refused(text: str):
    with pytest.raises(UsageError, match="is no ADDRESS:PORT"):
        place(text)


def test_an_address_that_can_not_be_listened_on_ends_the_loop_before_it_begins(loop: Loop):
    async def work() -> None:
        async with listening("127.0.0.1", 0, page) as url:
            port = url.rpartition(":")[2]
            with pytest.raises(UsageError, match=f"can't listen on 127.0.0.1, port {port}"):
                await loop.reconciler(health=port).run()

    asyncio.run(work())
    assert loop.lines == []


def test_an_ipv6_address_is_shown_in_brackets():
    async def work() -> None:
        async with listening("::1", 0, page) as url:
            assert url.startswith("http://[::1]:")
            async with httpx.AsyncClient(trust_env=False) as http:
                assert (await http.get(url + "/there")).text == "hello"

    try:
        asyncio.run(work())
    except UsageError:
        pytest.skip("no IPv6 on this machine")
