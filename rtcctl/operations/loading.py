"""Reading the manifest; apart from the rest, so that `validate` loads no HTTP client."""

from __future__ import annotations

import sys

from rtcctl import manifest
from rtcctl.model.resource import Desired
from rtcctl.operations.settings import Settings


def load(settings: Settings) -> Desired:
    """Read and check the manifest; no call is made.

    Raises:
        ManifestError: with every finding.
    """
    return manifest.load(settings.files, stdin=standard_input, environ=settings.environ, cwd=settings.folder)


def standard_input() -> bytes:
    """Read standard input to its end; nothing where there is none."""
    # Python has no stdin at all where it was closed before the start, as in `rtcctl … <&-`.
    return sys.stdin.buffer.read() if sys.stdin is not None else b""
