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
    return manifest.load(settings.files, stdin=sys.stdin.buffer.read, environ=settings.environ, cwd=settings.folder)
