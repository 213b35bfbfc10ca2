"""A place of each kind, which a test and the processes that it starts can open by the same words."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict, replace

from rtcctl.model.ledger import Binding
from rtcctl.model.values import Secret
from rtcctl.state.folder import FolderState
from rtcctl.state.objects import ObjectState
from rtcctl.state.postgres import PostgresState
from rtcctl.state.store import Store

from .servers import BUCKET, options
from .support import BINDING

ROOT = Path(__file__).parents[2]


class Place(Struct, frozen=True):
    """`root` is a folder, the endpoint of an object store or a database's URL; `lease` is for an object store."""

    kind: str
    root: str
    project: str
    lease: float = 60.0

    @property
    def binding(self) -> Binding:
        return replace(BINDING, project=self.project)

    def open(self, binding: Binding | None = None) -> Store:
        """Return the store, as each run opens it anew."""
        binding = binding or self.binding
        if self.kind == "folder":
            return FolderState(Path(self.root) / binding.project / f"{binding.account}.state.json", binding)
        if self.kind == "s3":
            return ObjectState(BUCKET, "some/prefix", options(self.root), binding, self.lease)
        return PostgresState(Secret(self.root, "test"), binding)

    @contextlib.contextmanager
    def process(self, work: str) -> Iterator[subprocess.Popen[str]]:
        """Another process that does some `work` of `tests.state.worker` here."""
        command = [sys.executable, "-m", "tests.state.worker", work, json.dumps(asdict(self))]
        pipe, environ = subprocess.PIPE, {**os.environ, "LOGNAME": "alice"}
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()
