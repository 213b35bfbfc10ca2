"""Where a callback's key comes from: never from the command line, which others on the machine can read."""

from __future__ import annotations

import os
from pathlib import Path

from rtcctl.errors import UsageError


def auth_key(variable: str | None, file: Path | None) -> str | None:
    """Return the key; None where none is named.

    Raises:
        UsageError: both places are named, or there is no key in the place.
    """
    if variable and file:
        raise UsageError("--auth-key-env and --auth-key-file exclude each other")
    if variable:
        key = os.environ.get(variable, "")
        if not key:
            raise UsageError(
                f"the environment variable {variable} is not set or empty", mend="put the auth_key into it"
            )
        return key
    if file:
        try:
            key = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise UsageError(f"{file} can't be read: {reason}") from None
        if not key:
            raise UsageError(f"{file} is empty", mend="put the auth_key into it")
        return key
    return None
