"""A live account made of plain answers, for tests that need no HTTP: what the API client would have returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rtcctl.errors import FailedCall, NotFoundError
from rtcctl.model.call import Call


@dataclass(frozen=True)
class Told:
    """The part of an answer that readers look at."""

    data: Mapping[str, Any]


@dataclass
class Account:
    """Answers reads from a document: `apps`, `rules` by app_id, `jobs` by job_id, `buckets`, `settings` by path.

    `asked` lists the reads in order.
    """

    document: Mapping[str, Any]
    asked: list[str] = field(default_factory=list)

    async def pages(self, call: Call, items: str, key: str) -> list[Mapping[str, Any]]:
        path = call.path.format(**call.ids)
        self.asked.append(path)
        if path == "/v2/apps":
            return list(self.document.get("apps") or ())
        return list((self.document.get("rules") or {}).get(call.ids["app_id"], ()))

    async def send(self, call: Call) -> Told:
        path = call.path.format(**call.ids)
        self.asked.append(path)
        if path == "/v2/rtc-ops/buckets":
            return Told({"buckets": self.document.get("buckets") or []})
        found = (self.document.get("jobs") or {}).get(call.ids.get("job_id"))
        found = found or (self.document.get("settings") or {}).get(path)
        if found is None:
            raise NotFoundError(FailedCall("GET", path, 404, "RTC.00001003"), "InvalidParameterValue")
        return Told(found)
