"""Everything that can go wrong, as one tree; each class knows its exit code and says what to do.

    RtcctlError
    ├── UsageError                    3  the command line or a setting is wrong
    ├── ManifestError                 3  the manifest is wrong; carries all diagnostics at once
    ├── CredentialsError              4  no usable credentials were found
    ├── ForeignStateError             5  the state belongs to something else, or can't be read
    ├── StalePlanError                5  a saved plan does not fit, or does not fit any more
    ├── RefusedError                  7  a safety rule says no
    ├── StateLockedError              8  another run holds the state
    ├── StoppedError                130  the run ends, so the call was not made
    ├── OutputError                   1  standard output can't be written
    ├── NotAsAskedError               1  the service took a write and answered with something else than was asked
    └── ApiError                      1  a call failed; carries the call, status, code and request id
        ├── UnreachableError          1  no answer: DNS, connection, TLS, time-out
        ├── BadAnswerError            1  an answer that is not what it should be
        ├── NotAuthenticatedError     4  401, or IAM refused the credentials
        ├── NotPermittedError         4  403, RTC.00001001, RTC.00001021
        ├── NotFoundError             1  404
        ├── RejectedError             1  any other 4xx
        ├── ThrottledError            1  429
        └── ServerError               1  5xx

No message ever holds a header, a token, a key or a request body.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar, Literal

from msgspec import Struct


class ExitCode(IntEnum):
    """Exit codes of the command line."""

    OK = 0
    FAILED = 1
    CHANGES_PENDING = 2
    INVALID = 3
    NOT_ALLOWED = 4
    FOREIGN = 5
    PARTIAL = 6
    REFUSED = 7
    LOCKED = 8
    INTERRUPTED = 130


class Place(Struct, frozen=True):
    """Where a value was set: file, line and column, both counted from 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return `file:line:column`, shorter where the line is not known."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Diagnostic(Struct, frozen=True):
    """One finding about an input.

    `mend` says what to do. `source` is the line it points at with secrets already taken out, long ones cut; `caret` is
    the column in it (from 1), which differs from the place's where something was taken out before it.
    """

    message: str
    place: Place | None = None
    mend: str = ""
    source: str = ""
    severity: Literal["error", "warning"] = "error"
    caret: int = 0


class RtcctlError(Exception):
    """Base of everything that rtcctl raises on purpose. `details` are lines of their own below the message."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, message: str, *, mend: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.details = details


class UsageError(RtcctlError):
    """The command line, an environment variable or a setting is wrong."""

    exit_code = ExitCode.INVALID


class ManifestError(RtcctlError):
    """The manifest is wrong. `diagnostics` holds every finding, warnings included."""

    exit_code = ExitCode.INVALID

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = sum(d.severity == "error" for d in diagnostics)
        super().__init__(f"{errors} error{'s' if errors != 1 else ''} in the manifest")
        self.diagnostics = diagnostics


class CredentialsError(RtcctlError):
    """No usable credentials: none were found, or they are incomplete."""

    exit_code = ExitCode.NOT_ALLOWED


class ForeignStateError(RtcctlError):
    """The state belongs to another project, account or endpoint, or is damaged."""

    exit_code = ExitCode.FOREIGN


class StalePlanError(RtcctlError):
    """A saved plan is not for this account or state, was edited, or what it was made for has moved."""

    exit_code = ExitCode.FOREIGN


class RefusedError(RtcctlError):
    """A safety rule of the plan says no."""

    exit_code = ExitCode.REFUSED


class StateLockedError(RtcctlError):
    """Another run holds the state's lock."""

    exit_code = ExitCode.LOCKED


class StoppedError(RtcctlError):
    """The run was told to end before this call left."""

    exit_code = ExitCode.INTERRUPTED


class OutputError(RtcctlError):
    """Standard output can't be written; it goes nowhere from then on."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"can't write to standard output: {error.strerror or error}", mend="look at where it is redirected to"
        )


class NotAsAskedError(RtcctlError):
    """A write was accepted, and its answer shows a member that is not as it was sent."""


class FailedCall(Struct, frozen=True):
    """What may be told of a call that failed: never a header, never a body."""

    method: str
    path: str
    status: int | None = None
    error_code: str = ""
    request_id: str = ""

    def __str__(self) -> str:
        """Return for example `POST /v2/apps: 400 RTC.00001020 (request 5f…)`."""
        status = str(self.status or "")
        answer = " ".join(dict.fromkeys(part for part in (status, self.error_code) if part))  # IAM repeats the status
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.method} {self.path}" + (f": {answer}" if answer else "") + request


class ApiError(RtcctlError):
    """A call to the service or to IAM failed."""

    def __init__(self, call: FailedCall, message: str, *, mend: str = "") -> None:
        super().__init__(f"{call}: {message}" if message else str(call), mend=mend)
        self.call = call
        self.reason = message

    @property
    def status(self) -> int | None:
        """HTTP status; None where no answer came."""
        return self.call.status

    @property
    def error_code(self) -> str:
        """The service's or the gateway's code, `RTC.0000NNNN` or `APIGW.NNNN`; empty where none came."""
        return self.call.error_code


class UnreachableError(ApiError):
    """No answer came. `sent` tells whether the request may have reached the service."""

    def __init__(self, call: FailedCall, message: str, *, mend: str = "", sent: bool = False) -> None:
        super().__init__(call, message, mend=mend)
        self.sent = sent


class BadAnswerError(ApiError):
    """A successful status with an answer that is not what the API Reference promises."""


class NotAuthenticatedError(ApiError):
    """The token, the signature or the password was not accepted."""

    exit_code = ExitCode.NOT_ALLOWED


class NotPermittedError(ApiError):
    """The account is known but may not do this."""

    exit_code = ExitCode.NOT_ALLOWED


class NotFoundError(ApiError):
    """404: there is no such object (or no such API, for the gateway's codes)."""


class RejectedError(ApiError):
    """The service refused the request for a reason of its own."""


class ThrottledError(ApiError):
    """429: too many calls."""


class ServerError(ApiError):
    """5xx: the service failed."""
