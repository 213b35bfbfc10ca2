"""Who holds a state: enough for a person to find that run, and a nonce that names this one lock and no later one."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from rtcctl.model import jsontext


class Holder(Struct, frozen=True):
    """One run that holds a lock. `since` is UTC, RFC 3339; `nonce` is what `state unlock` asks for."""

    user: str
    host: str
    pid: int
    since: str
    nonce: str

    @classmethod
    def me(cls) -> Holder:
        """Return this process, from now on, under a new nonce."""
        since = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(_user(), os.uname().nodename, os.getpid(), since, secrets.token_hex(8))

    @classmethod
    def from_document(cls, document: object) -> Holder | None:
        """Read what `document` wrote; None where it is anything else."""
        if not isinstance(document, Mapping):
            return None
        try:
            texts = (document["user"], document["host"], document["since"], document["nonce"])
            pid = int(document["pid"])
        except (KeyError, TypeError, ValueError):
            return None
        user, host, since, nonce = (str(text) for text in texts)
        return cls(user, host, pid, since, nonce)

    @classmethod
    def from_text(cls, text: str) -> Holder | None:
        """Read a holder that was written as JSON; None where it is anything else."""
        try:
            return cls.from_document(jsontext.loads(text))
        except (ValueError, RecursionError):
            return None

    @property
    def is_this_process(self) -> bool:
        """Tell whether it has this process's number on this machine."""
        return (self.host, self.pid) == (os.uname().nodename, os.getpid())

    @property
    def has_ended(self) -> bool:
        """Tell whether it was a process of this machine that is not there any more; of others nothing is known."""
        if self.host != os.uname().nodename:
            return False
        if self.is_this_process:  # a number that was given anew
            return True
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return True
        except OSError:
            return False
        return False

    def document(self) -> dict[str, Any]:
        """Return the members as JSON has them."""
        return asdict(self)

    def text(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self))

    def __str__(self) -> str:
        """Return for example `alice@build7, process 812, since 2026-01-31T08:30:00+00:00 (lock 5f0c…)`."""
        return f"{self.user}@{self.host}, process {self.pid}, since {self.since} (lock {self.nonce})"


def named(holder: Holder | None) -> str:
    """Name a holder, also one that left no readable word about itself."""
    return str(holder) if holder is not None else "another run"


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a user id without a name
        return str(os.getuid())
