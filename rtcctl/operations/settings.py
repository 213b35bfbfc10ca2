"""Everything a run needs to be told, gathered once from the command line and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import field

from rtcctl.model.discreet import Discreet
from rtcctl.model.happening import UNWATCHED, Watcher

SIMULATOR_DATA = Path(".rtcctl") / "simulator.db"


class Settings(Discreet, frozen=True):
    """Which manifest and which service are meant.

    `files` are the manifest's files and folders, as after `-f`, relative to `folder`. Endpoints are None where the
    default holds. `accounts` are the only ones meant; all where there are none. `simulator`: use the embedded simulator
    with its data in `simulator_data`. Credentials, and what the manifest takes from variables, come from `environ`.
    `watcher` is told what goes on meanwhile.
    """

    files: tuple[str, ...] = ()
    endpoint: str | None = None
    iam_endpoint: str | None = None
    simulator: bool = False
    simulator_data: Path = SIMULATOR_DATA
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path = field(default_factory=Path.cwd)
    accounts: tuple[str, ...] = ()
    watcher: Watcher = UNWATCHED

    def __repr__(self) -> str:
        """Hide the environment."""
        return f"Settings({self.files!r})"
