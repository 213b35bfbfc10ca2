"""Callback URLs are asked only when that is wanted, with one HEAD, and any answer shows that somebody is there."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from rtcctl import manifest
from rtcctl.errors import ExitCode
from rtcctl.model.resource import Desired
from rtcctl.operations.doctor import callbacks
from tests.e2e.support import Loopback, Reply

APP = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: %s}\nspec: {record_callback: {url: '%s'}}\n"


def read(*documents: str) -> Desired:
    return manifest.load(("-",), stdin="---\n".join(documents).encode, environ={}, cwd=Path())


def test_each_url_is_meant_once():
    found = callbacks.urls(read(APP % ("a", "http://x/1"), APP % ("b", "http://x/1"), APP % ("c", "http://x/2")))
    assert found == {"http://x/1": "RecordCallback/a", "http://x/2": "RecordCallback/c"}
    assert callbacks.urls(None) == {}


def test_why_none_is_asked():
    assert "no manifest" in callbacks.not_asked(None).found
    assert "no callback" in callbacks.not_asked(read(APP.replace("record_callback: {url: '%s'}", "") % "a")).found
    assert "--callbacks" in callbacks.not_asked(read(APP % ("a", "http://x"))).found


@pytest.mark.parametrize("status", [200, 302, 404, 405, 501])
def test_any_answer_will_do_and_loopback_is_told(status):
    with Loopback(lambda _: Reply(status, headers={"Location": "/elsewhere"})) as server:
        check = asyncio.run(callbacks.asked(f"{server.url}/hook?x=1", "RecordCallback/a"))
        assert server.told == ["HEAD /hook"], "no redirect is followed"
        assert not {"authorization", "x-auth-token", "cookie"} & {name.lower() for name in server.heard[0].headers}
    assert check.status == "warning"
    assert check.name == "callback of a"
    assert f"127.0.0.1 answers ({status} to HEAD), on this machine: the service can't reach it" in check.found


def test_a_receiver_in_trouble_is_a_warning_of_its_own():
    with Loopback(lambda _: Reply(503)) as server:
        check = asyncio.run(callbacks.asked(server.url, "RecordCallback/a"))
    assert (check.status, check.mend) == ("warning", "look at the receiver's own log")


def test_nobody_there_is_a_failure():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        check = asyncio.run(callbacks.asked(f"http://127.0.0.1:{taken.getsockname()[1]}", "RecordCallback/a"))
    assert (check.status, check.found) == ("failed", "127.0.0.1 refused the connection")


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999999", "http://[::1", "http://", "http://a\x00b"])
def test_a_url_that_is_none_is_a_failure_of_the_manifest(url):
    check = asyncio.run(callbacks.asked(url, "RecordCallback/a"))
    assert (check.status, check.exit_code) == ("failed", ExitCode.INVALID)


def test_a_public_receiver_that_answers_is_well(monkeypatch):
    real = httpx.AsyncClient

    def client(**options: object) -> httpx.AsyncClient:
        assert options["trust_env"] is True
        return real(transport=httpx.MockTransport(lambda _: httpx.Response(405)))

    monkeypatch.setattr(httpx, "AsyncClient", client)
    check = asyncio.run(callbacks.asked("https://hooks.example.com/x", "RecordCallback/a"))
    assert (check.status, check.found) == ("ok", "hooks.example.com answers (405 to HEAD)")
