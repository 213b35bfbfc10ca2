"""`python -m benchmarks NAME [--short]`: one benchmark by its name, or `all` of them."""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

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
    _end_in_order()
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
    reports = [_shown(_apart(name, short), short=short) for name in NAMES]
    if not short:
        _results.PAGE.write_text(_results.page(reports), encoding="utf-8")
    return reports


def _apart(name: str, short: bool) -> Report:
    """Run one in a process of its own, so that none is measured with what another has left in memory.

    Raises:
        FailedError: it broke off; what was wrong has been printed.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(sender, name, short))
    child.start()
    sender.close()
    try:
        report: Report = receiver.recv()
        child.join()
    except EOFError:
        raise FailedError(f"{name} broke off") from None
    finally:
        child.terminate()
        child.join()
    return report


def _send(sender: Connection, name: str, short: bool) -> None:
    _end_in_order()
    try:
        sender.send(measured(name, short))
    except FailedError as error:
        sys.exit(str(error))


def _end_in_order() -> None:
    """Let SIGTERM end this process as an exception does: what it started is ended on the way out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def _shown(report: Report, *, short: bool) -> Report:
    _say(report.markdown(judged=not short))
    return report


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
