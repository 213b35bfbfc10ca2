"""Telling a watcher of requests and answers: never a header, and bodies only with their secrets removed."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from rtcctl.api.hiding import hide, token_like
from rtcctl.api.preparing import Prepared
from rtcctl.kinds import KINDS
from rtcctl.model.happening import UNWATCHED, Answered, Sent, Watcher

HIDDEN = "(secret)"
BODY_CHARACTERS = 4000
"""How much of a body is shown."""
_TARGET_CHARACTERS = 500
_HEADERS = ("X-Auth-Token", "X-Security-Token")
_PARTS = ("password", "passwd", "secret", "token", "app_key", "auth_key", "access_key", "credential", "signature")
"""Parts of the names of members whose values are secrets, beside those that the kinds declare."""
_USERINFO = re.compile(r"://[^/?#\s@\"]+@")


class Exchanges:
    """Numbers the exchanges of one client and tells of them. `secrets` returns what must not be shown by any."""

    def __init__(self, watcher: Watcher = UNWATCHED) -> None:
        self.secrets: Callable[[], Iterable[str]] = tuple
        self._watcher = watcher
        self._numbers = itertools.count(1)

    def sent(self, request: Prepared, headers: Mapping[str, str]) -> int:
        """Tell that a request leaves, and return its number."""
        number = next(self._numbers)
        secrets = self._hidden(request, headers)
        body = shown_body(request.body, secrets) if self._watcher.bodies else ""
        self._watcher.see(Sent(number, request.method, _target(request, secrets), body))
        return number

    def ended(
        self,
        number: int,
        request: Prepared,
        headers: Mapping[str, str],
        seconds: float,
        *,
        status: int | None = None,
        request_id: str = "",
        content: bytes = b"",
    ) -> None:
        """Tell how it ended."""
        secrets = self._hidden(request, headers)
        body = shown_body(content, secrets) if self._watcher.bodies else ""
        id_ = token_like(request_id, secrets)
        self._watcher.see(Answered(number, request.method, _target(request, secrets), status, seconds, id_, body))

    def _hidden(self, request: Prepared, headers: Mapping[str, str]) -> tuple[str, ...]:
        return (*request.secrets, *self.secrets(), *(headers.get(name, "") for name in _HEADERS))


def shown_body(content: bytes, secrets: Iterable[str]) -> str:
    """Return a body on one line without its secrets. What is no JSON can't be judged and is not shown."""
    if not content:
        return ""
    try:
        text = json.dumps(_clean(json.loads(content)), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return f"({len(content)} bytes that are no JSON)"
    return hide(text, secrets, BODY_CHARACTERS)


def _target(request: Prepared, secrets: Iterable[str]) -> str:
    return hide(request.target, secrets, _TARGET_CHARACTERS)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: HIDDEN if below and _is_secret(name) else _clean(below) for name, below in value.items()}
    if isinstance(value, list):
        return [_clean(below) for below in value]
    return _USERINFO.sub(f"://{HIDDEN}@", value) if isinstance(value, str) else value


def _is_secret(name: str) -> bool:
    return name in _declared() or any(part in name.lower() for part in _PARTS)


@cache
def _declared() -> frozenset[str]:
    """Return the names of members that a kind declares as sensitive."""
    return frozenset(path[-1] for kind in KINDS.values() for path, member in kind.leaves if member.sensitive)
