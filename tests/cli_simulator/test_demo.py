"""`make demo`: Example 2 from beginning to end, with processes as a user has them."""

from __future__ import annotations

import subprocess
import sys

from .running import ROOT

HEAVY = ("httpx", "deepdiff", "jsonschema", "starlette", "uvicorn", "yaml")


def test_demonstration_plays_the_whole_example_and_ends_by_itself() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("━━━") == 8
    assert done.stdout.count("[verified]") == 3
    for word in ("RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE", "EXCEED_MAX_IDLE_TIME", "1 file, ", "No changes."):
        assert word in done.stdout


def test_version_and_help_load_nothing_heavy() -> None:
    code = (
        "import sys; from rtcctl.cli.main import main; main(sys.argv[1:]);"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    for arguments in (
        ["version"],
        ["--help"],
        ["simulator", "--help"],
        ["callback", "listen", "--help"],
        ["recordings", "--help"],
    ):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
        assert done.stdout.endswith("[]\n"), done.stdout
