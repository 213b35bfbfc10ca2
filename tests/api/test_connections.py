"""Connections are kept, closed ones are noticed, and failures have httpx's names."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from rtcctl.api.connections import Connections
from rtcctl.api.wire import Wire
from tests.api.support import run

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Counts connections and requests; `answer` writes what it likes and tells whether to go on."""

    def __init__(self, answer: Callable[[asyncio.StreamWriter, int], Awaitable[bool]]) -> None:
        self.connections = 0
        self.requests = 0
        self.answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                if not await self.answer(writer, self.requests):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    transport = Connections(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    async with listening, httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}") as client:
        yield client


async def always(writer: asyncio.StreamWriter, _: int) -> bool:
    writer.write(OK)
    return True


def test_one_connection_serves_one_call_after_the_other():
    server = Server(always)

    async def work() -> None:
        async with served(server) as client:
            for _ in range(5):
                assert (await client.get("/")).json() == {}

    run(work())
    assert (server.connections, server.requests) == (1, 5)


def test_calls_at_once_have_a_connection_each_which_are_used_again():
    server = Server(always)

    async def work() -> None:
        async with served(server) as client:
            for _ in range(2):
                await asyncio.gather(*(client.get("/") for _ in range(3)))

    run(work())
    assert server.requests == 6
    assert server.connections == 3


def test_a_connection_that_the_service_closed_is_not_used_again():
    closed = asyncio.Event()

    async def once(writer: asyncio.StreamWriter, _: int) -> bool:
        writer.write(OK)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()
        return False

    server = Server(once)

    async def work() -> None:
        async with served(server) as client:
            for _ in range(2):
                assert (await client.get("/")).status_code == 200
                await closed.wait()
                closed.clear()

    run(work())
    assert server.connections == 2


def test_a_connection_that_shall_be_closed_is():
    async def last(writer: asyncio.StreamWriter, _: int) -> bool:
        writer.write(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        return True

    server = Server(last)

    async def work() -> None:
        async with served(server) as client:
            await client.get("/")
            await client.get("/")

    run(work())
    assert server.connections == 2


def test_an_answer_may_be_compressed():
    body = gzip.compress(b'{"a": 1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)

    async def packed(writer: asyncio.StreamWriter, _: int) -> bool:
        writer.write(head + body)
        return True

    async def work() -> None:
        async with served(Server(packed)) as client:
            assert (await client.get("/")).json() == {"a": 1}

    run(work())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", httpx.RemoteProtocolError),
        (b"no HTTP at all\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", httpx.DecodingError),
    ],
)
def test_failures_have_the_names_of_httpx_and_leave_nothing_open(answer, error):
    async def broken(writer: asyncio.StreamWriter, number: int) -> bool:
        writer.write(answer if number == 1 else OK)
        return number > 1

    async def work() -> None:
        async with served(Server(broken)) as client:
            with pytest.raises(error):
                await client.get("/")
            assert (await client.get("/")).status_code == 200

    run(work())


def test_no_connection_is_a_connect_error():
    async def work() -> None:
        async with served(Server(always)) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("http://127.0.0.1:1/")

    run(work())


def test_a_time_out_ends_the_connection():
    silent = asyncio.Event()

    async def never(writer: asyncio.StreamWriter, number: int) -> bool:
        if number == 1:
            await silent.wait()
        return await always(writer, number)

    server = Server(never)

    async def work() -> None:
        async with served(server) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/", timeout=0.05)
            assert (await client.get("/")).status_code == 200
            silent.set()

    run(work())
    assert server.connections == 2


def test_whoever_is_cancelled_leaves_no_connection_behind():
    began, silent = asyncio.Event(), asyncio.Event()

    async def never(writer: asyncio.StreamWriter, number: int) -> bool:
        if number == 1:
            began.set()
            await silent.wait()
        return await always(writer, number)

    server = Server(never)

    async def work() -> None:
        async with served(server) as client:
            task = asyncio.create_task(client.get("/"))
            await began.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await client.get("/")).status_code == 200
            silent.set()

    run(work())
    assert server.connections == 2


@pytest.mark.parametrize(
    ("endpoint", "proxy", "own"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:2", True),
        ("https://rtc-api.example.com", "", True),
        ("https://rtc-api.example.com", "http://127.0.0.1:2", False),
    ],
)
def test_a_proxy_of_the_environment_is_left_to_httpx(monkeypatch, endpoint, proxy, own):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    if proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
    wire = Wire(endpoint, None, 1.0)
    assert isinstance(wire._transport, Connections) == own
    assert (wire._proxied is None) == own
    run(wire.close())
