"""From a call to what goes over the wire, but for authentication: path, query and body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from rtcctl.api.hiding import revealed
from rtcctl.api.signing import canonical_query
from rtcctl.errors import UsageError
from rtcctl.model.call import Call
from rtcctl.model.discreet import Discreet
from rtcctl.model.values import Members, Ref, Secret


class Prepared(Discreet, frozen=True):
    """A call ready to be signed and sent. `body` and `secrets` hold secrets in clear and are in no rendering."""

    method: str
    path: str
    query: Mapping[str, str | int]
    content_type: str
    body: bytes = b""
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Hide what may be secret."""
        return f"Prepared({self.method} {self.path})"

    @property
    def target(self) -> str:
        """Path and query as they are sent."""
        query = canonical_query(self.query)
        return f"{self.path}?{query}" if query else self.path


def prepare(call: Call) -> Prepared:
    """Fill in the path and write the body.

    A Content-Type goes with every call, as the API demands; its text is the official SDK's (NOTES section 1).

    Raises:
        UsageError: an id is empty, `.` or `..`, which would make it a call to another path.
        TypeError: an id or a member is still a reference.
    """
    path = fill(call.path, call.ids)
    if call.body is None:
        return Prepared(call.method, path, call.query, "application/json")
    secrets = tuple(revealed(call.body))
    return Prepared(call.method, path, call.query, "application/json;charset=utf-8", write(call.body), secrets)


def fill(template: str, ids: Mapping[str, str | Ref]) -> str:
    """Return the path with each `{name}` replaced by the percent-encoded id."""
    return "/".join(
        _segment(segment[1:-1], ids) if segment.startswith("{") else segment for segment in template.split("/")
    )


def write(body: Members) -> bytes:
    """Return the body as JSON. The one place where secrets are revealed to be sent.

    Non-ASCII is escaped, as the official SDK does, so that no text can fail to be encoded.
    """
    return json.dumps(body, allow_nan=False, separators=(",", ":"), default=_plain).encode("ascii")


def _segment(name: str, ids: Mapping[str, str | Ref]) -> str:
    value = ids[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not known yet: {value}")
    if value in ("", ".", ".."):
        raise UsageError(f"{value!r} is no {name}", mend="check the id; the service's ids are letters and digits")
    return quote(value.encode("utf-8", "replace"), safe="~")


def _plain(value: object) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value} can't be sent")
