"""Builders for the state's tests: a ledger that uses every member, and a process that holds a lock."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rtcctl.model.address import Address
from rtcctl.model.ledger import Binding, Entry, Fingerprint, Ledger, Pending
from rtcctl.model.values import Secret
from rtcctl.state.folder import FolderState

BINDING = Binding("classroom", "default", "https://rtc-api.example.com", {"project_id": "0123", "domain": "acme"})
LINEAGE = "0123456789abcdef0123456789abcdef"
KEY = Secret("fake-key-0123456789abcdef0123456", "env:KEY")
MASK = Secret("********", "live")
PRINT = Fingerprint.of(KEY, MASK)  # salted, so made once

_HOLDER = """
import sys
from pathlib import Path
from rtcctl.state import lock
with lock.hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def address(text: str) -> Address:
    return Address.parse(text)


def full_ledger() -> Ledger:
    """A ledger in which every member differs from its default."""
    job = Entry(
        ids={"app_id": "a1", "job_id": "j2"},
        members={"mix_param": {"room_id": "room1", "layout_panes": [{"id": 1, "x": 0.25}]}, "flag": True},
        adopted=True,
        prevent_destroy=True,
        deposed=({"app_id": "a1", "job_id": "j1"},),
        stopped="TENANT_STOP",
    )
    callback = Entry(
        ids={"app_id": "a1"},
        members={"url": "https://hooks.example.com/ö"},
        secrets={"auth_key": PRINT},
    )
    return Ledger(
        binding=BINDING,
        lineage=LINEAGE,
        serial=7,
        entries={
            address("MixStreamJob/a/room1"): job,
            address("RecordCallback/a"): callback,
            address("App/a"): Entry({"app_id": "a1"}),
        },
        pending=(Pending(address("App/b"), "create", "2024-01-15T08:30:00Z"),),
        sources=3,
        throttle="shared",
    )


def folder_state(folder: Path, binding: Binding = BINDING) -> FolderState:
    return FolderState(folder / "classroom" / "default.state.json", binding)


@contextlib.contextmanager
def lock_holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock at a path; it has it when the block begins."""
    command = [sys.executable, "-c", _HOLDER, str(path)]
    environ = {**os.environ, "LOGNAME": "alice"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.communicate()  # its standard input ends, and with it the lock
