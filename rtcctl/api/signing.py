"""AK/SK signing, algorithm SDK-HMAC-SHA256: pure functions from a request to its Authorization header.

Source: NOTES section 2.2, step by step; its three vectors are the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"


def authorization(
    method: str,
    path: str,
    query: Mapping[str, str | int],
    headers: Mapping[str, str],
    body: bytes,
    *,
    access_key: str,
    secret_key: str,
) -> str:
    """Return the Authorization header.

    Args:
        method: the HTTP method.
        path: the path as it goes over the wire.
        query: the query's names and values, not encoded.
        headers: all headers to be signed, `Host` and `X-Sdk-Date` among them.
        body: the exact bytes of the body; empty where there is none.
        access_key: the AK.
        secret_key: the SK.

    Raises:
        KeyError: `X-Sdk-Date` is missing.
    """
    request = canonical_request(method, path, query, headers, body)
    signature = hmac.new(
        secret_key.encode(), string_to_sign(headers["X-Sdk-Date"], request).encode(), hashlib.sha256
    ).hexdigest()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={signed_headers(headers)}, Signature={signature}"


def sdk_date(moment: datetime) -> str:
    """Write a moment as the X-Sdk-Date header wants it: `YYYYMMDDThhmmssZ`, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def encode(text: str) -> str:
    """Percent-encode all but the unreserved characters of RFC 3986; `/` becomes `%2F`."""
    return quote(text, safe="~")


def canonical_path(path: str) -> str:
    """Return the path for signing: decoded, each segment encoded again, with a slash at the end."""
    encoded = "/".join(encode(segment) for segment in unquote(path).split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def canonical_query(query: Mapping[str, str | int]) -> str:
    """Return the query sorted and encoded, which is also how it is sent."""
    pairs = sorted((name, _text(value)) for name, value in query.items())
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)


def signed_headers(headers: Iterable[str]) -> str:
    """Return the names of the headers that are signed: lower-case, sorted, none with an underscore."""
    return ";".join(sorted(name.lower() for name in headers if "_" not in name))


def canonical_request(
    method: str, path: str, query: Mapping[str, str | int], headers: Mapping[str, str], body: bytes
) -> str:
    """Return the text whose hash is signed (NOTES section 2.2, step 6)."""
    values = {name.lower(): value.strip() for name, value in headers.items()}
    names = signed_headers(headers)
    lines = "".join(f"{name}:{values[name]}\n" for name in names.split(";"))
    hashed = hashlib.sha256(body).hexdigest()
    return "\n".join((method.upper(), canonical_path(path), canonical_query(query), lines, names, hashed))


def string_to_sign(date: str, request: str) -> str:
    """Return what the HMAC is taken of, from the X-Sdk-Date header and the canonical request."""
    return "\n".join((ALGORITHM, date, hashlib.sha256(request.encode()).hexdigest()))


def _text(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
