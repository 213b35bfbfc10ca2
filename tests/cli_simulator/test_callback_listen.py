"""`rtcctl callback listen`: what is accepted, what is shown, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from rtcctl.operations import receiver
from rtcctl.reports import notifications

from .running import line_with, rtcctl, started

KEY = "8923ab8c2dcef4538923ab8c2dcef453"
BODY = b'{"event_type":"RECORD_NEW_FILE_START","app_id":"5ff9701f2346968bb306cb43","room_id":"room001"}'
SIGNED = {
    "X-Rtc-Rand": "1a2b3c4d",
    "X-Rtc-Timestamp": "1705307400",
    "X-Rtc-Signature": "210a3481f7ce9fb39f81cb6796d43af930dd099bba1d3a401a2c9be610df4b91",
}
NOW = datetime(2024, 1, 15, 8, 30, tzinfo=UTC)


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_signature_is_that_of_the_published_vector() -> None:
    assert receiver.signature(KEY, "1a2b3c4d", "1705307400", BODY) == SIGNED["X-Rtc-Signature"]


@pytest.mark.parametrize(
    ("headers", "body", "key", "verdict"),
    [
        (SIGNED, BODY, KEY, "verified"),
        (SIGNED, BODY + b" ", KEY, "wrong signature"),
        ({**SIGNED, "X-Rtc-Rand": "1a2b3c4e"}, BODY, KEY, "wrong signature"),
        ({**SIGNED, "X-Rtc-Signature": "é"}, BODY, KEY, "wrong signature"),
        (SIGNED, BODY, KEY[::-1], "wrong signature"),
        ({}, BODY, KEY, "no signature"),
        (SIGNED, BODY, None, "not checked"),
        ({}, BODY, None, "unsigned"),
    ],
)
def test_verdict_depends_on_key_body_and_headers(
    headers: dict[str, str], body: bytes, key: str | None, verdict: str
) -> None:
    found = receiver.receive(lower(headers), body, key, NOW)
    assert found.verdict == verdict
    assert found.event["room_id"] == "room001"
    assert found.accepted == (verdict in ("verified", "not checked", "unsigned"))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_body_that_is_no_event_is_refused(body: bytes) -> None:
    found = receiver.receive({}, body, None, NOW)
    assert (found.verdict, found.status, found.event) == ("not JSON", 400, {})


def test_line_tells_event_app_room_and_file_and_keeps_hostile_text_inert() -> None:
    event = {
        "event_type": "RECORD_FILE_COMPLETE", "app_id": "a1", "room_id": "r\x1b[31m1", "obs_bucket": "b",
        "obs_object": "Record/x.mp4", "record_duration": 42, "detail_message": "x" * 1000,
    }  # fmt: skip
    line = notifications.line(NOW, "verified", event)
    assert line.startswith("08:30:00  RECORD_FILE_COMPLETE")
    assert "app a1  room r\\x1b[31m1  file b/Record/x.mp4 (42 s)  xxx" in line
    assert line.endswith("x  [verified]")
    assert len(line) < 500


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    return path


def test_prints_events_answers_and_ends_after_the_count(key_file: Path) -> None:
    with started("callback", "listen", "--port", "0", "--auth-key-file", str(key_file), "--count", "2") as process:
        url = line_with(process.stderr, "Listening on").split()[2]
        with httpx.Client(base_url=url) as client:
            good = client.post("/callback", content=BODY, headers=SIGNED)
            assert (good.status_code, good.json()) == (200, {"result": "ok"})
            bad = client.post("/callback", content=BODY, headers={**SIGNED, "X-Rtc-Rand": "x"})
            assert (bad.status_code, bad.json()) == (401, {"result": "wrong signature"})
            assert client.get("/callback").status_code == 405
            assert client.post("/", content=b" " * (receiver.MAX_BODY_BYTES + 1)).status_code == 413
            assert client.post("/any/path", content=BODY, headers=SIGNED).status_code == 200
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
        assert process.wait(10) == 0
    assert ["[verified]" in line for line in lines] == [True, False, True]
    assert lines[1].endswith("[wrong signature]")
    assert "RECORD_NEW_FILE_START" in lines[0]
    assert "app 5ff9701f2346968bb306cb43  room room001" in lines[0]


def test_command_shows_what_a_worker_sends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    statuses: list[int] = []
    workers: list[threading.Thread] = []

    def work(url: str) -> None:
        for content in (b"{", b" " * (receiver.MAX_BODY_BYTES + 1), BODY):
            statuses.append(httpx.post(url, content=content).status_code)

    def progress(text: str) -> None:
        workers.append(threading.Thread(target=work, args=(text.split()[2],)))
        workers[0].start()

    monkeypatch.setattr("rtcctl.cli.output.progress", progress)
    assert rtcctl("callback", "listen", "--port", "0", "--count", "1") == 0
    workers[0].join()
    assert statuses == [400, 413, 200]
    assert ["[not JSON]" in line for line in capsys.readouterr().out.splitlines()] == [True, False]


def test_json_is_a_line_for_each_notification() -> None:
    arguments = (
        "callback",
        "listen",
        "--port",
        "0",
        "--auth-key-env",
        "KEY_OF_TEST",
        "--output",
        "json",
        "--count",
        "1",
    )
    with started(*arguments, KEY_OF_TEST=KEY) as process:
        url = line_with(process.stderr, "Listening on").split()[2]
        httpx.post(url, content=BODY, headers=SIGNED)
        assert process.stdout is not None
        (line,) = process.stdout.read().splitlines()
    found = json.loads(line)
    assert (found["verdict"], found["event"]) == ("verified", json.loads(BODY))
    assert found["time"].endswith("Z")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_cleanly(number: signal.Signals) -> None:
    with started("callback", "listen", "--port", "0") as process:
        assert "signatures are not checked" in line_with(process.stderr, "Listening on")
        process.send_signal(number)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


def test_usage_errors_say_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    os.environ.pop("NOT_SET_AT_ALL", None)
    cases = {
        ("--auth-key-env", "NOT_SET_AT_ALL"): "NOT_SET_AT_ALL is not set or empty",
        ("--auth-key-file", str(tmp_path / "empty")): "is empty",
        ("--auth-key-file", str(tmp_path / "binary")): "not UTF-8",
        ("--auth-key-file", str(tmp_path / "missing")): "No such file",
        ("--auth-key-env", "HOME", "--auth-key-file", str(tmp_path / "empty")): "exclude each other",
    }
    for flags, message in cases.items():
        assert rtcctl("callback", "listen", *flags) == 3
        assert message in capsys.readouterr().err


def test_taken_port_is_an_error_with_a_mend(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert rtcctl("callback", "listen", "--port", str(taken.getsockname()[1])) == 3
    assert "--port 0 picks a free port" in capsys.readouterr().err
