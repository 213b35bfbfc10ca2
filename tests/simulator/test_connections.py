"""Over a real socket: faults break real connections, and hostile or idle clients bring nothing down."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rtcctl.simulator import connections

from .driver import token_request, while_serving

if TYPE_CHECKING:
    from collections.abc import Callable


def serving(work: Callable[[httpx.Client, int], None]) -> None:
    """Work with a client that has a token, and the port."""

    def run(url: str) -> None:
        issued = httpx.post(url + "/v3/auth/tokens", json=token_request()).headers["X-Subject-Token"]
        with httpx.Client(base_url=url, headers={"X-Auth-Token": issued}, timeout=20) as client:
            work(client, int(url.rpartition(":")[2]))

    while_serving(run)


def suffer(client: httpx.Client, **fault: Any) -> None:
    client.put("/_simulator/faults", json={"faults": [{"count": 1, **fault}]}).raise_for_status()


def names(client: httpx.Client) -> list[str]:
    return [app["app_name"] for app in client.get("/v2/apps").json()["apps"]]


def test_connection_is_really_reset_before_or_after_the_effect() -> None:
    def work(client: httpx.Client, _: int) -> None:
        for when, done in (("before", []), ("after", ["a"])):
            suffer(client, fault="reset", when=when, calls=["CreateApp"])
            with pytest.raises(httpx.ReadError, match="reset by peer"):
                client.post("/v2/apps", json={"app_name": "a"})
            assert names(client) == done

    serving(work)


def test_no_answer_until_the_client_gives_up_or_the_bound_is_reached() -> None:
    def work(client: httpx.Client, _: int) -> None:
        suffer(client, fault="timeout", seconds=60)
        with pytest.raises(httpx.ReadTimeout):
            client.get("/v2/apps", timeout=0.2)
        suffer(client, fault="timeout", seconds=0.2)
        with pytest.raises(httpx.ReadError):
            client.get("/v2/apps")
        assert names(client) == []

    serving(work)


def test_bodies_are_slow_empty_halved_or_a_page_over_http_too() -> None:
    def work(client: httpx.Client, _: int) -> None:
        client.post("/v2/apps", json={"app_name": "a"})
        whole = client.get("/v2/apps").content
        suffer(client, fault="slow-body", seconds=0.3)
        started = time.monotonic()
        assert client.get("/v2/apps").content == whole
        assert time.monotonic() - started >= 0.25
        suffer(client, fault="truncated-json")
        assert client.get("/v2/apps").content == whole[: len(whole) // 2]
        suffer(client, fault="empty-body")
        assert client.get("/v2/apps").content == b""
        suffer(client, fault="html")
        assert client.get("/v2/apps").status_code == 502
        assert client.get("/v2/apps").content == whole

    serving(work)


def test_snapshot_and_restore_over_http() -> None:
    def work(client: httpx.Client, _: int) -> None:
        client.post("/v2/apps", json={"app_name": "kept"})
        copy = client.get("/_simulator/snapshot").content
        client.post("/v2/apps", json={"app_name": "later"})
        assert client.post("/_simulator/restore", content=copy).status_code == 204
        assert names(client) == ["kept"]

    serving(work)


def raw(port: int, data: bytes) -> bytes:
    """What comes back for these bytes, until the server closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(data)
        connection.settimeout(2)
        found = b""
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while part := connection.recv(65536):
                found += part
                if b"\r\n\r\n" in found:
                    break
        return found


HOSTILE = [
    b"\x00" * 1000,
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET /v2/apps HTTP/9.9\r\n\r\n",
    b"GET /v2/apps HTTP/1.1\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v2/apps HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    b"POST /v2/apps HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /v2/apps HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /v2/apps HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /v2/apps HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nzz\r\n",
    b"GET /v2/../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v2/apps/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v2/apps/\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET //evil.example/v2/apps HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://evil.example/v2/apps HTTP/1.1\r\nHost: a\r\n\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v2/apps HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
]


@pytest.mark.filterwarnings("ignore")
def test_hostile_requests_get_an_error_or_nothing_and_the_server_goes_on() -> None:
    def work(client: httpx.Client, port: int) -> None:
        for data in HOSTILE:
            answer = raw(port, data)
            assert answer == b"" or b" 4" in answer[:13], (data[:60], answer[:60])
            assert b"root:" not in answer
        assert client.get("/v2/apps").status_code == 200

    serving(work)


def test_large_deep_and_odd_bodies_are_answered_in_time() -> None:
    bodies = [
        (b" " * (64 * 1024 * 1024), 413),
        (b'{"a":' * 1_000_000, 400),
        (b"[" * 5_000_000, 400),
        (b"9" * 5_000_000, 400),
        ('{"app_name": "a"}'.encode("utf-32"), 400),
        (b'{"app_name": "\xc0\xaf"}', 400),
        (b'{"app_name": "' + b"\\u0000" * 100_000 + b'"}', 201),
    ]

    def work(client: httpx.Client, _: int) -> None:
        for body, status in bodies:  # each within the client's 20 seconds
            for encoding in ("identity", "gzip"):
                headers = {"Content-Encoding": encoding}
                found = client.post("/v2/apps", content=body, headers=headers).status_code
                assert found in (status, 400), body[:20]

    serving(work)


def test_body_sent_in_pieces_with_no_length_is_cut_off_at_the_limit() -> None:
    def pieces() -> Any:
        for _ in range(64):
            yield b" " * (1024 * 1024)

    def work(client: httpx.Client, _: int) -> None:
        assert client.post("/v2/apps", content=pieces()).status_code == 413

    serving(work)


def test_connections_that_send_no_request_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    beginnings = [b"", b"GET /v2/apps HT", b"POST /v2/apps HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"]

    def work(client: httpx.Client, port: int) -> None:
        client.headers["Connection"] = "close"  # one kept from the request before could be closed by the same limit
        held = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in beginnings]
        for connection, beginning in zip(held, beginnings, strict=True):
            connection.sendall(beginning)
        assert client.get("/v2/apps").status_code == 200
        for connection in held:
            with connection, contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b""
        suffer(client, fault="latency", seconds=1.2)
        assert client.get("/v2/apps").status_code == 200  # waiting for an answer is no idleness

    serving(work)


def test_of_too_many_connections_the_longest_idle_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 20)

    def work(client: httpx.Client, port: int) -> None:
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5)) for _ in range(100)]
            for connection in held[-5:]:
                connection.sendall(b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
                assert connection.recv(12) == b"HTTP/1.1 404"
            with contextlib.suppress(ConnectionResetError):
                assert held[0].recv(1) == b""
            assert httpx.get(str(client.base_url) + "/v2/apps").status_code == 401

    serving(work)


def test_when_all_connections_are_busy_the_new_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)

    def work(client: httpx.Client, port: int) -> None:
        suffer(client, fault="latency", seconds=1, count=2)
        client.close()
        busy = [http.client.HTTPConnection("127.0.0.1", port, timeout=10) for _ in range(2)]
        for connection in busy:
            connection.request("GET", "/v2/apps")
        time.sleep(0.2)  # both are being served; nothing tells from outside
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/v2/apps")
        for connection in busy:
            assert connection.getresponse().read()
            connection.close()

    serving(work)


def test_many_clients_at_once_are_all_served() -> None:
    def work(client: httpx.Client, _: int) -> None:
        statuses: list[int] = []

        def ask(number: int) -> None:
            answer = httpx.post(f"{client.base_url}/v2/apps", json={"app_name": f"{number}"}, headers=client.headers)
            statuses.append(answer.status_code)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [201] * 20

    serving(work)


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")
def test_another_address_can_be_listened_on() -> None:
    def work(url: str) -> None:
        assert url.startswith("http://[::1]:")
        assert httpx.post(url + "/v3/auth/tokens", json=token_request()).status_code == 201

    while_serving(work, host="::1")


def test_open_connections_do_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    too_late: list[object] = []
    reset = connections.GuardedConnection.reset

    def watched(self: connections.GuardedConnection) -> None:
        too_late.append(self)
        reset(self)

    monkeypatch.setattr(connections.GuardedConnection, "reset", watched)
    held: list[socket.socket] = []

    def work(_: httpx.Client, port: int) -> None:
        held.extend(socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(10))
        held[0].sendall(b"POST /v2/apps HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")

    serving(work)
    for connection in held:
        connection.close()
    assert len(held) == 10
    assert not too_late
