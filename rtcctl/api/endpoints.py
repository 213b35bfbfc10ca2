"""Which URLs may be called: https anywhere, plain http only on this machine."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from rtcctl.errors import UsageError

DEFAULT_ENDPOINT = "https://rtc-api.myhuaweicloud.com"
"""The one global endpoint (NOTES section 1)."""
DEFAULT_IAM_ENDPOINT = "https://iam.myhuaweicloud.com"
"""Global IAM: its tokens are valid in all regions (NOTES section 2.1)."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")


def normalize(url: str, name: str = "endpoint") -> str:
    """Return the URL as `scheme://host[:port]`, lower-case, without the scheme's own port and without a slash.

    Args:
        url: what the user gave.
        name: what to call it in a message, such as `IAM endpoint`.

    Raises:
        UsageError: not an http(s) URL of a host alone, or plain http to another machine. The URL itself is shown only
            as far as it can't hold credentials.
    """
    parts = _split(url, name)
    host, port = _host(parts, name)
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"the {name} holds credentials",
            mend="give the URL without them; rtcctl reads credentials from the environment",
        )
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UsageError(
            f"the {name} on {host} has a path or a query", mend=f"give scheme and host only: {parts.scheme}://{host}"
        )
    if parts.scheme == "http" and not _loopback(host):
        raise UsageError(
            f"the {name} on {host} is plain http, which would show token and secrets to the network",
            mend=f"use https://{host}; plain http is for loopback addresses such as 127.0.0.1",
        )
    written = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{written}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")


def is_loopback(url: str) -> bool:
    """Tell whether a URL leads to this machine."""
    return _loopback(urlsplit(url).hostname or "")


def _split(url: str, name: str) -> SplitResult:
    # urlsplit drops tabs and line ends without a word, so they are looked for before.
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise UsageError(f"the {name} holds blanks, control characters or letters beyond ASCII", mend=_mend())
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UsageError(f"the {name} is not a URL", mend=_mend()) from None
    if parts.scheme not in _PORTS:
        raise UsageError(f"the {name} does not begin with https://", mend=_mend())
    return parts


def _host(parts: SplitResult, name: str) -> tuple[str, int | None]:
    try:
        host, port = parts.hostname or "", parts.port
        if ":" in host:
            host = str(ipaddress.IPv6Address(host))
    except ValueError:
        raise UsageError(f"host or port of the {name} can't be read", mend=_mend()) from None
    named = ":" in host or (len(host) < 254 and _HOST.fullmatch(host))
    if not named or "%" in host or port == 0:
        raise UsageError(f"host or port of the {name} can't be one", mend=_mend())
    return host, port


def _mend() -> str:
    return f"write it like {DEFAULT_ENDPOINT}"


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
