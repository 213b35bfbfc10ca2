"""Draw README's picture of a terminal from a real run: `make pictures`, or `python -m tools.pictures`.

A job is started on a simulator of its own, its manifest is changed, and `plan` is run at a terminal as wide as the
picture.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "pictures" / "plan.svg"
RTCCTL = [sys.executable, "-m", "rtcctl"]
COLUMNS = 88
MONOSPACE = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def printed() -> str:
    """Return what a terminal is sent by a plan that stops a recording and shortens files."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "classroom.yaml"
        manifest.write_text((ROOT / "docs" / "fixtures" / "classroom.yaml").read_text(encoding="utf-8"))
        environ = {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        environ |= {"PYTHONPATH": str(ROOT)}
        subprocess.run(
            [*RTCCTL, "apply", "-f", manifest.name, "--simulator", "--auto-approve", "--wait"],
            cwd=folder, env=environ, check=True, capture_output=True,
        )  # fmt: skip
        text = manifest.read_text().replace("record_cycle: 3600", "record_cycle: 1800").replace("room1", "room2")
        manifest.write_text(text)
        return _at_a_terminal([*RTCCTL, "plan", "-f", manifest.name, "--simulator"], folder, environ)


def _at_a_terminal(command: list[str], folder: str, environ: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", str(COLUMNS), "rows", "40"], stdin=theirs, check=True)
    process = subprocess.Popen(command, cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    text = b""
    try:
        while chunk := os.read(ours, 65536):
            text += chunk
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    if process.wait():
        raise SystemExit(f"rtcctl ended with {process.returncode}: {text.decode()}")
    return text.decode().replace("\r\n", "\n")


def drawn(text: str) -> str:
    """Return the picture; it names no font that would have to be fetched, and is the same for the same text."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ rtcctl plan -f classroom.yaml"), soft_wrap=True)
    console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=True)
    svg = console.export_svg(title="rtcctl plan", theme=MONOKAI, unique_id="plan")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;]+;", f"font-family: {MONOSPACE};", svg)
    return re.sub(r"<!--.*?-->\s*", "", svg)


def main() -> None:
    """Write the picture."""
    TARGET.write_text(drawn(printed()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
