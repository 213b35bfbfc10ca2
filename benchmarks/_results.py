"""The page of a full run: the machine, and every report."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks._report import Report

PAGE = Path(__file__).with_name("RESULTS.md")
_HEAD = """# Results

A full run of `python -m benchmarks all`; [docs/benchmarks.md](../docs/benchmarks.md) tells what is measured and how to
read it. Times are medians. What can be compared with other machines are the ratios, each taken within this one run.

"""


def machine() -> str:
    """Say what the figures were taken on: nothing that tells whose machine it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    )


def page(reports: Sequence[Report]) -> str:
    """Return the page."""
    figures = [figure for report in reports for figure in report.figures if figure.aim is not None]
    reached = sum(not figure.missed for figure in figures)
    told = f"{machine()}. {reached} of {len(figures)} aims were reached.\n\n"
    return _HEAD + told + "\n".join(report.markdown(judged=True) for report in reports)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
