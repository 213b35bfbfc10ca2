"""A plan with everything that says what it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct, field

from rtcctl.errors import Diagnostic
from rtcctl.model.plan import Broken, Plan
from rtcctl.model.resource import Project
from rtcctl.planner.joining import joined


class SavedAccount(Struct, frozen=True):
    """The account a plan is for, and the version of the state that it was made against.

    `credentials` is the prefix of the variables that the account's credentials come from, `declared_endpoint` what the
    manifest says of its place. `lineage` is empty and `serial` 0 where there was no state yet.
    """

    name: str
    endpoint: str
    credentials: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)
    lineage: str = ""
    serial: int = 0
    declared_endpoint: str = ""


class SavedPart(Struct, frozen=True):
    """The part of a plan that is for one account; its addresses don't say which."""

    account: SavedAccount
    plan: Plan


class SavedPlan(Struct, frozen=True, dict=True):
    """What a plan file holds. `created` is UTC, RFC 3339; `manifest` is the digest of the manifest's files.

    `backend` is written as in the manifest, variables not filled in. The manifest has `several` accounts, even if only
    one has a part. `max_deletes` holds for all parts together; `warnings` are of the manifest, where it has several.
    `broken` accounts have no part, and a plan that lacks them is not put into a file.
    """

    parts: tuple[SavedPart, ...]
    project: str
    backend: str
    manifest: str
    created: str
    rtcctl: str
    several: bool = False
    max_deletes: int = Project().max_deletes
    warnings: tuple[Diagnostic, ...] = ()
    broken: tuple[Broken, ...] = ()

    @cached_property
    def plan(self) -> Plan:
        """The plan as people saw it."""
        if not self.several:
            return self.parts[0].plan
        parts = {each.account.name: each.plan for each in self.parts}
        return joined(parts, self.broken, max_deletes=self.max_deletes, warnings=self.warnings)
