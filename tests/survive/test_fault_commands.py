"""Each fault once through the command line: exit code, what is printed, the report, and the run after it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcctl import simulator
from rtcctl.api.client import Client
from rtcctl.operations import connection
from rtcctl.simulator import ACCOUNT
from tests.e2e.conftest import cli
from tests.e2e.processes import served_simulator
from tests.e2e.support import KEYS, USER, Cli, Ran
from tests.survive.checks import duplicates
from tests.survive.honesty import check_honest, lost
from tests.survive.manifests import BARE, WHOLE, Declared
from tests.survive.stages import STAGES, TOKEN, flawless
from tests.survive.standing import standing

__all__ = ["cli"]

SECONDS = 2.0
"""For which rtcctl waits here for an answer."""
FOR_GOOD = {"count": 1000}
BUILD = {stage.declared: stage for stage in STAGES if stage.before is None}


@dataclass(frozen=True)
class Case:
    """A fault as the control API takes it, and how the run that meets it ends."""

    name: str
    fault: dict[str, Any]
    code: int
    declared: Declared = WHOLE
    outcomes: dict[str, int] = field(default_factory=dict)
    """How many changes end otherwise than done."""

    def __str__(self) -> str:
        return self.name


def case(name: str, code: int, call: str, fault: dict[str, Any], declared: Declared = WHOLE, **otherwise: int) -> Case:
    outcomes = {outcome.replace("_", " "): number for outcome, number in otherwise.items()}
    return Case(f"{name}-{call}", {"count": 1, **fault, "calls": [call]}, code, declared, outcomes)


CASES = (
    case("429", 0, "CreateApp", {"fault": "status", "status": 429}),
    case("429-retry-after", 0, "CreateMixJob", {"fault": "status", "status": 429, "retry_after": 0}),
    # Of the rule that failed everything else of its app waits: automatic recording and both jobs.
    case("500", 6, "CreateRecordRule", {"fault": "status", "status": 500}, failed=1, not_attempted=3),
    case("500-all", 1, "CreateApp", {"fault": "status", "status": 500, **FOR_GOOD}, BARE, failed=3),
    case("500-reading", 1, "ListApps", {"fault": "status", "status": 500, **FOR_GOOD}),
    case("503", 6, "CreateMixJob", {"fault": "status", "status": 503, "skip": 1}, unknown=1),
    case("reset-before", 6, "CreateApp", {"fault": "reset"}, BARE, unknown=1),
    case("reset-after", 0, "CreateRecordRule", {"fault": "reset", "when": "after", "skip": 2}),
    case("time-out", 0, "CreateApp", {"fault": "timeout", "seconds": 60, "when": "after"}),
    case("empty", 0, "UpdateRecordCallback", {"fault": "empty-body"}),
    case("truncated", 6, "CreateIndividualStreamJob", {"fault": "truncated-json"}, unknown=1),
    case("page", 0, "UpdateObsBucketAuthority", {"fault": "html", "status": 502, "when": "after"}),
    case("page-for-a-token", 1, TOKEN, {"fault": "html", "status": 502, **FOR_GOOD}, BARE),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "served.db"


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[str]:
    """A simulator as a process; each test begins with an empty account in it."""
    with served_simulator(data) as url:
        yield url


@pytest.fixture
def control(served: str) -> Iterator[Callable[..., httpx.Response]]:
    """Calls the control API."""
    with httpx.Client(base_url=f"{served}/_simulator", trust_env=False) as client:

        def call(method: str, path: str, **content: Any) -> httpx.Response:
            answer = client.request(method, path, **content)
            assert answer.is_success, answer.text
            return answer

        empty = call("GET", "/snapshot").content
        yield call
        call("DELETE", "/faults")
        call("POST", "/restore", content=empty)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_command_that_meets_a_fault_tells_what_became_of_it(
    cli: Cli, served: str, data: Path, control: Callable[..., httpx.Response], case: Case
) -> None:
    by_password = TOKEN in case.fault["calls"]
    cli.environ({**(USER if by_password else KEYS), "RTCCTL_ENDPOINT": served, "HUAWEICLOUD_SDK_IAM_ENDPOINT": served})
    cli.monkeypatch.setattr(connection, "Client", functools.partial(Client, timeout=SECONDS))
    cli.write(case.declared.text)
    wanted = flawless(BUILD[case.declared]).wanted
    account = simulator.create_app(data)

    def documents(kind: str, parent: str = "") -> list[dict[str, Any]]:
        with account.state.simulator.store.transaction():
            found = account.state.simulator.store.collection(kind, ACCOUNT.name, parent).list()
        return [one.get("job", one) for one in found]

    assert standing(documents) == {}
    control("PUT", "/faults", json={"faults": [case.fault]})
    ran = applied(cli, case.code)
    [struck] = control("GET", "/faults").json()["faults"]
    assert struck["struck"] >= 1
    control("DELETE", "/faults")
    after = standing(documents)
    check_honest(ran.document, {}, after, wanted)
    others = [each["outcome"] for each in ran.document.get("changes", ()) if each["outcome"] != "done"]
    assert {outcome: others.count(outcome) for outcome in others} == case.outcomes
    assert not duplicates(documents)

    jobs = {address for address in lost(ran.document) if "Job/" in address}
    again = applied(cli, 6 if jobs else 0)
    check_honest(again.document, after, standing(documents), wanted)
    assert lost(again.document) == jobs
    assert not duplicates(documents)
    assert {address for address, one in wanted.items() if standing(documents).get(address) != one} <= jobs


def applied(cli: Cli, code: int) -> Ran:
    """Apply; what is printed and what is reported are the same."""
    asked = ("--auto-approve", "--output", "json", "--report", "json=report.json")
    ran = cli("apply", "-f", "manifest.yaml", *asked, code=code)
    assert json.loads((cli.folder / "report.json").read_text()) == ran.document
    assert ran.document["exit_code"] == code
    return ran
