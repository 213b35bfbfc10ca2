"""Delivers notifications: in order within a job, signed when the app's callback has a key, tried again with back-off.

unconfirmed: order, retries and their delays, and that every answer but a 2xx is a reason to try again.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import json
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rtcctl.simulator import events, times
from rtcctl.simulator.sending import Failure, post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rtcctl.simulator.call import Simulator
    from rtcctl.simulator.store import Document

MAX_ATTEMPTS = 6  # after 1, 2, 4, 8 and 16 seconds
AT_ONCE = 16
DELIVERED = "delivered"
GIVEN_UP = "given up"
NO_CALLBACK = "not delivered (no callback)"
NOT_LOOPBACK = "not delivered (not loopback)"
SWITCHED_OFF = "not delivered (switched off)"


async def deliver_due(simulator: Simulator) -> int:
    """Send what is due by now, jobs side by side; how many requests were made."""
    sent = 0
    while True:
        with simulator.store.transaction():
            batch = list(_take_due(simulator, simulator.options.now().timestamp()))
        if not batch:
            return sent
        requests = await asyncio.gather(*(_deliver(simulator, delivery) for delivery in batch))
        sent += sum(requests)


def shown(simulator: Simulator, newest: int) -> list[Document]:
    """The delivery log, oldest first, within a transaction; signatures and keys are never kept."""
    found = events.collection(simulator.store).list()[-newest:] if newest else []
    return [
        {name: value for name, value in delivery.items() if name not in ("body", "next_at")}
        | {"event": json.loads(delivery["body"])}
        for delivery in found
    ]


def signature(auth_key: str, rand: str, timestamp: str, body: bytes) -> str:
    """X-Rtc-Signature as the FAQ tells to compute it; unconfirmed: the timestamp counts seconds."""
    return hmac.new(auth_key.encode(), rand.encode() + timestamp.encode() + body, hashlib.sha256).hexdigest()


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine by `localhost` or a loopback address; any other name might lead anywhere."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _take_due(simulator: Simulator, now: float) -> Iterator[Document]:
    """The first pending delivery of each job that is due and not under way, marked as under way."""
    heads: set[str] = set()
    taken = 0
    for delivery in events.collection(simulator.store).list(events.PENDING):
        if delivery["job_id"] in heads:
            continue
        heads.add(delivery["job_id"])
        if delivery["next_at"] <= now and delivery["job_id"] not in simulator.sending and taken < AT_ONCE:
            taken += 1
            simulator.sending.add(delivery["job_id"])
            yield delivery


async def _deliver(simulator: Simulator, delivery: Document) -> bool:
    """Make one attempt and keep what came of it; whether a request was made."""
    outcome: int | str | None = None
    try:
        callback, now = _callback(simulator, delivery), simulator.options.now()
        refused = _refused(simulator, callback)
        if callback is not None and refused is None:
            delivery["url"] = callback["url"]
            body = delivery["body"].encode()
            try:
                outcome = await post(callback["url"], _headers(callback.get("auth_key"), body, now), body)
            except Failure as failure:
                outcome = str(failure)
        _keep(simulator, delivery, refused, outcome, now)
    finally:
        simulator.sending.discard(delivery["job_id"])
    return outcome is not None


def _callback(simulator: Simulator, delivery: Document) -> Document | None:
    """The callback as it is now; unconfirmed: a change reaches notifications that wait."""
    with simulator.store.transaction():
        app = simulator.store.collection("app", delivery["account"]).get(delivery["app_id"])
    callback: Document | None = (app or {}).get("callbacks", {}).get("record_callback")
    return callback


def _refused(simulator: Simulator, callback: Document | None) -> str | None:
    if callback is None:
        return NO_CALLBACK
    if simulator.options.deliver_callbacks == "none":
        return SWITCHED_OFF
    if simulator.options.deliver_callbacks == "loopback" and not is_loopback(callback["url"]):
        return NOT_LOOPBACK
    return None


def _headers(auth_key: str | None, body: bytes, now: datetime) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if auth_key:
        rand, timestamp = secrets.token_hex(4), str(int(now.timestamp()))
        headers |= {"X-Rtc-Rand": rand, "X-Rtc-Timestamp": timestamp}
        headers["X-Rtc-Signature"] = signature(auth_key, rand, timestamp, body)
    return headers


def _keep(
    simulator: Simulator, delivery: Document, refused: str | None, outcome: int | str | None, now: datetime
) -> None:
    if refused is not None:
        delivery["state"] = refused
    else:
        said = {"status": outcome} if isinstance(outcome, int) else {"error": outcome}
        delivery["attempts"].append({"time": times.microseconds(now), **said})
        tried = len(delivery["attempts"])
        if isinstance(outcome, int) and 200 <= outcome < 300:
            delivery["state"] = DELIVERED
        elif tried >= MAX_ATTEMPTS:
            delivery["state"] = GIVEN_UP
        delivery["next_at"] = now.timestamp() + 2 ** (tried - 1)
    with simulator.store.transaction():
        if events.find(simulator.store, delivery["id"]) is not None:
            events.save(simulator.store, delivery)
    simulator.changed.bump()
