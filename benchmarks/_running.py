"""Running a benchmark by its name, here or in a process of its own."""

from __future__ import annotations

import importlib
import multiprocessing
import signal
import sys
from multiprocessing.connection import Connection

from benchmarks._measure import FailedError
from benchmarks._report import Report


def measured(name: str, short: bool) -> Report:
    """Run one benchmark; `NAME-VARIANT` is the function `measure_VARIANT` of its module.

    Raises:
        FailedError: something that was to be measured did not end as it should have.
    """
    module, _, variant = name.partition("-")
    function = f"measure_{variant}" if variant else "measure"
    report: Report = getattr(importlib.import_module(f"benchmarks.{module}"), function)(short)
    return report


def measured_apart(name: str, short: bool) -> Report:
    """Run one in a process of its own, so that it is not measured with what another has left in memory.

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


def end_in_order() -> None:
    """Let SIGTERM end this process as an exception does: what it started is ended on the way out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def _send(sender: Connection, name: str, short: bool) -> None:
    end_in_order()
    try:
        sender.send(measured(name, short))
    except FailedError as error:
        sys.exit(str(error))
