"""AK/SK signatures: rebuilds SDK-HMAC-SHA256 from the SignedHeaders list and the raw request.

Written from the public description of the algorithm alone; the client signs with other code.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from msgspec import Struct

from rtcctl.simulator.errors import UNAUTHENTICATED, Refused

if TYPE_CHECKING:
    from rtcctl.simulator.accounts import SimulatedAccount
    from rtcctl.simulator.call import Incoming

ALGORITHM = "SDK-HMAC-SHA256"
AUTHORIZATION = re.compile(
    ALGORITHM + r" Access=(?P<access>[^,\s]+), ?SignedHeaders=(?P<signed>[^,\s]+), ?Signature=(?P<signature>[^,\s]+)"
)
DATE = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
TOLERANCE = timedelta(minutes=15)  # unconfirmed: the usual figure
MUST_BE_SIGNED = frozenset({"host", "x-project-id", "x-sdk-date"})  # unconfirmed: the signer always signs these


class Authorization(Struct, frozen=True):
    """The parts of an Authorization header."""

    access: str
    signed_headers: tuple[str, ...]
    signature: str


def verify(incoming: Incoming, accounts: tuple[SimulatedAccount, ...], now: datetime) -> SimulatedAccount:
    """The account that signed a request; anything wrong is refused as the gateway does, with APIGW.0301."""
    authorization = parse_authorization(incoming.headers.get("authorization", ""))
    account = next((known for known in accounts if known.access_key == authorization.access), None)
    if account is None:
        raise Refused(UNAUTHENTICATED, "ak not exist")
    if not MUST_BE_SIGNED.issubset(authorization.signed_headers):
        raise Refused(UNAUTHENTICATED, "host, x-project-id and x-sdk-date must be signed")
    _check_date(incoming.headers.get("x-sdk-date", ""), now)
    expected = sign(account.secret_key, incoming, authorization.signed_headers)
    if not hmac.compare_digest(expected.encode(), authorization.signature.encode()):
        raise Refused(UNAUTHENTICATED, "verify aksk signature fail")
    if incoming.headers.get("x-project-id") != account.project_id:
        raise Refused(UNAUTHENTICATED, "project id does not belong to the account")
    return account


def parse_authorization(header: str) -> Authorization:
    """The parts of the header, or a refusal."""
    match = AUTHORIZATION.fullmatch(header)
    if match is None:
        raise Refused(UNAUTHENTICATED, "authorization header format incorrect")
    return Authorization(match["access"], tuple(match["signed"].split(";")), match["signature"])


def sign(secret_key: str, incoming: Incoming, signed_headers: tuple[str, ...]) -> str:
    """The signature that a request with these signed headers should carry, in lower-case hex."""
    request_hash = hashlib.sha256(canonical_request(incoming, signed_headers).encode()).hexdigest()
    text = "\n".join([ALGORITHM, incoming.headers.get("x-sdk-date", ""), request_hash])
    return hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def canonical_request(incoming: Incoming, signed_headers: tuple[str, ...]) -> str:
    """The six parts of the canonical request, one under the other."""
    headers = "".join(f"{name}:{incoming.headers.get(name, '').strip()}\n" for name in signed_headers)
    return "\n".join(
        [
            incoming.method,
            _canonical_path(incoming.raw_path.decode("latin-1")),
            _canonical_query(incoming.query),
            headers,
            ";".join(signed_headers),
            hashlib.sha256(incoming.body).hexdigest(),
        ]
    )


def _canonical_path(path: str) -> str:
    encoded = "/".join(_encoded(segment) for segment in path.split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def _canonical_query(query: str) -> str:
    pairs = [part.partition("=") for part in query.split("&") if part]
    decoded = sorted((unquote(name), unquote(value)) for name, _, value in pairs)
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in decoded)


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="")  # quote keeps exactly the unreserved characters of RFC 3986


def _check_date(text: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(DATE.fullmatch(text)[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)  # type: ignore[index]
    except (TypeError, ValueError):
        raise Refused(UNAUTHENTICATED, "x-sdk-date format incorrect") from None
    if abs(now - signed_at) > TOLERANCE:
        raise Refused(UNAUTHENTICATED, "x-sdk-date is too far from the server's time")
