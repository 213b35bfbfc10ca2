"""Running steps as a runner does: bash, a checkout, and only the environment that is given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Ran:
    """How a step ended, and what stood in its log."""

    code: int
    log: str


def bash(script: str, folder: Path, environ: Mapping[str, str]) -> Ran:
    """Run a script as CI systems do; nothing of this process's environment reaches it but where programs are."""
    folder.mkdir(parents=True, exist_ok=True)
    path = f"{BIN}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "CI": "true", **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return Ran(done.returncode, done.stdout)
