"""Connections are kept, closed ones are noticed, and each failure says how far the request came."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rtcctl.api.carrier import (
    CarryingError,
    NoAnswerInTimeError,
    NotAnAnswerError,
    NotConnectedError,
    NotDecodedError,
    Reply,
)
from rtcctl.api.connections import Connection, Connections
from rtcctl.api.through_httpx import ThroughHttpx
from rtcctl.api.trust import trusted
from rtcctl.api.wire import Wire
from tests.api.support import needs_openssl, run, self_signed

PACKED = gzip.compress(b'{"a": 1}')
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
async def served(server: Server, seconds: float = 10.0) -> AsyncIterator[Connections]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    connections = Connections(f"http://127.0.0.1:{port}", None, seconds)
    async with listening:
        yield connections
        await connections.aclose()


async def get(connections: Connections) -> Reply:
    return await connections.carry("GET", "/", {"Host": "127.0.0.1"}, b"")


async def always(writer: asyncio.StreamWriter, _: int) -> bool:
    writer.write(OK)
    return True


def test_one_connection_serves_one_call_after_the_other():
    server = Server(always)

    async def work() -> None:
        async with served(server) as connections:
            for _ in range(5):
                assert (await get(connections)).content == b"{}"

    run(work())
    assert (server.connections, server.requests) == (1, 5)


def test_calls_at_once_have_a_connection_each_which_are_used_again():
    server = Server(always)

    async def work() -> None:
        async with served(server) as connections:
            for _ in range(2):
                await asyncio.gather(*(get(connections) for _ in range(3)))

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
        async with served(server) as connections:
            for _ in range(2):
                assert (await get(connections)).status == 200
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
        async with served(server) as connections:
            await get(connections)
            await get(connections)

    run(work())
    assert server.connections == 2


def test_an_answer_may_be_compressed():
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED)

    async def packed(writer: asyncio.StreamWriter, _: int) -> bool:
        writer.write(head + PACKED)
        return True

    async def work() -> None:
        async with served(Server(packed)) as connections:
            assert (await get(connections)).content == b'{"a": 1}'

    run(work())


def test_an_answer_may_come_in_pieces_after_a_word_in_between_and_repeat_a_header():
    async def chatty(writer: asyncio.StreamWriter, _: int) -> bool:
        for part in (
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 20",
            b"0 OK\r\nX-A: 1\r\nx-a: 2\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
            b"1\r\n}\r\n0\r\n\r\n",
        ):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        return True

    async def work() -> None:
        async with served(Server(chatty)) as connections:
            for _ in range(2):
                found = await get(connections)
                assert (found.status, found.header("X-A"), found.content) == (200, "1, 2", b"{}")
                assert found.header("X-B") == ""

    run(work())


def test_a_request_leaves_in_one_piece_with_the_length_of_its_body():
    parts: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            parts.append(await reader.read(65536))
            writer.write(OK)
        writer.close()

    async def work() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            connections = Connections(f"http://127.0.0.1:{port}", None, 10.0)
            for method, body in (("POST", b"{}"), ("PUT", b""), ("DELETE", b"")):
                await connections.carry(method, "/v2/apps?a=b", {"Host": "x", "X-A": "c"}, body)
            await connections.aclose()

    run(work())
    assert parts == [
        b"POST /v2/apps?a=b HTTP/1.1\r\nHost: x\r\nX-A: c\r\nContent-Length: 2\r\n\r\n{}",
        b"PUT /v2/apps?a=b HTTP/1.1\r\nHost: x\r\nX-A: c\r\nContent-Length: 0\r\n\r\n",
        b"DELETE /v2/apps?a=b HTTP/1.1\r\nHost: x\r\nX-A: c\r\n\r\n",
    ]


def test_a_connection_on_which_something_came_unasked_is_not_used_again():
    said = asyncio.Event()

    async def talkative(writer: asyncio.StreamWriter, number: int) -> bool:
        writer.write(OK)
        if number == 1:
            await said.wait()
            writer.write(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
            said.clear()
        return True

    server = Server(talkative)

    async def work() -> None:
        async with served(server) as connections:
            await get(connections)
            said.set()
            await asyncio.sleep(0.05)  # a moment for what nobody asked for
            assert (await get(connections)).status == 200

    run(work())
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer", [OK + OK.replace(b"{}", b"no"), b"HTTP/1.1 204 No Content\r\n\r\n{}", OK + b"0\r\n\r\n"]
)
def test_what_came_with_an_answer_is_not_taken_for_the_next_one(answer):
    async def generous(writer: asyncio.StreamWriter, number: int) -> bool:
        writer.write(answer if number == 1 else OK)
        return True

    server = Server(generous)

    async def work() -> None:
        async with served(server) as connections:
            await get(connections)
            assert (await get(connections)).content == b"{}"

    run(work())
    assert server.connections == 2


def test_a_coding_that_nobody_asked_for_leaves_the_status_and_the_content_as_they_are():
    async def odd(writer: asyncio.StreamWriter, _: int) -> bool:
        writer.write(b"HTTP/1.1 429 Too Many\r\nContent-Encoding: utf-8\r\nContent-Length: 2\r\n\r\n{}")
        return True

    async def work() -> Reply:
        async with served(Server(odd)) as connections:
            return await get(connections)

    found = run(work())
    assert (found.status, found.content) == (429, b"{}")


def test_a_connection_whose_socket_is_gone_is_stale():
    class Transport(asyncio.Transport):
        def is_closing(self) -> bool:
            return False

        def get_extra_info(self, name: str, default: object = None) -> None:
            return None

    async def work() -> bool:
        connection = Connection(1.0)
        connection.connection_made(Transport())
        connection._used = asyncio.get_running_loop().time()
        return connection.is_stale()

    assert run(work())


def test_a_connection_that_nobody_used_for_long_is_not_used_again(monkeypatch):
    server = Server(always)
    monkeypatch.setattr("rtcctl.api.connections.EXPIRY", -1.0)

    async def work() -> None:
        async with served(server) as connections:
            for _ in range(2):
                await get(connections)

    run(work())
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", CarryingError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", CarryingError),
        (b"no HTTP at all\r\n\r\n", NotAnAnswerError),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", CarryingError),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", NotDecodedError),
    ],
)
def test_a_broken_answer_is_told_and_leaves_nothing_open(answer, error):
    async def broken(writer: asyncio.StreamWriter, number: int) -> bool:
        writer.write(answer if number == 1 else OK)
        return number > 1

    async def work() -> None:
        async with served(Server(broken)) as connections:
            with pytest.raises(error):
                await get(connections)
            assert (await get(connections)).status == 200

    run(work())


def test_no_connection_is_told_with_its_reason():
    async def work() -> None:
        with pytest.raises(NotConnectedError) as caught:
            await get(Connections("http://127.0.0.1:1", None, 10.0))
        assert isinstance(caught.value.__cause__, ConnectionRefusedError)

    run(work())


def test_a_time_out_ends_the_connection():
    silent = asyncio.Event()

    async def never(writer: asyncio.StreamWriter, number: int) -> bool:
        if number == 1:
            await silent.wait()
        return await always(writer, number)

    server = Server(never)

    async def work() -> None:
        async with served(server, seconds=0.05) as connections:
            with pytest.raises(NoAnswerInTimeError):
                await get(connections)
            assert (await get(connections)).status == 200
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
        async with served(server) as connections:
            task = asyncio.create_task(get(connections))
            await began.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await get(connections)).status == 200
            silent.set()

    run(work())
    assert server.connections == 2


@needs_openssl
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_connections_are_used_again_over_tls_too_where_the_environment_trusts_the_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: ssl.TLSVersion
) -> None:
    context, certificate = self_signed(tmp_path)
    context.minimum_version = context.maximum_version = version
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = Server(always)

    async def work() -> None:
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context) as listening:
            port = listening.sockets[0].getsockname()[1]
            connections = Connections(f"https://127.0.0.1:{port}", trusted(), 10.0)
            for _ in range(5):
                assert (await get(connections)).content == b"{}"
            await connections.aclose()

    run(work())
    assert (server.connections, server.requests) == (1, 5)


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
    assert isinstance(wire._carrier, Connections if own else ThroughHttpx)
    run(wire.close())
