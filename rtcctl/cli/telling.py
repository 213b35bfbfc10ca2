"""The lines that tell what goes on during a run. Foreign text in them is inert."""

from __future__ import annotations

from rtcctl.model.happening import Again, Answered, Finished, Sent, Waiting
from rtcctl.reports.wording import plain


def waiting_line(wait: Waiting, seconds: float) -> str:
    """Say that calls wait for a limit, so many seconds yet."""
    limit = wait.limit
    period = "a minute" if limit.seconds == 60 else "a second" if limit.seconds == 1 else f"in {limit.seconds:g} s"
    return f"waiting {seconds:.0f} s for the limit of {limit.calls} calls {period} ({', '.join(wait.categories)})"


def again_line(again: Again, seconds: float) -> str:
    """Say that a call is repeated, in so many seconds, and why."""
    when = f"again in {seconds:.1f} s" if seconds else "again when the limit allows it"
    return f"{plain(again.method)} {plain(again.path)}: {plain(again.reason)}, {when}"


def finished_line(step: Finished, count: int, total: int) -> str:
    """Say how a step ended."""
    ended = "failed" if step.failed else "done"
    return f"[{count}/{total}] {plain(str(step.address))}: {step.verb} … {ended} ({step.seconds:.1f} s)"


def answered_line(answered: Answered) -> str:
    """Say what a call was answered with."""
    status = "no answer" if answered.status is None else str(answered.status)
    return f"{answered.method} {plain(answered.target)}: {status} ({answered.seconds:.1f} s)"


def sent_in_full(sent: Sent) -> str:
    """Say what left, with its body."""
    body = f" {plain(sent.body)}" if sent.body else ""
    return f"http > #{sent.number} {sent.method} {plain(sent.target)}{body}"


def answered_in_full(answered: Answered) -> str:
    """Say what came back, with its body."""
    status = "no answer" if answered.status is None else str(answered.status)
    request = f" request {plain(answered.request_id)}" if answered.request_id else ""
    body = f" {plain(answered.body)}" if answered.body else ""
    what = f"{answered.method} {plain(answered.target)}"
    return f"http < #{answered.number} {what} {status} {answered.seconds:.3f} s{request}{body}"
