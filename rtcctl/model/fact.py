"""What a plan takes for granted about the live account. A plan is stale once one of these does not hold any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, field

from rtcctl.model.address import Address
from rtcctl.model.values import Value


class Present(Struct, frozen=True):
    """An object stands there under these ids.

    `members` are the values found, by dotted path, that the change was worked out from; `whole`: all others were empty,
    and would be reset by what is sent. `secrets` tell by dotted path
    how the live secret stood to the declared one (where none is declared: `set`, `masked` or `unset`). `over`
    tells of a job whether it was STOPPED. `assumed`: it was not read but taken to be as last applied.
    """

    address: Address
    kind: str
    ids: Mapping[str, str]
    members: Mapping[str, Value] = field(default_factory=dict)
    whole: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)
    over: bool | None = None
    assumed: bool = False


class Absent(Struct, frozen=True):
    """Nothing stands there: under `parent`, no object has this natural key; where that is None, none has these ids."""

    address: Address
    kind: str
    parent: Mapping[str, str]
    key: tuple[str, ...] | None = None
    assumed: bool = False


class Alone(Struct, frozen=True):
    """Nothing hangs on an app that goes but these objects, each by its kind and ids."""

    address: Address
    ids: Mapping[str, str]
    children: tuple[tuple[str, Mapping[str, str]], ...] = ()
    assumed: bool = False


Fact: TypeAlias = Present | Absent | Alone
