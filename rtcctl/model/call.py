"""One API call as a value: what will be sent, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field

from rtcctl.model.values import Members, Ref

Category: TypeAlias = Literal[
    "apps",
    "record-rules",
    "auto-record",
    "callbacks",
    "mix-stream-jobs",
    "individual-stream-jobs",
    "rtc-ops",
    "iam",
]
"""Throttle category (API Reference, Before You Start); the tags of the OpenAPI file."""


class Call(Struct, frozen=True):
    """A request to the service.

    `path` is a template whose `{names}` are filled from `ids`. `expect` lists the success statuses.
    `returns` names the members that a successful answer must hold; an answer without them is an error.
    `done_codes` are error codes, and `done_statuses` statuses, which mean that the aim is reached already.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    category: Category
    ids: Mapping[str, str | Ref] = field(default_factory=dict)
    body: Members | None = None
    query: Mapping[str, str | int] = field(default_factory=dict)
    expect: tuple[int, ...] = (200,)
    returns: tuple[str, ...] = ()
    done_statuses: tuple[int, ...] = ()
    done_codes: tuple[str, ...] = ()
