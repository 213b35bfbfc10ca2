"""What other processes do in the tests: `python -m tests.state.worker WORK PLACE`."""

from __future__ import annotations

import json
import sys

from msgspec.structs import replace

from rtcctl.errors import StateLockedError
from rtcctl.model.ledger import Delta
from rtcctl.state.store import Store

from .places import Place
from .support import address


def say(text: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def hold(store: Store) -> None:
    """Hold the lock until standard input ends."""
    with store.locked():
        say("held")
        sys.stdin.read()


def apply(store: Store) -> None:
    """Begin a journal, write to it and stay inside the lock until standard input ends."""
    with store.locked():
        ledger = store.load()
        store.begin(ledger)
        store.append([Delta(serial=ledger.serial + 1, settled=frozenset({address("App/b")}))])
        say("held")
        sys.stdin.read()


def race(store: Store) -> None:
    """At each line of standard input try to be the one that raises the serial; hold the lock till the next line."""
    say("ready")
    for _ in sys.stdin:
        try:
            with store.locked():
                ledger = store.load()
                store.begin(ledger)
                store.append([Delta(serial=ledger.serial + 1)])
                store.save(replace(ledger, serial=ledger.serial + 1))
                say(str(ledger.serial + 1))
                sys.stdin.readline()
        except StateLockedError as error:
            say(error.message)
            sys.stdin.readline()
        say("left")


if __name__ == "__main__":
    {"hold": hold, "apply": apply, "race": race}[sys.argv[1]](Place(**json.loads(sys.argv[2])).open())
