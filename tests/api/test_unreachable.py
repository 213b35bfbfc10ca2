"""Network failures: one clear reason each, and whether the request may have arrived."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rtcctl.api.client import Client
from rtcctl.api.through_httpx import from_httpx
from rtcctl.api.unreachable import network_error
from rtcctl.errors import BadAnswerError, ExitCode, FailedCall, NotFoundError, UnreachableError, UsageError
from rtcctl.model.call import Call

from .support import (
    ENDPOINT,
    IAM,
    ONCE,
    TOKEN,
    Serve,
    answers,
    http,
    needs_openssl,
    read_request,
    run,
    self_signed,
    send,
    send_to,
    serving,
)

POST = Call("POST", "/v2/apps/{app_id}/enable", "apps", {"app_id": "a"})


def failure(serve: Serve, scheme: str = "http", timeout: float = 10.0) -> UnreachableError:
    """What a call to a server on loopback ends with."""

    async def work() -> None:
        async with (
            serving(serve) as host,
            Client(f"{scheme}://{host}", IAM, TOKEN, timeout=timeout, retrying=ONCE) as client,
        ):
            await client.send(POST)

    with pytest.raises(UnreachableError) as caught:
        run(work())
    return checked(caught.value)


def checked(error: UnreachableError) -> UnreachableError:
    """What holds for each of them: no library's words, no secret, nothing chained that would be printed."""
    assert error.exit_code is ExitCode.FAILED
    assert (error.call.method, error.call.path, error.status) == ("POST", "/v2/apps/a/enable", None)
    text = f"{error.message} {error.mend}"
    assert not any(word in text for word in ("httpx", "httpcore", "anyio", "Error", "Timeout", "fake", "_ssl"))
    assert error.__suppress_context__
    assert "\n" not in text
    return error


def raised(exception: Exception) -> UnreachableError:
    """What a failure becomes that the transport reports."""

    def handle(_: httpx.Request) -> httpx.Response:
        raise exception

    with pytest.raises(UnreachableError) as caught:
        send(handle, POST)
    return checked(caught.value)


def caused(cause: BaseException) -> httpx.ConnectError:
    error = httpx.ConnectError("fake")
    error.__cause__ = cause
    return error


def test_a_refused_connection() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(UnreachableError) as caught:
        send_to(f"http://127.0.0.1:{port}", POST)
    error = checked(caught.value)
    assert f"127.0.0.1:{port} refused the connection" in error.message
    assert not error.sent


def test_a_name_that_is_not_resolved() -> None:
    error = raised(caused(socket.gaierror(-2, "fake")))
    assert "the name rtc-api.myhuaweicloud.com could not be resolved" in error.message
    assert not error.sent


def test_several_addresses_of_which_one_refuses_are_told_as_refused() -> None:
    text = "Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0), [Errno 111] Connect call failed"
    assert "refused the connection" in raised(caused(OSError(text))).message
    assert "refused" not in raised(caused(OSError("Multiple exceptions: [Errno 113] no route"))).message


def test_a_reason_inside_a_group_is_found() -> None:
    group = OSError("fake")
    group.__cause__ = ExceptionGroup("fake", [OSError("fake"), ConnectionRefusedError(111, "refused")])
    assert "refused the connection" in raised(caused(group)).message


def test_other_connection_failures_tell_the_systems_reason() -> None:
    assert raised(caused(OSError(113, "No route to host"))).reason.endswith(": No route to host")
    assert raised(httpx.ConnectError("fake")).reason == "no connection to rtc-api.myhuaweicloud.com"


def test_no_connection_in_time() -> None:
    error = raised(httpx.ConnectTimeout("fake"))
    assert "no connection to rtc-api.myhuaweicloud.com within 60 s" in error.message
    assert not error.sent


def test_a_proxy_that_says_no() -> None:
    error = raised(httpx.ProxyError("407 fake"))
    assert "proxy" in error.message
    assert "HTTPS_PROXY" in error.mend
    assert not error.sent


def test_no_answer_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()  # until the client gives up

    error = failure(silent, timeout=0.05)
    assert "no answer from 127.0.0.1" in error.message
    assert "within 0.05 s" in error.message
    assert error.sent


def test_a_request_that_does_not_get_away_in_time_may_have_arrived() -> None:
    assert raised(httpx.WriteTimeout("fake")).sent


def test_an_answer_that_drips_for_ever_ends_too() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        gone = asyncio.ensure_future(reader.read())
        while not gone.done():  # one byte well within each time-out
            writer.write(b" ")
            await asyncio.wait([gone], timeout=0.01)

    error = failure(drip, timeout=0.1)
    assert "within 0.3 s" in error.message
    assert error.sent


def test_a_connection_that_is_closed_without_an_answer() -> None:
    async def close(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await read_request(reader)

    error = failure(close)
    assert "closed the connection" in error.message
    assert error.sent


def test_an_answer_that_breaks_off() -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(http(200, {"app_id": "a"})[:-5])

    error = failure(half)
    assert "closed the connection before the answer was complete" in error.message
    assert error.sent


def test_https_where_none_is_spoken() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(400, {}))

    error = failure(plain, scheme="https")
    assert "no TLS connection to 127.0.0.1" in error.message
    assert not error.sent


def test_a_certificate_that_is_not_trusted() -> None:
    refusal = ssl.SSLCertVerificationError(1, "fake")
    refusal.verify_message = "self-signed certificate"
    error = raised(caused(refusal))
    assert "the certificate of rtc-api.myhuaweicloud.com is not trusted: self-signed certificate" in error.message
    assert "SSL_CERT_FILE" in error.mend
    assert not error.sent
    refusal.verify_message = ""
    assert raised(caused(refusal)).reason.endswith("is not trusted")


@needs_openssl
def test_a_self_signed_certificate_is_refused(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)

    async def work() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            async with Client(f"https://127.0.0.1:{port}", IAM, TOKEN, retrying=ONCE) as client:
                await client.send(POST)

    with pytest.raises(UnreachableError) as caught:
        run(work())
    error = checked(caught.value)
    assert "is not trusted: self-signed certificate" in error.message
    assert not error.sent


class Broken(httpx.AsyncByteStream):
    """A body that is not compressed as it says."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{}"


def broken(status: int) -> httpx.Response:
    return httpx.Response(status, headers={"Content-Encoding": "gzip", "X-request-Id": "5f0c"}, stream=Broken())


def test_an_answer_whose_compression_is_broken_is_told_with_status_and_request() -> None:
    handle, _ = answers(broken(200))
    with pytest.raises(BadAnswerError, match="compression") as caught:
        send(handle, POST)
    assert (caught.value.status, caught.value.call.request_id) == (200, "5f0c")


def test_of_a_refusal_whose_compression_is_broken_the_status_counts() -> None:
    handle, _ = answers(broken(404))
    with pytest.raises(NotFoundError, match="5f0c") as caught:
        send(handle, POST)
    assert "proxy in between" in caught.value.mend


def test_what_is_no_http_is_told_as_such() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")

    error = failure(serve)
    assert "is no answer of HTTP" in error.message
    assert "is the endpoint right" in error.mend
    assert error.sent


def test_a_header_that_the_library_refuses_is_not_shown() -> None:
    assert "fake" not in raised(httpx.LocalProtocolError("Illegal header value b'fake-token'")).message


def test_a_call_goes_through_the_proxy_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    async def work() -> UnreachableError:
        async with serving(proxy) as host:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{host}")
            async with Client(ENDPOINT, IAM, TOKEN, retrying=ONCE) as client:
                with pytest.raises(UnreachableError) as caught:
                    await client.send(POST)
        return caught.value

    assert "the proxy did not let the call" in checked(run(work())).message
    assert asked == [b"CONNECT rtc-api.myhuaweicloud.com:443 HTTP/1.1"]


def test_proxies_of_the_environment_are_for_others_than_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{unused.getsockname()[1]}")

    async def work(endpoint: str) -> int:
        async with Client(endpoint, IAM, TOKEN, retrying=ONCE) as client:
            return (await client.send(POST)).status

    async def both() -> tuple[int, bool]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(http(200, {}))

        async with serving(serve) as host:
            status = await work(f"http://{host}")
        try:
            await work(ENDPOINT)
        except UnreachableError as error:
            return status, error.sent
        raise AssertionError

    assert run(both()) == (200, False)


async def dead(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def talking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize("proxy", [dead, talking, silent])
def test_what_never_came_through_the_proxy_has_not_left(monkeypatch: pytest.MonkeyPatch, proxy: Serve) -> None:
    async def work() -> UnreachableError:
        async with serving(proxy) as host:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{host}")
            async with Client(ENDPOINT, IAM, TOKEN, retrying=ONCE, timeout=1) as client:
                with pytest.raises(UnreachableError) as caught:
                    await client.send(POST)
        return caught.value

    error = checked(run(work()))
    assert not error.sent
    assert "rtc-api.myhuaweicloud.com or the proxy on the way" in error.message
    assert error.mend.startswith("check HTTPS_PROXY and NO_PROXY; ")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(-2, "fake"), "the name h, or that of the proxy on the way, could not be resolved"),
        (ConnectionRefusedError(111, "refused"), "h or the proxy on the way refused the connection"),
        (OSError(113, "No route to host"), "no connection to h or the proxy on the way: No route to host"),
    ],
)
def test_a_proxy_that_can_not_be_reached_is_not_blamed_on_the_endpoint(cause: OSError, words: str) -> None:
    found = from_httpx(caused(cause), by_proxy=True, left=False)
    error = network_error(found, FailedCall("GET", "/v2/apps"), "h", 10)
    assert words in error.message
    assert error.mend.startswith("check HTTPS_PROXY and NO_PROXY; ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "http://user:fake-pass@127.0.0.1:99999"),
        ("HTTPS_PROXY", "127.0.0.1:99999"),
        ("HTTPS_PROXY", "fake://user:fake-pass@proxy.example.com"),
        ("ALL_PROXY", "http://proxy.example.com:fake"),
        ("SSL_CERT_FILE", "/nonexistent/fake.pem"),
    ],
)
def test_settings_that_can_not_be_used_are_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match="proxy or certificate settings") as caught:
        Client(ENDPOINT, IAM, TOKEN)
    assert "fake" not in caught.value.message
    assert name in caught.value.mend
