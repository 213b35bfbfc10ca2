"""`python -m benchmarks NAME [--short]`: one benchmark by its name, or `all`."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from benchmarks._report import Report

NAMES = ("startup", "converge", "throttle", "large", "fleet", "state", "simulator")


def main() -> int:
    """Measure and print; 1 when a count is wrong or, in the full form, an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure rtcctl beside what people use.")
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("--short", action="store_true", help="small and quick; only counts are judged, no times")
    chosen = parser.parse_args()
    names = NAMES if chosen.name == "all" else (chosen.name,)
    begun = time.perf_counter()
    reports = [measured(name, chosen.short) for name in names]
    sys.stdout.write(f"\n{time.perf_counter() - begun:.0f} s\n")
    return int(any(report.wrong or (report.missed and not chosen.short) for report in reports))


def measured(name: str, short: bool) -> Report:
    """Run one benchmark and print what it found."""
    report: Report = importlib.import_module(f"benchmarks.{name}").measure(short)
    sys.stdout.write("\n" + report.markdown(judged=not short))
    sys.stdout.flush()
    return report


if __name__ == "__main__":
    sys.exit(main())
