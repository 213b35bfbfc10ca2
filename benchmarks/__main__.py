"""`python -m benchmarks NAME [--short]`: one benchmark by its name, or `all` of them."""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from benchmarks import _results
from benchmarks._measure import FailedError
from benchmarks._report import Report

NAMES = ("startup", "converge", "throttle", "large", "fleet", "state", "simulator")
SHARED = "throttle-shared"
"""Takes six minutes, and so is not among `all`."""


def main() -> int:
    """Measure and print; 1 when a count is wrong or, in the full form, an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure rtcctl beside what people use.")
    parser.add_argument("name", choices=[*NAMES, SHARED, "all"])
    parser.add_argument("--short", action="store_true", help="small and quick; only counts are judged, no times")
    chosen = parser.parse_args()
    begun = time.perf_counter()
    try:
        if chosen.name == "all":
            reports = _all(short=chosen.short)
        else:
            reports = [_shown(measured(chosen.name, chosen.short), short=chosen.short)]
    except FailedError as error:
        sys.exit(str(error))
    _say(f"{_results.machine()}; {time.perf_counter() - begun:.0f} s")
    return int(any(report.wrong or (report.missed and not chosen.short) for report in reports))


def measured(name: str, short: bool) -> Report:
    """Run one benchmark."""
    module, _, variant = name.partition("-")
    function = f"measure_{variant}" if variant else "measure"
    report: Report = getattr(importlib.import_module(f"benchmarks.{module}"), function)(short)
    return report


def _all(*, short: bool) -> Sequence[Report]:
    """Run all, and write the page of a full run."""
    reports = [_shown(report, short=short) for report in _each(short=short)]
    if not short:
        _results.PAGE.write_text(_results.page(reports), encoding="utf-8")
    return reports


def _each(*, short: bool) -> Iterator[Report]:
    """Run each in a process of its own, so that none is measured with what another has left in memory."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        for name in NAMES:
            yield pool.submit(measured, name, short).result()


def _shown(report: Report, *, short: bool) -> Report:
    _say(report.markdown(judged=not short))
    return report


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
