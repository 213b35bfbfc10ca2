"""A kubectl that renders today's kustomizations: the one among the development dependencies, else one on the PATH.

Debian 12 has 1.20, which can't: 1.27 is the first with Kustomize 5.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

OLDEST = (1, 27)


@cache
def kubectl() -> str | None:
    """Return its path; None where there is none."""
    for found in (shutil.which("kubectl", path=str(Path(sys.executable).parent)), shutil.which("kubectl")):
        if found and _version(found) >= OLDEST:
            return found
    return None


def _version(program: str) -> tuple[int, int]:
    ran = subprocess.run([program, "version", "--client", "-o", "json"], capture_output=True, text=True, check=False)
    if ran.returncode:
        return 0, 0
    found = json.loads(ran.stdout)["clientVersion"]
    return int(found["major"]), int(found["minor"].rstrip("+"))


needs_kubectl = pytest.mark.skipif(kubectl() is None, reason=f"needs kubectl {'.'.join(map(str, OLDEST))} or later")


def render(folder: Path) -> str:
    """Return what `kubectl kustomize FOLDER` prints."""
    assert kubectl() is not None
    ran = subprocess.run(
        [str(kubectl()), "kustomize", str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
