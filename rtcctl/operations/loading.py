"""Reading the manifest; apart from the rest, so that `validate` loads no HTTP client."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rtcctl import manifest
from rtcctl.errors import UsageError
from rtcctl.manifest.words import suggestion
from rtcctl.model.address import shortened
from rtcctl.model.resource import Desired
from rtcctl.operations.settings import Settings


def load(settings: Settings) -> Desired:
    """Read and check the manifest; no call is made. What is of other accounts than those meant is left out.

    Raises:
        ManifestError: with every finding.
        UsageError: an account that is meant is not declared.
    """
    desired = manifest.load(settings.files, stdin=standard_input, environ=settings.environ, cwd=settings.folder)
    if not settings.accounts:
        return desired
    known = [each.name for each in desired.project.accounts]
    for name in settings.accounts:
        if name not in known:
            message = f"--account {shortened(name)}: the manifest has no such account"
            raise UsageError(message, mend=suggestion(name, known))
    return desired.of(*settings.accounts)


def load_of(settings: Settings, addresses: Sequence[str]) -> Desired:
    """Read the manifest for what works on one account: the one that is meant, or that all addresses tell.

    Raises:
        ManifestError: with every finding.
        UsageError: an account that is meant is not declared.
    """
    desired = load(settings)
    told = {account for account, colon, _ in (text.rpartition(":") for text in addresses) if colon}
    known = {each.name for each in desired.project.accounts}
    return desired.of(*told) if len(told) == 1 and told <= known else desired


def standard_input() -> bytes:
    """Read standard input to its end; nothing where there is none."""
    # Python has no stdin at all where it was closed before the start, as in `rtcctl … <&-`.
    return sys.stdin.buffer.read() if sys.stdin is not None else b""
