"""Example 2 of the API Reference from authorization to downloadable files, over HTTP, with a callback that listens."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpx

from .driver import GRID, MP4_RULE, token_request, while_serving

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

EVENTS: list[dict[str, Any]] = []
PATIENCE_SECONDS = 10


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        EVENTS.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.01)


def example(url: str, callback: str) -> None:
    with httpx.Client(base_url=url) as client:

        def done(method: str, path: str, body: object = None) -> Any:
            response = client.request(method, path, json=body)
            assert response.is_success, response.text
            return response.json() if response.content else None

        client.headers["X-Auth-Token"] = client.post("/v3/auth/tokens", json=token_request()).headers["X-Subject-Token"]
        bucket = {"bucket": "obsName", "location": "cn-north-4"}
        done("PUT", "/v2/rtc-ops/buckets/authentication", {**bucket, "operation": 1})
        app = "/v2/apps/" + done("POST", "/v2/apps", {"app_name": "rtctest"})["app_id"]
        rule_id = done("POST", app + "/record-rules", MP4_RULE)["rule_id"]
        done("PUT", app + "/record-callback", {"url": callback})
        for user_id in ("user001", "user002"):
            done("POST", "/_simulator/apps/rtctest/rooms/room001/join", {"user_id": user_id})
        body = {"mix_param": GRID, "record_param": {"record_rule_id": rule_id}}
        job = app + "/mix-stream-jobs/" + done("POST", app + "/mix-stream-jobs", body)["job_id"]
        until(lambda: len(EVENTS) == 1)  # nobody asks for the job meanwhile
        for user_id in ("user001", "user002"):
            done("POST", "/_simulator/apps/rtctest/rooms/room001/leave", {"user_id": user_id})
        done("DELETE", job)
        until(lambda: len(EVENTS) == 3)
        [found] = done("GET", "/v2/rtc-ops/buckets/objects?type=objects&bucket=obsName&location=cn-north-4")["objects"]
        assert found["file_name"] == EVENTS[1]["obs_object"]


def test_example_two_runs_from_the_first_step_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtcctl.simulator.progress.TICK_SECONDS", 0.02)
    EVENTS.clear()
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            while_serving(lambda url: example(url, f"http://127.0.0.1:{server.server_port}/callback"))
        finally:
            server.shutdown()
    kinds = [event["event_type"] for event in EVENTS]
    assert kinds == ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE", "CLOUD_RECORD_SERVER_OVER"]
