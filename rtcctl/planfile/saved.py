"""A plan with everything that says what it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rtcctl.model.plan import Plan


@dataclass(frozen=True, slots=True)
class SavedAccount:
    """The account a plan is for, and the version of the state that it was made against.

    `credentials` is the prefix of the variables that the account's credentials come from. `lineage` is empty and
    `serial` 0 where there was no state yet.
    """

    name: str
    endpoint: str
    credentials: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)
    lineage: str = ""
    serial: int = 0


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a plan file holds. `created` is UTC, RFC 3339; `manifest` is the digest of the manifest's files.

    `backend` is written as in the manifest, variables not filled in.
    """

    plan: Plan
    project: str
    backend: str
    account: SavedAccount
    manifest: str
    created: str
    rtcctl: str
