"""What is measured of a process, and how it may end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks._measure import FailedError, Run, environment, interleaved, run

BUSY = (
    "import sys, time; kept = b'x' * 80_000_000; end = time.process_time() + 0.1\nwhile time.process_time() < end: pass"
)


def test_time_cpu_memory_and_output_are_of_the_child():
    found = run((sys.executable, "-c", f"{BUSY}\nprint('done')"), environment())
    assert found.out == "done\n"
    assert found.seconds >= 0.1
    assert found.cpu >= 0.1
    assert found.peak >= 80_000_000


def test_an_end_that_was_not_due_is_told_with_what_was_printed():
    with pytest.raises(FailedError, match=r"ended with 3, not 0:\nbroken"):
        run((sys.executable, "-c", "import sys; sys.stderr.write('broken'); sys.exit(3)"), environment())
    assert run((sys.executable, "-c", "import sys; sys.exit(3)"), environment(), code=3).out == ""


def test_a_command_that_does_not_end_is_killed():
    with pytest.raises(FailedError, match="ended with -9"):
        run((sys.executable, "-c", "import threading; threading.Event().wait()"), environment(), longest=0.2)


def test_what_steers_rtcctl_or_python_is_not_handed_on(monkeypatch: pytest.MonkeyPatch):
    for name in ("RTCCTL_TOKEN", "HUAWEICLOUD_SDK_AK", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("LANG", "C.UTF-8")
    found = environment(RTCCTL_STATE="here")
    assert found["LANG"] == "C.UTF-8"
    assert found["RTCCTL_STATE"] == "here"
    assert found["PYTHONPATH"] == str(Path(__file__).parents[2])
    assert not {"RTCCTL_TOKEN", "HUAWEICLOUD_SDK_AK", "PYTHONDONTWRITEBYTECODE"} & found.keys()


def test_contenders_take_turns():
    order: list[str] = []

    def ran(name: str) -> Run:
        order.append(name)
        return Run(float(len(order)), 0.0, 0, name)

    found = interleaved(2, {"a": lambda: ran("a"), "b": lambda: ran("b")})
    assert order == ["a", "b", "a", "b"]
    assert [each.seconds for each in found["b"]] == [2.0, 4.0]
