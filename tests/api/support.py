"""Fakes for the client's tests: a service that answers from a list or a function, and servers on loopback."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from rtcctl.api.answers import Answer
from rtcctl.api.client import Client
from rtcctl.api.credentials import AkSkCredentials, Credentials, PasswordCredentials, TokenCredentials
from rtcctl.api.retrying import Retrying
from rtcctl.model.call import Call
from rtcctl.model.values import Secret

ENDPOINT = "https://rtc-api.myhuaweicloud.com"
IAM = "https://iam.myhuaweicloud.com"
NOW = datetime(2024, 1, 15, 8, 30, tzinfo=UTC)

TOKEN = TokenCredentials(Secret("fake-token-0123456789", "env:RTCCTL_TOKEN"))
KEYS = AkSkCredentials("AKEXAMPLE", Secret("SKEXAMPLE", "env:HUAWEICLOUD_SDK_SK"), "01234567890123456789012345678901")
USER = PasswordCredentials("alice", Secret("fake-password-1", "env:RTCCTL_PASSWORD"), "acme")

ONCE = Retrying(attempts=1, hopeless=1, throttled=1)

Handler = Callable[[httpx.Request], httpx.Response]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def answers(*responses: httpx.Response) -> tuple[Handler, list[httpx.Request]]:
    """A service that gives these answers in turn, and the requests that it got."""
    left, requests = list(responses), []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return left.pop(0)

    return handle, requests


def make(handler: Handler, credentials: Credentials = TOKEN, **options: Any) -> Client:
    options = {"now": lambda: NOW, "retrying": ONCE, **options}
    return Client(ENDPOINT, IAM, credentials, transport=httpx.MockTransport(handler), **options)


def send(handler: Handler, call: Call, credentials: Credentials = TOKEN, **options: Any) -> Answer:
    async def work() -> Answer:
        async with make(handler, credentials, **options) as client:
            return await client.send(call)

    return run(work())


def send_to(endpoint: str, call: Call, credentials: Credentials = TOKEN, **options: Any) -> Answer:
    """Send a call over real connections."""

    async def work() -> Answer:
        async with Client(endpoint, endpoint, credentials, **{"retrying": ONCE, **options}) as client:
            return await client.send(call)

    return run(work())


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """A server on a free port of 127.0.0.1, each connection handled by `serve`; yields host and port."""

    served: list[asyncio.Task[Any] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"127.0.0.1:{port}"
        await asyncio.gather(*(each for each in served if each is not None), return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Head and body of one request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next(
        (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
    )
    return head, await reader.readexactly(length)


def http(status: int, data: object, **headers: str) -> bytes:
    """The bytes of an HTTP answer, after which the connection is closed."""
    body = json.dumps(data).encode()
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += ["Connection: close", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server on 127.0.0.1 speaks TLS with, and its certificate, which nobody trusts by itself."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context, certificate
