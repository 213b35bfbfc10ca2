"""What a command ended with: everything that a report may tell, as one value. Formats show it and compute nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from rtcctl.model.run import UNKNOWN, Run

if TYPE_CHECKING:
    from rtcctl.errors import Diagnostic, RtcctlError
    from rtcctl.model.address import Address
    from rtcctl.model.drift import Drift
    from rtcctl.model.plan import Plan
    from rtcctl.model.result import ApplyResult


class Validated(Struct, frozen=True):
    """A manifest without errors: what it declares, and what it is warned of."""

    resources: tuple[Address, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    run: Run = UNKNOWN


class Planned(Struct, frozen=True):
    """A plan was made and nothing done. `allowed` are the flags that were given of those that lift refusals."""

    plan: Plan
    run: Run = UNKNOWN
    allowed: tuple[str, ...] = ()


class Compared(Struct, frozen=True):
    """The account was compared with what was last applied."""

    drift: Drift
    run: Run = UNKNOWN


class Applied(Struct, frozen=True):
    """A plan was applied, wholly or in part."""

    plan: Plan
    result: ApplyResult
    run: Run = UNKNOWN
    allowed: tuple[str, ...] = ()


class Failed(Struct, frozen=True):
    """An error ended the command before anything was changed; `plan` is there where it had been made by then."""

    error: RtcctlError
    plan: Plan | None = None
    run: Run = UNKNOWN


Finished: TypeAlias = Validated | Planned | Compared | Applied | Failed
