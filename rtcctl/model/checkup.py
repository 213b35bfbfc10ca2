"""What `doctor` found, as values."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from rtcctl.errors import ExitCode

Status: TypeAlias = Literal["ok", "warning", "failed", "skipped"]

WORST: tuple[ExitCode, ...] = (
    ExitCode.INVALID,
    ExitCode.NOT_ALLOWED,
    ExitCode.FAILED,
    ExitCode.FOREIGN,
    ExitCode.LOCKED,
)
"""In which order failures count: settings come first, for nothing else can be judged while they are wrong."""


class Check(Struct, frozen=True):
    """One thing that was looked at.

    `found` says what was found, or why it was skipped; never a secret. `mend` says what to do. `exit_code` is that of
    a failure of this kind.
    """

    name: str
    status: Status
    found: str
    mend: str = ""
    exit_code: ExitCode = ExitCode.FAILED


class Checkup(Struct, frozen=True):
    """Everything that was looked at, from the ground up."""

    checks: tuple[Check, ...]
    target: str

    def count(self, status: Status) -> int:
        """Return how many checks ended so."""
        return sum(check.status == status for check in self.checks)

    @property
    def exit_code(self) -> ExitCode:
        """That of the worst kind of failure; 0 where nothing failed, warnings or not."""
        codes = {check.exit_code for check in self.checks if check.status == "failed"}
        return next((code for code in WORST if code in codes), ExitCode.FAILED if codes else ExitCode.OK)
