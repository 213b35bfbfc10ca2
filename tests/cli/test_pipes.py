"""A reader that leaves early does not end an apply halfway, nor hide how a command ended."""

from __future__ import annotations

import io
import os
import subprocess
import sys

from rtcctl.cli.main import main
from tests.cli.test_terminal import APPLY, PLAN
from tests.e2e.processes import COMMAND, environment
from tests.e2e.support import Cli, calls


class Gone(io.StringIO):
    """A stream whose reader has left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def without_a_reader(*arguments: str) -> subprocess.CompletedProcess[str]:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        return subprocess.run(
            [*COMMAND, *arguments], stdout=gone, stderr=subprocess.PIPE, text=True, env=environment(), check=False
        )


def test_an_apply_goes_on_to_its_end(cli: Cli):
    ran = without_a_reader(*map(str, APPLY), "--auto-approve")
    assert (ran.returncode, len(calls())) == (0, 5)
    assert "Traceback" not in ran.stderr


def test_a_plan_keeps_its_exit_code(cli: Cli):
    assert without_a_reader(*map(str, PLAN), "--detailed-exitcode").returncode == 2


def test_both_streams_may_be_gone(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdout", Gone())
    cli.monkeypatch.setattr(sys, "stderr", Gone())
    assert main(["version"]) == 0
    assert main(["plan", "-f", "missing.yaml"]) == 3
    sys.stdout.close()
    sys.stderr.close()
