"""What a reconcile loop tells: JSON, a line for each event, without secrets and without control characters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from rtcctl.errors import ApiError, Diagnostic, ManifestError, RtcctlError, StateLockedError
from rtcctl.model.plan import Change, Refusal, Step
from rtcctl.model.result import ApplyResult
from rtcctl.operations.restarts import Held
from rtcctl.operations.rounds import WELL, Round

Level: TypeAlias = Literal["info", "warning", "error"]


class Events:
    """Writes events. Every line holds `time` (UTC, RFC 3339), `level` and `event`; what is empty is left out."""

    def __init__(self, write: Callable[[str], None], now: Callable[[], datetime]) -> None:
        """Hand lines without their end to `write`."""
        self._write = write
        self._now = now

    def tell(self, event: str, level: Level = "info", **members: Any) -> None:
        """Write one event."""
        moment = self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {name: value for name, value in members.items() if value is not None and value not in ("", {})}
        text = json.dumps({"time": moment, "level": level, "event": event, **told})
        self._write(text.replace("\x7f", "\\u007f"))  # the one control character that JSON lets through

    def diagnostic(self, found: Diagnostic) -> None:
        """Tell a finding about the manifest or the plan; never the line it points at."""
        place = found.place
        self.tell(
            "diagnostic",
            found.severity,
            message=found.message,
            mend=found.mend,
            file=place.file if place else None,
            line=place.line or None if place else None,
            column=place.column or None if place else None,
        )

    def pending(self, change: Change) -> None:
        """Tell a change that is due."""
        self.tell("pending", **_change(change), reason=change.reason, consequences=list(change.consequences) or None)

    def refusal(self, refusal: Refusal) -> None:
        """Tell what speaks against a plan."""
        address = str(refusal.address) if refusal.address else None
        self.tell("refusal", "warning", address=address, rule=refusal.rule, message=refusal.message)

    def held(self, held: Held) -> None:
        """Tell an ended job that is not started anew."""
        seconds = None if held.seconds is None else round(held.seconds, 1)
        level: Level = "info" if held.seconds is not None else "warning"
        given_up = True if held.seconds is None else None
        self.tell(
            "restart-held",
            level,
            address=str(held.address),
            restarts=held.restarts,
            may_restart_in=seconds,
            given_up=given_up,
        )

    def call(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Tell a call that was made."""
        outcome = "done" if error is None else "failed"
        level: Level = "info" if error is None else "warning"
        self.tell(
            "call",
            level,
            address=str(step.address),
            verb=step.verb,
            outcome=outcome,
            seconds=round(seconds, 3),
            error=_error(error),
        )

    def changes(self, result: ApplyResult) -> None:
        """Tell what became of each change."""
        for each in result.changes:
            level: Level = "info" if each.outcome == "done" else "error"
            outcome, ids = each.outcome, dict(each.ids)
            self.tell("change", level, **_change(each.change), outcome=outcome, ids=ids, error=_error(each.error))

    def round(self, ended: Round, pause: float | None) -> None:
        """Tell how a round ended, and in how many seconds the next one begins."""
        if isinstance(ended.error, ManifestError):
            for diagnostic in ended.error.diagnostics:
                self.diagnostic(diagnostic)
        level: Level = "error" if ended.outcome == "failed" else "warning" if ended.outcome == "refused" else "info"
        counts: Mapping[str, int] = {
            "pending": ended.pending,
            "drift": ended.drift,
            "refusals": ended.refusals,
            "recorded": ended.recorded,
            "restarted": ended.restarted,
            "held": ended.held,
        }
        self.tell(
            "round",
            level,
            outcome=ended.outcome,
            seconds=round(ended.seconds, 3),
            **(counts if ended.planned else {}),
            applied=dict(ended.applied),
            calls=ended.calls,
            leader=ended.leader,
            reason=ended.error.message if isinstance(ended.error, StateLockedError) else None,
            error=None if ended.outcome in WELL else _error(ended.error),
            next_in=None if pause is None else round(pause, 1),
        )


def _change(change: Change) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "action": change.action,
        "repairs_drift": True if change.repairs_drift else None,
    }


def _error(error: RtcctlError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    found: dict[str, Any] = {"type": type(error).__name__, "message": error.message, "mend": error.mend}
    if isinstance(error, ApiError):
        call = error.call
        found |= {"method": call.method, "path": call.path, "status": call.status}
        found |= {"error_code": call.error_code, "request_id": call.request_id}
    return {name: value for name, value in found.items() if value}
