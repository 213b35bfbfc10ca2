"""The simulator as a process of its own: `python -m benchmarks._serve LATENCY ACCOUNTS`.

Prints its URL and serves until it is told to end, or whoever started it has ended.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from benchmarks._apps import QUOTA
from benchmarks._service import accounts
from rtcctl.simulator import Options, serve
from rtcctl.simulator.faults import Fault, Scenario


def main(latency: float, count: int) -> None:
    """Serve `count` accounts, each call taking `latency` seconds."""

    def ready(url: str) -> None:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        threading.Thread(target=end_with_parent, daemon=True).start()

    slow = Scenario((Fault("latency", seconds=latency),)) if latency else Scenario()
    variants = frozenset({"unauthorized-ignored"})  # no bucket has to be authorized first
    options = Options(app_quota=QUOTA, accounts=accounts(count), scenario=slow, variants=variants)
    serve(None, port=0, ready=ready, options=options)


def end_with_parent() -> None:
    """End this process when its standard input does."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
