"""Twenty processes and one lock, on each place for a state."""

from __future__ import annotations

import contextlib
import platform
import subprocess

from .places import Place

RACERS = 20
ROUNDS = 3


def test_of_twenty_processes_exactly_one_wins_each_time_and_serials_rise(place: Place) -> None:
    won = []
    with contextlib.ExitStack() as stack:
        racers = [stack.enter_context(place.process("race")) for _ in range(RACERS)]
        assert tell(racers, "") == ["ready"] * RACERS
        for _ in range(ROUNDS):
            heard = tell(racers, "go\n")
            winners = [racer for racer, word in zip(racers, heard, strict=True) if word.isdigit()]
            assert len(winners) == 1, heard
            named = f"the state is locked by alice@{platform.node()}, process {winners[0].pid}, since "
            assert all(word.startswith(named) for word in heard if not word.isdigit()), heard
            won += [int(word) for word in heard if word.isdigit()]
            assert tell(racers, "leave\n") == ["left"] * RACERS
        for racer in racers:
            racer.communicate()
    assert won == list(range(1, ROUNDS + 1))
    assert place.open().load().serial == ROUNDS


def tell(racers: list[subprocess.Popen[str]], word: str) -> list[str]:
    """Say a word to all at once, and hear what each answers."""
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write(word)
        racer.stdin.flush()
    return [racer.stdout.readline().strip() for racer in racers if racer.stdout is not None]
