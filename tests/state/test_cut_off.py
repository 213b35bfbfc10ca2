"""An apply that dies at any moment, before or after whatever it does to a place, and the run that comes after it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from rtcctl.model.ledger import Delta, Ledger, after
from rtcctl.state.bucket import Bucket
from rtcctl.state.store import Store

from .places import Place
from .support import full_ledger

LEFT = (Delta(sources=4), Delta(serial=8, sources=5))
STEP = Delta(serial=9, sources=6)
DEEDS: dict[str, list[tuple[object, str]]] = {
    "folder": [(os, "fsync"), (os, "write"), (os, "link"), (Path, "replace"), (Path, "unlink")],
    "s3": [(Bucket, name) for name in ("create", "replace", "copy", "delete")],
    "postgresql": [(psycopg.Connection, "execute")],
}


class Crash(BaseException):
    """The process dies here."""


class Dying:
    """Counts what is done, and dies at one of it; a dead process does nothing any more."""

    def __init__(self, at: int, *, late: bool) -> None:
        self.at, self.late, self.count = at, late, 0

    def watch(self, deed: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count > self.at or (self.count == self.at and not self.late):
                raise Crash
            done = deed(*arguments, **named)
            if self.count == self.at:
                raise Crash
            return done

        return watched


def cut_off(place: Place) -> Ledger:
    """A state whose last apply left its journal; the ledger that both make."""
    base = replace(full_ledger(), binding=place.binding)
    store = place.open()
    store.load()
    store.save(base)
    store.begin(base)
    for delta in LEFT:
        store.append([delta])
    return after(base, LEFT)


def run(store: Store, reached: list[Ledger]) -> None:
    """An apply; `reached` is what it may rely on."""
    left = store.load()
    store.begin(left)
    store.append([STEP])
    reached.append(after(left, [STEP]))
    store.save(replace(after(left, [STEP]), entries={}))
    reached.append(replace(after(left, [STEP]), entries={}))


@pytest.mark.parametrize("late", [False, True])
def test_whatever_was_relied_on_is_there_and_the_next_apply_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    at = 0
    crashed = True
    while crashed:
        at += 1
        here = replace(place, project=f"{place.project}at{at}")
        left = cut_off(here)
        outcomes = [left, after(left, [STEP]), replace(after(left, [STEP]), entries={})]
        reached, dying = [left], Dying(at, late=late)
        with monkeypatch.context() as patch:
            for owner, name in DEEDS[here.kind]:
                patch.setattr(owner, name, dying.watch(getattr(owner, name)))
            crashed = False
            with contextlib.suppress(Crash):
                crashed = True
                run(here.open(), reached)
                crashed = False
        found = here.open().load()
        assert found in outcomes[outcomes.index(reached[-1]) :], at
        again = here.open()
        again.begin(again.load())
        assert here.open().load() == found, at
        again.append([Delta(serial=20)])
        assert here.open().load() == replace(found, serial=20), at
        again.save(replace(found, serial=20, sources=77))
        assert here.open().load() == replace(found, serial=20, sources=77), at
    assert at > 6
