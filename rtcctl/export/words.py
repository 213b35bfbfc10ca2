"""What comments say, and texts of foreign origin made fit to stand in one."""

from __future__ import annotations

import json

from rtcctl.manifest.redact import without_passwords
from rtcctl.model.values import Value

_LONGEST = 80
_LEFT_OUT = "is left out"

HEADER = (
    "A SparkRTC account as `rtcctl export` found it: apps with their recording settings, and authorized buckets.",
    "Secrets are not exported. Recording jobs can't be listed through the API and are not in here; they run on.",
    "",
    "What to do next, with this saved as rtc.yaml:",
    '  rtcctl plan -f rtc.yaml     # says "No changes": all of this is live already',
    "  rtcctl apply -f rtc.yaml    # records it in the state; the account is not changed",
    "Editors check this file against manifest.schema.json beside it, which `rtcctl schema` prints.",
)
NOTHING = "The account holds nothing that a manifest could declare."
ARREARS = (
    f"state {_LEFT_OUT}: the app is in arrears, which only a payment ends. Declare 'state: ACTIVATION' or 'state: "
    "DEACTIVATION' after that."
)
TWICE = "the account has more than one of that {}, which a manifest can't tell apart"


def key_note(variable: str) -> str:
    """Say what the placeholder of a key means."""
    return (
        f"The key itself is not exported. As long as {variable} was never set, the live key is left as it is. To "
        "manage the key, set the variable, and then drop ':-': a variable that is empty later takes the key away."
    )


def masked_note(variable: str) -> str:
    """Say what the placeholder of a key means that the service does not show."""
    return (
        f"{key_note(variable)} The service shows this key masked, so that the first plan with the variable set can't "
        "tell whether it is the live one, and sends it."
    )


def disabled_note(mode: str) -> str:
    """Say why an automatic recording that is set is not declared."""
    return (
        f"auto_record_mode {_LEFT_OUT} and stays {shown(mode)}: the app is disabled, and a manifest can't ask a "
        "disabled app to record. Declare it together with 'state: ACTIVATION'."
    )


def left_out(what: str, why: str) -> str:
    """Say that something is not declared."""
    return f"{what} {_LEFT_OUT}, and stays as it is: {why}."


def is_left_out(note: str) -> bool:
    """Tell whether a note says that something is not declared."""
    return _LEFT_OUT in note


def no_buckets(status: str) -> str:
    """Say why no bucket is declared."""
    return left_out("Every BucketAuthorization", f"the service does not list buckets for these credentials ({status})")


def write_only_note(name: str) -> str:
    """Say why a member that may be there is not."""
    return f"{name} can be sent but not read back; add it, for it is sent whenever this has to be made anew."


def plain(text: str) -> str:
    """Make a text inert: control characters, line breaks, direction marks and what is no character are written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: Value) -> str:
    """Write a value for a comment: inert, cut, without the passwords of URLs."""
    text = plain(json.dumps(without_passwords(value) if isinstance(value, str) else value, ensure_ascii=False))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
