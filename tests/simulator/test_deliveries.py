"""Notifications: what they say, to whom they go, in which order, signed, and tried again."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from rtcctl.simulator import Options, create_app, deliveries, events, sending
from rtcctl.simulator.validation import openapi

from .driver import Clock, Driver, join, leave
from .receiver import OK, Receiver, receiving
from .test_recording import automatic, mp4, recorded

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

KEY = "8923ab8c2dcef4538923ab8c2dcef453"
BUSY = b"HTTP/1.1 503 Busy\r\n\r\n"


def deliver(
    sim: Driver,
    *answers: bytes | None,
    rounds: int = 1,
    seconds: float = 0,
    auth_key: str | None = None,
    receiver: AbstractAsyncContextManager[Receiver] | None = None,
) -> Receiver:
    """Send what is due to a receiver, in rounds so many seconds apart."""

    async def run() -> Receiver:
        async with receiver or receiving(*answers) as found:
            simulator = sim.app.state.simulator
            with simulator.store.transaction():
                apps = simulator.store.collection("app", "simulator")
                for app in apps.list():
                    callback = {"url": found.url, **({"auth_key": auth_key} if auth_key else {})}
                    app["callbacks"] = {"record_callback": callback}
                    apps.put(app["app_id"], app, key=app["app_name"], state=app["state"]["state"])
            for _ in range(rounds):
                await simulator.deliver_due()
                sim.clock.advance(seconds)
            return found

    return asyncio.run(run())


def finished(sim: Driver, url: str = "http://127.0.0.1:9/", seconds: float = 59.2, **members: Any) -> str:
    """The path of a job that has recorded one file, with three notifications waiting."""
    sim.authorize()
    _, job = recorded_with_callback(sim, url, **members)
    sim.clock.advance(seconds)
    sim.done("DELETE", job, status=204)
    return job


def recorded_with_callback(sim: Driver, url: str = "http://127.0.0.1:9/", **members: Any) -> tuple[str, str]:
    app = sim.new_app(members.pop("app_name", "rtctest"))
    sim.done("PUT", app + "/record-callback", {"url": url, **members})
    rule = {"record_param": {"record_rule_id": sim.new_rule(app, mp4(record_prefix="x y"))}}
    return app, sim.new_mix_job(app, **rule)


def log(sim: Driver) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sim.control("GET", "/deliveries")["deliveries"]
    return found


def test_notifications_tell_the_file_s_life_in_order(sim: Driver) -> None:
    job = finished(sim)
    received = deliver(sim)
    app_id, job_id = job.split("/")[3], job.rpartition("/")[2]
    common = {"job_id": job_id, "stream_name": f"m_{job_id}_room001", "app_id": app_id, "room_id": "room001"}
    assert received.events == [
        {**common, "event_type": "RECORD_NEW_FILE_START", "record_format": "MP4"},
        {
            **common,
            "event_type": "RECORD_FILE_COMPLETE",
            "record_format": "MP4",
            "download_url": "https://obsName.obs.cn-north-4.myhuaweicloud.com:443/Record/x%20y.mp4",
            "file_size": 35_130 * 1024,
            "record_duration": 60,
            "start_time": "2024-01-15T08:30:00Z",
            "end_time": "2024-01-15T08:31:00Z",
            "width": 1920,
            "height": 1080,
            "obs_location": "obs.cn-north-4.myhuaweicloud.com",
            "obs_bucket": "obsName",
            "obs_object": "Record/x y.mp4",
        },
        {**common, "event_type": "CLOUD_RECORD_SERVER_OVER", "detail_message": "TENANT_STOP"},
    ]
    schema = {"$ref": "#/components/schemas/RecordEventNotification", "components": openapi()["components"]}
    for event in received.events:
        Draft202012Validator(schema).validate(event)
    assert received.heads[0].startswith("POST /callback?a=b%20c HTTP/1.1\r\n")
    assert received.header("Content-Type") == "application/json"
    assert received.header("X-Rtc-Signature") is None
    assert [(each["state"], [one["status"] for one in each["attempts"]]) for each in log(sim)] == [
        ("delivered", [200])
    ] * 3


def test_signature_is_that_of_the_published_vector() -> None:
    body = b'{"event_type":"RECORD_NEW_FILE_START","app_id":"5ff9701f2346968bb306cb43","room_id":"room001"}'
    expected = "210a3481f7ce9fb39f81cb6796d43af930dd099bba1d3a401a2c9be610df4b91"
    assert deliveries.signature(KEY, "1a2b3c4d", "1705307400", body) == expected


def test_notifications_are_signed_when_there_is_a_key_which_is_not_logged(sim: Driver) -> None:
    finished(sim)
    received = deliver(sim, auth_key=KEY)
    rand, timestamp = received.header("X-Rtc-Rand") or "", received.header("X-Rtc-Timestamp") or ""
    assert timestamp == str(int(sim.clock().timestamp()))
    message = rand.encode() + timestamp.encode() + received.bodies[-1]
    expected = hmac.new(KEY.encode(), message, hashlib.sha256).hexdigest()
    assert received.header("X-Rtc-Signature") == expected
    assert KEY not in str(log(sim))
    assert expected not in str(log(sim))


def test_automatic_recording_notifies_too(sim: Driver) -> None:
    app = automatic(sim)
    sim.done("PUT", app + "/record-callback", {"url": "http://127.0.0.1:9/"})
    join(sim, app)
    leave(sim, app)
    kinds = [event["event_type"] for event in deliver(sim).events]
    assert kinds == ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE", "CLOUD_RECORD_SERVER_OVER"]


def test_failed_job_says_why(sim: Driver) -> None:
    app = sim.new_app()
    sim.done("PUT", app + "/record-callback", {"url": "http://127.0.0.1:9/"})
    sim.new_mix_job(app, record_param={"record_rule_id": sim.new_rule(app)})
    [event] = deliver(sim).events
    assert (event["event_type"], event["detail_message"]) == (
        "CLOUD_RECORD_SERVER_OVER",
        "the bucket is not authorized",
    )


def test_nothing_is_queued_without_a_callback(sim: Driver) -> None:
    _, job = recorded(sim)
    sim.done("DELETE", job, status=204)
    assert log(sim) == []


def test_refused_notification_is_tried_again_with_growing_pauses_and_the_next_wait(sim: Driver) -> None:
    finished(sim)
    received = deliver(sim, BUSY, BUSY, BUSY, OK, rounds=80, seconds=0.1)
    assert [event["event_type"] for event in received.events[:4]] == ["RECORD_NEW_FILE_START"] * 4
    first = log(sim)[0]
    assert [one["status"] for one in first["attempts"]] == [503, 503, 503, 200]
    assert [one["time"][17:21] for one in first["attempts"]] == ["00.2", "01.2", "03.2", "07.2"]
    assert {each["state"] for each in log(sim)} == {"delivered"}


def test_receiver_that_never_accepts_is_given_up(sim: Driver) -> None:
    finished(sim)
    received = deliver(sim, BUSY, rounds=6, seconds=100)
    assert len(received.events) == 6 + 1
    assert [(each["state"], len(each["attempts"])) for each in log(sim)] == [
        ("given up", 6),
        ("pending", 1),
        ("pending", 0),
    ]


def test_slow_receiver_of_one_job_does_not_hold_up_the_others(sim: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.2)
    finished(sim, seconds=1)
    finished(sim, seconds=1, app_name="other")
    received = deliver(sim, None, OK)
    assert len(received.events) == 1 + 3
    first, *_ = log(sim)
    assert first["attempts"][0]["error"] == "no answer in time"


def test_one_notification_is_not_sent_twice_at_once(sim: Driver) -> None:
    finished(sim)

    async def run(found: Receiver) -> None:
        simulator = sim.app.state.simulator
        await asyncio.gather(*(deliveries.deliver_due(simulator) for _ in range(5)))

    async def both() -> list[Any]:
        async with receiving() as found:
            simulator = sim.app.state.simulator
            with simulator.store.transaction():
                [app] = simulator.store.collection("app", "simulator").list()
                app["callbacks"]["record_callback"]["url"] = found.url
                simulator.store.collection("app", "simulator").put(app["app_id"], app, key=app["app_name"])
            await run(found)
            return found.events

    assert len(asyncio.run(both())) == 3


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", 302),
        (b"HTTP/1.0 204\r\n\r\n", 204),
        (b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 404),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"x" * 100_000, 200),
    ],
)
def test_status_of_any_answer_is_logged_and_no_redirect_followed(sim: Driver, answer: bytes, status: int) -> None:
    finished(sim)
    deliver(sim, answer)
    assert log(sim)[0]["attempts"][0]["status"] == status
    assert log(sim)[0]["state"] == ("delivered" if status < 300 else "pending")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:9/", "cannot be reached: "),
        ("http://127.0.0.1:99999/", "cannot be reached: not a usable URL or name"),
        (f"http://{'a' * 64}.localhost/", "cannot be reached: not a usable URL or name"),
        ("http:///path", "cannot be reached: not a usable URL or name"),
    ],
)
def test_what_cannot_be_reached_says_so(clock: Clock, url: str, error: str) -> None:
    sim = Driver(create_app(options=Options(now=clock, deliver_callbacks="any")), clock)
    sim.authorize()
    app, _ = recorded_with_callback(sim)
    with sim.app.state.simulator.store.transaction():
        apps = sim.app.state.simulator.store.collection("app", "simulator")
        document = apps.get(app[9:])
        document["callbacks"]["record_callback"]["url"] = url
        apps.put(app[9:], document, key="rtctest", state="ACTIVATION")
    assert asyncio.run(sim.app.state.simulator.deliver_due()) == 1
    assert log(sim)[0]["attempts"][0]["error"].startswith(error)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 2000 \r\n\r\n"])
def test_what_is_not_http_is_no_answer(sim: Driver, answer: bytes) -> None:
    finished(sim)
    deliver(sim, answer)
    assert log(sim)[0]["attempts"][0]["error"] == "the answer is not HTTP"


def test_what_does_not_speak_tls_fails() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"no TLS here\r\n")
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(sending.Failure, match="TLS failed"):
                await sending.post(f"https://127.0.0.1:{port}/", {}, b"{}")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1/", True),
        ("http://127.9.8.7/", True),
        ("https://[::1]:1/", True),
        ("http://127.0.0.1.evil.example/", False),
        ("http://127.0.0.1@evil.example/", False),
        ("http://evil.example#@127.0.0.1/", False),
        ("http://10.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("http://2130706433/", False),
        ("http://[::1", False),
        ("http:///", False),
    ],
)
def test_loopback_is_what_names_this_machine_and_nothing_else(url: str, expected: bool) -> None:
    assert deliveries.is_loopback(url) is expected


def test_ipv6_loopback_is_served(sim: Driver) -> None:
    finished(sim)
    received = deliver(sim, receiver=receiving(host="::1"))
    assert (received.header("Host") or "").startswith("[::1]:")
    assert len(received.events) == 3


def test_other_places_are_not_called_and_the_log_says_so(sim: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "post", lambda *_: pytest.fail("called"))
    finished(sim, "http://mydomain.com/callback")
    assert asyncio.run(sim.app.state.simulator.deliver_due()) == 0
    assert [(each["url"], each["state"], each["attempts"]) for each in log(sim)] == [
        ("http://mydomain.com/callback", "not delivered (not loopback)", [])
    ] * 3


@pytest.mark.parametrize(("mode", "state"), [("any", "delivered"), ("none", "not delivered (switched off)")])
def test_delivery_can_be_opened_or_switched_off(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, mode: Any, state: str
) -> None:
    async def post(url: str, headers: dict[str, str], body: bytes) -> int:
        return 200

    monkeypatch.setattr(deliveries, "post", post)
    sim = Driver(create_app(options=Options(now=clock, deliver_callbacks=mode)), clock)
    finished(sim, "http://mydomain.com/callback")
    asyncio.run(sim.app.state.simulator.deliver_due())
    assert {each["state"] for each in log(sim)} == {state}


def test_notifications_of_an_app_that_is_gone_are_dropped(sim: Driver) -> None:
    app, job = recorded_with_callback(sim)
    sim.done("GET", job)
    rules = sim.done("GET", app + "/record-rules")["rules"]
    sim.done("DELETE", f"{app}/record-rules/{rules[0]['rule_id']}", status=204)
    sim.done("DELETE", app, status=204)
    asyncio.run(sim.app.state.simulator.deliver_due())
    assert {each["state"] for each in log(sim)} == {"not delivered (no callback)"}


def test_log_keeps_the_newest(sim: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEPT", 2)
    finished(sim)
    assert [each["id"] for each in log(sim)] == [2, 3]
    assert [each["id"] for each in sim.control("GET", "/deliveries?limit=1")["deliveries"]] == [3]
    assert sim.control("GET", "/deliveries?limit=0") == {"deliveries": []}


def test_delivery_that_was_forgotten_meanwhile_stays_forgotten(sim: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(sim)
    store = sim.app.state.simulator.store

    async def post(url: str, headers: dict[str, str], body: bytes) -> int:
        with store.transaction():
            events.collection(store).clear()
        return 200

    monkeypatch.setattr(deliveries, "post", post)
    assert asyncio.run(sim.app.state.simulator.deliver_due()) == 1
    assert log(sim) == []
