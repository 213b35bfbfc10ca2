"""`python -m benchmarks NAME [--short]`: one benchmark by its name, or `all` of them."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import _results
from benchmarks._measure import FailedError
from benchmarks._report import Report
from benchmarks._running import end_in_order, measured, measured_apart

NAMES = ("startup", "converge", "throttle", "large", "fleet", "state", "simulator")
SHARED = "throttle-shared"
"""Takes six minutes, and so is not among `all`."""


def main() -> int:
    """Measure and print; 1 when a count is wrong or, in the full form, an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure rtcctl beside what people use.")
    parser.add_argument("name", choices=[*NAMES, SHARED, "all"])
    parser.add_argument("--short", action="store_true", help="small and quick; only counts are judged, no times")
    chosen = parser.parse_args()
    end_in_order()
    begun = time.perf_counter()
    try:
        if chosen.name == "all":
            reports = [_shown(measured_apart(name, chosen.short), short=chosen.short) for name in NAMES]
        else:
            reports = [_shown(measured(chosen.name, chosen.short), short=chosen.short)]
    except FailedError as error:
        sys.exit(str(error))
    if chosen.name == "all" and not chosen.short:
        _results.PAGE.write_text(_results.page(reports), encoding="utf-8")
    _say(f"{_results.machine()}; {time.perf_counter() - begun:.0f} s")
    return int(any(report.wrong or (report.missed and not chosen.short) for report in reports))


def _shown(report: Report, *, short: bool) -> Report:
    _say(report.markdown(judged=not short))
    return report


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
