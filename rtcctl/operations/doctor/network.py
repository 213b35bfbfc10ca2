"""The way to the endpoint: its name, a connection with its certificate, and the clock on the other side."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from rtcctl.api.auth import CLOCK_MARGIN
from rtcctl.api.credentials import AkSkCredentials, Credentials
from rtcctl.api.preparing import Prepared
from rtcctl.api.trust import trusted
from rtcctl.api.wire import Wire
from rtcctl.errors import ApiError, ExitCode
from rtcctl.model.checkup import Check
from rtcctl.operations.threads import in_daemon

_PORTS = {"http": 80, "https": 443}
_TOLERATED = 15 * 60
"""Seconds that a signature's time may be off: the usual figure of Huawei Cloud, unconfirmed for SparkRTC."""
_SOON = 14
"""Days before a certificate's end that are worth a word."""
_SHOWN = 4


async def dns(url: str, proxy: str) -> Check:
    """Resolve the endpoint's name."""
    host = urlsplit(url).hostname or ""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return Check("DNS", "ok", f"{host} is an address")
    if proxy:
        return Check("DNS", "skipped", f"the proxy of {proxy} resolves names")
    try:
        found = await in_daemon(lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except OSError as error:
        mend = "check the name in the endpoint, this machine's name servers, and whether a proxy is needed"
        return Check("DNS", "failed", f"{host} can't be resolved: {error.strerror or error}", mend)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    more = f" and {len(addresses) - _SHOWN} more" if len(addresses) > _SHOWN else ""
    return Check("DNS", "ok", f"{host} is {', '.join(addresses[:_SHOWN])}{more}")


async def connection(url: str, proxy: str, now: datetime) -> Check:
    """Connect to the endpoint as the client does, and look at its certificate."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or _PORTS[parts.scheme]
    name = "connection"
    if proxy:
        return Check(name, "skipped", f"calls go through the proxy of {proxy}; those below show whether they arrive")
    try:
        certificate, version = await _connected(host, port, trusted() if secure else None)
    except ssl.SSLCertVerificationError as error:
        mend = "a private authority's certificate goes into SSL_CERT_FILE; is something in between reading along?"
        return Check(name, "failed", f"the certificate of {host} is not trusted: {error.verify_message}", mend)
    except ssl.SSLError:
        return Check(name, "failed", f"{host}:{port} speaks no TLS", "does it speak https at this port?")
    except OSError as error:
        mend = "check the endpoint, a firewall in between, and whether a proxy is needed (HTTPS_PROXY)"
        why = "it is refused" if isinstance(error, ConnectionRefusedError) else error.strerror or error
        return Check(name, "failed", f"no connection to {host}:{port}: {why}", mend)
    if not secure:
        return Check(name, "ok", f"{host}:{port} accepts connections; plain http, on this machine only")
    return _judged(certificate, version, now)


async def _connected(host: str, port: int, context: ssl.SSLContext | None) -> tuple[dict[str, object], str]:
    reader_writer = await asyncio.open_connection(host, port, ssl=context)
    writer = reader_writer[1]
    try:
        certificate = writer.get_extra_info("peercert") or {}
        secured = writer.get_extra_info("ssl_object")
        return certificate, secured.version() or "" if secured is not None else ""
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _judged(certificate: dict[str, object], version: str, now: datetime) -> Check:
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (end - now).days
    found = f"{version}, the certificate is trusted and ends {end:%Y-%m-%d}"
    if days < _SOON:
        return Check("connection", "warning", f"{found}, in {days} days", "whoever runs the endpoint has to renew it")
    return Check("connection", "ok", found)


async def clock(wire: Wire, found: Credentials | None, now: Callable[[], datetime]) -> Check:
    """Compare this machine's clock with the Date of an answer; what is answered does not matter."""
    request = Prepared("GET", "/", {}, "application/json")
    try:
        response = await wire.exchange(request, {"Content-Type": request.content_type})
    except ApiError as error:
        return Check("clock", "skipped", f"the service does not answer: {error.reason}")
    date = response.header("Date")
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return Check("clock", "skipped", "the answer has no readable Date")
    seconds = (now() - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds()
    size = f"{abs(seconds) / 60:.0f} minutes" if abs(seconds) >= 120 else f"{abs(seconds):.0f} s"
    way = "ahead of" if seconds > 0 else "behind"
    mend = "set this machine's clock (NTP)"
    if abs(seconds) > _TOLERATED and isinstance(found, AkSkCredentials):
        what = f"this machine is {size} {way} the service; signatures are refused beyond about 15 minutes"
        return Check("clock", "failed", what, mend, ExitCode.NOT_ALLOWED)
    if abs(seconds) > CLOCK_MARGIN.total_seconds():
        return Check("clock", "warning", f"this machine is {size} {way} the service", mend)
    return Check("clock", "ok", "this machine and the service agree" + (f" within {size}" if abs(seconds) >= 2 else ""))
