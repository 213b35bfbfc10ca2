"""Name, connection, certificate and clock, against servers on loopback."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from rtcctl.api.credentials import AkSkCredentials, Credentials, TokenCredentials
from rtcctl.api.wire import Wire
from rtcctl.errors import ExitCode
from rtcctl.model.checkup import Check
from rtcctl.model.values import Secret
from rtcctl.operations.doctor import network

NOW = datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
KEYS = AkSkCredentials("fake-access-key", Secret("fake-secret-key", "test"), "project")
TOKEN = TokenCredentials(Secret("fake-token", "test"))


@asynccontextmanager
async def listening(context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def connected(scheme: str, context: ssl.SSLContext | None = None, now: datetime = NOW) -> Check:
    async def work() -> Check:
        async with listening(context) as port:
            return await network.connection(f"{scheme}://127.0.0.1:{port}", "", now)

    return asyncio.run(work())


def clock(date: str | None, found: Credentials | None = KEYS) -> Check:
    headers = {"Date": date} if date is not None else {}
    transport = httpx.MockTransport(lambda _: httpx.Response(404, headers=headers))

    async def work() -> Check:
        wire = Wire("http://127.0.0.1", transport, 1.0)
        try:
            return await network.clock(wire, found, lambda: NOW)
        finally:
            await wire.close()

    return asyncio.run(work())


def test_an_address_needs_no_name_server():
    assert asyncio.run(network.dns("http://127.0.0.1:1", "")).found == "127.0.0.1 is an address"
    assert asyncio.run(network.dns("http://[::1]:1", "")).status == "ok"


def test_a_proxy_resolves_names():
    assert asyncio.run(network.dns("https://rtc.example.com", "HTTPS_PROXY")).status == "skipped"
    assert asyncio.run(network.connection("https://rtc.example.com", "HTTPS_PROXY", NOW)).status == "skipped"


def test_a_name_is_shown_with_some_of_its_addresses(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{n}", 0)) for n in (1, 1, 2, 3, 4, 5, 6)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    check = asyncio.run(network.dns("https://rtc.example.com", ""))
    assert check.found == "rtc.example.com is 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4 and 2 more"


def test_a_name_that_nobody_knows_is_a_failure(monkeypatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    check = asyncio.run(network.dns("https://rtc.example.com", ""))
    assert (check.status, check.exit_code) == ("failed", ExitCode.FAILED)
    assert check.found == "rtc.example.com can't be resolved: Name or service not known"


def test_plain_http_only_has_to_connect():
    check = connected("http")
    assert check.status == "ok"
    assert "plain http, on this machine only" in check.found


def test_nobody_listening_is_a_failure():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        check = asyncio.run(network.connection(url, "", NOW))
    assert check.status == "failed"
    assert check.found.endswith("it is refused")


def test_what_speaks_no_tls_is_a_failure():
    check = connected("https")
    assert (check.status, check.found.endswith("speaks no TLS")) == ("failed", True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its certificate for 127.0.0.1, made anew: it is valid for 30 days."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    key = path.with_name("key.pem")
    subprocess.run([*command.split(), "-keyout", key, "-out", path], check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path


@pytest.fixture
def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_is_not_trusted_is_a_failure(serving):
    check = connected("https", serving)
    assert check.status == "failed"
    assert check.found == "the certificate of 127.0.0.1 is not trusted: self-signed certificate"


def test_a_certificate_s_end_is_told_and_warned_of(serving, certificate, monkeypatch):
    monkeypatch.setattr(network, "trusted", lambda: ssl.create_default_context(cafile=certificate))
    today = datetime.now(UTC)
    check = connected("https", serving, today)
    assert check.status == "ok"
    assert f"is trusted and ends {today + timedelta(days=30):%Y-%m-%d}" in check.found
    late = connected("https", serving, today + timedelta(days=20))
    assert late.status == "warning"
    assert "days" in late.found


@pytest.mark.parametrize(
    ("minutes", "found", "status", "words"),
    [
        (0, KEYS, "ok", "agree"),
        (1, KEYS, "ok", "agree within 60 s"),
        (-6, KEYS, "warning", "6 minutes behind the service"),
        (20, KEYS, "failed", "20 minutes ahead of the service; signatures are refused beyond about 15 minutes"),
        (20, TOKEN, "warning", "20 minutes ahead of the service"),
        (20, None, "warning", "20 minutes ahead of the service"),
    ],
)
def test_the_clocks_are_compared(minutes, found, status, words):
    check = clock(format_datetime(NOW - timedelta(minutes=minutes), usegmt=True), found)
    assert (check.status, check.exit_code if status == "failed" else None) == (
        status,
        ExitCode.NOT_ALLOWED if status == "failed" else None,
    )
    assert check.found.endswith(words)


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_an_answer_without_a_time_says_nothing(date):
    assert clock(date).status == "skipped"


def test_a_time_without_a_zone_is_taken_for_utc():
    assert clock("Sat, 31 Jan 2026 08:30:00 -0000").status == "ok"


def test_no_answer_says_nothing_of_the_clock():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("fake", request=request)

    async def work() -> Check:
        wire = Wire("http://127.0.0.1", httpx.MockTransport(refuse), 1.0)
        try:
            return await network.clock(wire, KEYS, lambda: NOW)
        finally:
            await wire.close()

    check = asyncio.run(work())
    assert (check.status, check.found.startswith("the service does not answer: ")) == ("skipped", True)
