"""What the service told: objects, and the account they were read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field

from rtcctl.model.values import Members

Refresh: TypeAlias = Literal["all", "changed", "none"]
"""What is read: everything that concerns us, the apps whose declaration differs from last-applied, or nothing."""


class RemoteObject(Struct, frozen=True):
    """One object as read: `ids` name it in paths, `members` are what a manifest could declare.

    `status` holds what the service alone decides, such as a job's `state` and `stop_reason`. An `assumed` object was
    not read: it is taken to be as last applied, and its secrets are not there to be compared.
    """

    kind: str
    ids: Mapping[str, str]
    members: Members
    status: Mapping[str, str] = field(default_factory=dict)
    assumed: bool = False


class Live(Struct, frozen=True):
    """The part of an account that was read, in the order in which it was read.

    `tenant_name` is the account's own name where the service told it.
    """

    objects: tuple[RemoteObject, ...] = ()
    tenant_name: str = ""
