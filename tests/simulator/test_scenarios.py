"""Scenario files and fault flags: the examples are read, and what is wrong is said with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rtcctl.simulator import scenario
from rtcctl.simulator.faults import Fault
from rtcctl.simulator.throttle import ThrottleOptions

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "faults").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_read_and_says_what_it_is_for(path: Path) -> None:
    loaded = scenario.read(path)
    assert loaded.scenario.faults
    assert loaded.scenario.description
    assert path.read_text().startswith("# ")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


def test_file_is_read_with_seed_faults_and_throttle(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "seed: 7\nfaults:\n  - {fault: latency, seconds: 1}\n  - {fault: html, calls: ListApps}\n"
        "throttle: {scope: api, minute: 2.5}\n"
    )
    loaded = scenario.read(path)
    assert loaded.scenario.seed == 7
    assert loaded.scenario.faults == (Fault("latency", seconds=1.0), Fault("html", calls=("ListApps",), status=502))
    assert (loaded.throttle, loaded.sets_throttle) == (ThrottleOptions(scope="api", minute=2.5), True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"faults: [", "a.yaml:1: not YAML"),
        (b"a: b: c", "a.yaml:1: not YAML"),
        (b"\xff", "a.yaml: not UTF-8"),
        (b"\x00", "a.yaml: not YAML"),
        (b"faults: {}", "a.yaml: faults: a list is needed"),
        (b"", "a.yaml: a scenario: a mapping is needed"),
    ],
)
def test_bad_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.yaml") as caught:
        scenario.read(path)
    assert message in str(caught.value)


BAD: list[tuple[Any, str]] = [
    ({"fault": []}, "fault: not known here, did you mean 'faults'?; description, seed, faults, throttle are"),
    ({"seed": "x"}, "seed: a whole number is needed"),
    ({"description": 5}, "description: text is needed"),
    ({"throttle": []}, "throttle: a mapping is needed"),
    ({"throttle": {"scop": "api"}}, "throttle: 'scop' is none of scope, window, minute, retry_after, enabled"),
    ({"throttle": {"scope": "x"}}, "throttle.scope: 'x' is none of api, category, shared"),
    ({"throttle": {"window": "x"}}, "throttle.window: 'x' is none of fixed, sliding"),
    ({"throttle": {"minute": 0}}, "throttle.minute: a number of seconds above 0 is needed"),
    ({"throttle": {"minute": True}}, "throttle.minute: a number of seconds above 0 is needed"),
    ({"throttle": {"retry_after": 1}}, "throttle.retry_after: true or false is needed"),
]
BAD_FAULTS: list[tuple[Any, str]] = [
    ("reset", "faults[0].fault: one of latency, status, reset"),
    ({}, "faults[0].fault: one of latency, status, reset"),
    ({"fault": "statos"}, "faults[0].fault: no fault is called 'statos', did you mean 'status'?"),
    ({"fault": "zzz"}, "faults[0].fault: no fault is called 'zzz'"),
    (
        {"fault": "reset", "status": 500},
        "faults[0].status: not known here; fault, calls, skip, count, probability, when",
    ),
    ({"fault": "latency"}, "faults[0].seconds: latency needs to know how long"),
    ({"fault": "latency", "seconds": -1}, "faults[0].seconds: a number from 0 to 3600 is needed"),
    ({"fault": "latency", "seconds": "1"}, "faults[0].seconds: a number from 0 to 3600 is needed"),
    ({"fault": "latency", "seconds": float("nan")}, "faults[0].seconds: a number from 0 to 3600 is needed"),
    ({"fault": "status", "status": 200}, "faults[0].status: a status from 400 to 599 is needed"),
    ({"fault": "status", "status": True}, "faults[0].status: a status from 400 to 599 is needed"),
    ({"fault": "reset", "when": "during"}, "faults[0].when: before or after is needed"),
    ({"fault": "reset", "count": 0}, "faults[0].count: a whole number from 1 is needed"),
    ({"fault": "reset", "skip": -1}, "faults[0].skip: a whole number from 0 is needed"),
    ({"fault": "reset", "probability": 1.5}, "faults[0].probability: a number from 0 to 1 is needed"),
    ({"fault": "reset", "calls": 5}, "faults[0].calls: operationIds or routes are needed"),
    (
        {"fault": "reset", "calls": ["CreatApp"]},
        "faults[0].calls: no operation or route is called 'CreatApp', did you mean",
    ),
]


@pytest.mark.parametrize(("document", "message"), [*BAD, *(({"faults": [fault]}, text) for fault, text in BAD_FAULTS)])
def test_place_and_mend_of_what_is_wrong_are_told(document: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        scenario.parsed(document)
    assert str(caught.value).startswith(message)


def test_limits_can_be_switched_off() -> None:
    assert scenario.parsed({"throttle": {"enabled": False}}) == scenario.parsed({"throttle": None})
    assert scenario.parsed({"throttle": None}).sets_throttle
    assert not scenario.parsed({}).sets_throttle


@pytest.mark.parametrize(
    ("flag", "fault"),
    [
        ("reset", Fault("reset")),
        (
            "reset:when=after,calls=CreateApp,calls=POST /v2/apps,count=1",
            Fault("reset", ("CreateApp", "POST /v2/apps"), "after", count=1),
        ),
        ("latency:seconds=0.25,jitter=1", Fault("latency", seconds=0.25, jitter=1.0)),
        ("status:status=429,retry_after=3", Fault("status", status=429, retry_after=3)),
    ],
)
def test_flag_is_a_fault(flag: str, fault: Fault) -> None:
    assert scenario.from_flag(flag) == fault


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("rset", "rset: fault: no fault is called 'rset', did you mean 'reset'?"),
        ("reset:after", "reset:after: 'after' is not NAME=VALUE"),
        ("reset:when=x", "reset:when=x: when: before or after is needed"),
    ],
)
def test_bad_flag_is_repeated_with_what_is_wrong(flag: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        scenario.from_flag(flag)
    assert str(caught.value) == message
