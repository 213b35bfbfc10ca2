"""`python -m benchmarks NAME`: one benchmark by its name."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

_NAMES = sorted(each.stem for each in Path(__file__).parent.glob("[!_]*.py"))

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in _NAMES:
        sys.exit(f"name one of: {', '.join(_NAMES)}")
    name = sys.argv.pop(1)
    runpy.run_module(f"benchmarks.{name}", run_name="__main__")
