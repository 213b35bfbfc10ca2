"""What tests of waiting share: time that passes only by sleeping, and short ways to the job of Example 2."""

from __future__ import annotations

import asyncio
import functools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from rtcctl import simulator
from rtcctl.operations import pacing
from rtcctl.operations.pacing import Timer
from tests.e2e.support import EXAMPLE2, SIMULATED_STATE, Cli, Json, Ran, Stranger
from tests.jobs_documents import check_jobs_document

JOB = "MixStreamJob/rtctest/room001"
START = "POST /v2/apps/{app}/mix-stream-jobs"
STOPPING = ("--auto-approve", "--allow-destroy")
CREATE_APP = simulator.create_app


@dataclass
class Time:
    """Passes by sleeping alone; the simulator and those who wait have the same."""

    begin: datetime = field(default_factory=lambda: datetime.now(UTC))
    passed: float = 0.0

    def __call__(self) -> datetime:
        return self.begin + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)


@pytest.fixture
def time(cli: Cli) -> Time:
    """Time in which jobs stay INIT for two seconds, and whoever looks afterwards finds them running."""
    found = Time()
    cli.monkeypatch.setattr(simulator, "create_app", functools.partial(CREATE_APP, now=found, start_delay=2))
    cli.monkeypatch.setattr(pacing, "REAL", Timer(lambda: found.passed, found.sleep))
    return found


def jobs(cli: Cli, name: str, *arguments: str, manifest: object = EXAMPLE2, code: int = 0) -> Ran:
    return cli("jobs", name, "-f", str(manifest), "--simulator", *arguments, code=code)


def document(cli: Cli, name: str, *arguments: str, manifest: object = EXAMPLE2, code: int = 0) -> Json:
    found = jobs(cli, name, *arguments, "--output", "json", manifest=manifest, code=code).document
    check_jobs_document(found)
    return found


def stored() -> Json:
    found: Json = json.loads(SIMULATED_STATE.read_text())
    return found


def own() -> Json:
    """What the state holds of the job."""
    found: Json = stored()["entries"][JOB]
    return found


def path() -> str:
    return f"/v2/apps/{own()['ids']['app_id']}/mix-stream-jobs/{own()['ids']['job_id']}"


def stop_elsewhere() -> None:
    """Somebody else stops the job."""
    Stranger().send("DELETE", path())


def keep(change: Json) -> None:
    """Change what the state holds of the job."""
    kept = stored()
    kept["entries"][JOB] |= change
    SIMULATED_STATE.write_text(json.dumps(kept))
