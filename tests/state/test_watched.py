"""A store that is watched: it does the same, and what takes long says so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from rtcctl.errors import UsageError
from rtcctl.model.happening import Happening, Note, Slow
from rtcctl.model.ledger import Binding
from rtcctl.state.folder import FolderState
from rtcctl.state.watched import Watched

BINDING = Binding("p", "default", "https://rtc.example", {})


class Seen:
    bodies = False

    def __init__(self) -> None:
        self.happenings: list[Happening] = []
        self.slow = threading.Event()

    def see(self, happening: Happening) -> None:
        self.happenings.append(happening)
        if isinstance(happening, Slow):
            self.slow.set()

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.happenings if isinstance(each, (Note, Slow))]


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_it_does_what_the_store_does_and_tells_each_step(tmp_path: Path, seen: Seen) -> None:
    path = tmp_path / "default.state.json"
    store = Watched(FolderState(path, BINDING), seen)
    with store.locked() as crashed:
        assert crashed is None
        assert store.is_held()
        assert store.holder() is not None
        ledger = store.load()
        store.begin(ledger)
        store.append([])
        store.save(ledger)
    assert path.exists()
    assert (store.binding, store.unfolded, store.is_local) == (BINDING, False, True)
    assert store.running() is None
    with pytest.raises(UsageError):
        store.unlock("none")
    steps = ("taking its lock", "reading it", "starting its journal", "writing its journal", "writing it")
    assert all(isinstance(each, Note) and each.detail for each in seen.happenings)
    assert [step in text for step, text in zip(steps, seen.texts, strict=True)] == [True] * 5
    assert store.place in seen.texts[0]


def test_what_takes_long_is_told_while_it_does(tmp_path: Path, seen: Seen) -> None:
    class SlowState(FolderState):
        def load(self):
            assert seen.slow.wait(10)
            return super().load()

    Watched(SlowState(tmp_path / "default.state.json", BINDING), seen, slow=0.01).load()
    assert isinstance(seen.happenings[0], Slow)
    assert "is slow: reading it takes more than 0.01 s" in seen.texts[0]
