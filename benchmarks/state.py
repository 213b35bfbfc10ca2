"""What journal and state cost each operation of an apply, and that it does not depend on how much the state knows.

In a folder always; in the full form also in an object store and a PostgreSQL on loopback, where their packages are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import _apps, _measure
from benchmarks._measure import Run, environment, interleaved, module
from benchmarks._report import Aim, Figure, Report, Row, Table
from benchmarks._stores import Places, served

PER_APP = 4
"""Entries, and operations, of an app."""
SIZES = (100, 1_000, 10_000)
NEW = 25
FLUSHES_AIM, GROWTH_AIM = 2.0, 1.5
"""Waits for the disk an operation; × from the least ledger to the largest, which shall be 1 but for noise."""


def measure(short: bool) -> Report:
    """Apply the same upon small ledgers and large ones."""
    sizes, rounds = (SIZES[:2], 1) if short else (SIZES, 5)
    with TemporaryDirectory() as name, _places(Path(name), short) as places:
        folder = Path(name)
        for size in sizes:
            numbers = range(size // PER_APP + NEW)
            (folder / f"{size}.yaml").write_text(_apps.manifest(numbers), encoding="utf-8")
        found: dict[str, dict[int, list[Mapping[str, float]]]] = {}
        for place, (backend, variables) in places.items():
            each = environment(RTC_CALLBACK_KEY=_apps.CALLBACK_KEY, **variables)
            contenders = {size: partial(_run, backend, size, folder, each) for size in sizes}
            runs = interleaved(rounds, contenders)
            found[place] = {size: [json.loads(run.out) for run in runs[size]] for size in sizes}
    about = (
        f"An apply of {NEW * PER_APP} operations, ten at a time, by a service that answers at once, upon ledgers of "
        f"{', '.join(f'{size:,}' for size in sizes)} entries; {rounds} rounds. Operations that end together share an "
        "entry of the journal. The fold, once at the end, writes the whole ledger."
    )
    return Report("state", about, tuple(_figures(found, sizes)), (_table(found),))


def _run(backend: str, size: int, folder: Path, variables: Mapping[str, str]) -> Run:
    old = size // PER_APP
    words = (backend.replace("{size}", str(size)), str(old), str(NEW), folder / f"{size}.yaml")
    return _measure.run(module("_state", *words), variables, folder)


@contextmanager
def _places(folder: Path, short: bool) -> Iterator[Places]:
    """Yield the places; the servers run until the block ends."""
    places: dict[str, tuple[str, Mapping[str, str]]] = {"folder": (f"{folder}/state-{{size}}", {})}
    with ExitStack() as stack:
        if not short:
            places |= served(stack)
        yield places


def _of(runs: list[Mapping[str, float]], member: str) -> float:
    return median(each[member] for each in runs)


def _journal(runs: list[Mapping[str, float]]) -> float:
    """Return the milliseconds of the journal for an operation."""
    return median(each["journal"] / each["operations"] for each in runs) * 1000


def _table(found: Mapping[str, Mapping[int, list[Mapping[str, float]]]]) -> Table:
    rows: list[Row] = [("", "entries", "journal, an operation", "writes, an operation", "flushes", "fold", "load")]
    rows += [
        (
            place,
            f"{size:,}",
            f"{_journal(runs):.2f} ms",
            f"{_of(runs, 'appends') / _of(runs, 'operations'):.2f}",
            f"{_of(runs, 'flushes') / _of(runs, 'operations'):.2f}",
            f"{_of(runs, 'fold') * 1000:.0f} ms",
            f"{_of(runs, 'load') * 1000:.0f} ms",
        )
        for place, sizes in found.items()
        for size, runs in sizes.items()
    ]
    return Table(tuple(rows))


def _figures(found: Mapping[str, Mapping[int, list[Mapping[str, float]]]], sizes: tuple[int, ...]) -> Iterator[Figure]:
    flushes = max(each["flushes"] / each["operations"] for runs in found["folder"].values() for each in runs)
    yield Figure("folder: flushes to disk, an operation", flushes, "", Aim("at most", FLUSHES_AIM))
    for place, by_size in found.items():
        growth = _journal(by_size[sizes[-1]]) / _journal(by_size[sizes[0]])
        name = f"{place}: journal with {sizes[-1]:,} entries, to {sizes[0]:,}"
        yield Figure(name, growth, "×", Aim("at most", GROWTH_AIM))
