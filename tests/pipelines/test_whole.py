"""Each pipeline from a merge request to the service: plan, approval, the service moves, refusal, new plan, applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
from starlette.applications import Starlette

from rtcctl.simulator import create_app
from tests.e2e.support import Loopback, simulated
from tests.pipelines import github, gitlab, jenkins
from tests.pipelines.forge import TOKEN, Served
from tests.pipelines.running import ROOT, Ran, bash
from tests.simulator.driver import send, token

KEY = "fake-callback-key-not-a-real-secret-1"
APP = """\
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: classroom}
spec:
  record_callback:
    url: https://one.example/cb
    auth_key: ${env:RTC_CALLBACK_KEY}
"""
PROJECT = "apiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: school}\n"
CHANGED = APP.replace("one.example", "two.example")
MOVED = {"url": "https://three.example/cb", "auth_key": KEY}


class Pipeline(Protocol):
    """What the three have in common: exit codes, and what stood in the log."""

    log: str

    def plan(self, checkout: Path, head: str) -> int: ...

    def apply(self, checkout: Path, head: str) -> int: ...

    def plan_anew(self, checkout: Path) -> int: ...

    def apply_anew(self, checkout: Path) -> int: ...

    def drift(self, checkout: Path) -> int: ...


@dataclass
class OnGitHub:
    """The example workflows."""

    forge: Served
    environ: dict[str, str]
    args: str
    log: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)

    def _job(self, name: str, job: str, checkout: Path, event: dict[str, Any]) -> int:
        runner = github.Runner(self.forge, self.environ, {"args": self.args})
        code = runner.job(name, job, checkout, event)
        self.log, self.outputs = runner.log, runner.outputs
        return code

    def _request(self, head: str) -> dict[str, Any]:
        request = {
            "number": 5,
            "merged": True,
            "merge_commit_sha": "m",
            "head": {"sha": head, "repo": {"full_name": "o/r"}},
        }
        return {"event_name": "pull_request", "sha": "preview", "event": {"pull_request": request}}

    def _by_hand(self) -> dict[str, Any]:
        return {"event_name": "workflow_dispatch", "sha": "m", "event": {}}

    def plan(self, checkout: Path, head: str) -> int:
        return self._job("rtcctl-plan", "plan", checkout, self._request(head))

    def apply(self, checkout: Path, head: str) -> int:
        return self._job("rtcctl-apply", "apply", checkout, self._request(head))

    def plan_anew(self, checkout: Path) -> int:
        return self._job("rtcctl-apply", "plan", checkout, self._by_hand())

    def apply_anew(self, checkout: Path) -> int:
        return self._job("rtcctl-apply", "apply", checkout, self._by_hand())

    def drift(self, checkout: Path) -> int:
        return self._job("rtcctl-drift", "drift", checkout, self._by_hand())


@dataclass
class OnGitLab:
    """The component as the example includes it."""

    forge: Served
    environ: dict[str, str]
    args: str
    log: str = ""
    last: Path = Path()

    def _job(self, name: str, checkout: Path, variables: dict[str, str], reference: str = "main") -> int:
        runner = gitlab.Runner(self.forge, self.environ, {"args": self.args, "scripts": str(ROOT / "ci")})
        code = runner.job(name, checkout, variables, reference)
        self.log = runner.log
        return code

    def plan(self, checkout: Path, head: str) -> int:
        return self._job("rtcctl-plan", checkout, {"CI_MERGE_REQUEST_IID": "5"}, "refs/merge-requests/5/head")

    def apply(self, checkout: Path, head: str) -> int:
        self.forge.merged = [{"iid": 5, "state": "merged", "source_project_id": 3, "target_project_id": 3}]
        return self._job("rtcctl-apply", checkout, {"CI_COMMIT_SHA": "m"})

    def plan_anew(self, checkout: Path) -> int:
        self.last = checkout
        return self._job("rtcctl-plan", checkout, {})

    def apply_anew(self, checkout: Path) -> int:
        runner = gitlab.Runner(self.forge, {}, {})
        runner.hand_over("rtcctl-apply-again", self.last, checkout)
        return self._job("rtcctl-apply-again", checkout, {})

    def drift(self, checkout: Path) -> int:
        return self._job("rtcctl-drift", checkout, {})


@dataclass
class OnJenkins:
    """The Jenkinsfile; a build of main plans, asks and applies, so that a refused one is built again."""

    forge: Served
    environ: dict[str, str]
    args: str
    log: str = ""
    stash: bytes = b""

    def _stage(self, name: str, checkout: Path) -> int:
        script = jenkins.shell(name).replace("/opt/rtcctl/ci", str(ROOT / "ci"))
        ran = bash(script, checkout, {**self.environ, "RTCCTL_CI_MANIFEST": "manifests", "RTCCTL_CI_ARGS": self.args})
        self.log = ran.log
        return ran.code

    def plan(self, checkout: Path, head: str) -> int:
        code = self._stage("Plan", checkout)
        self.stash = (checkout / "rtcctl-plan.json").read_bytes()
        return code

    def apply(self, checkout: Path, head: str) -> int:
        (checkout / "rtcctl-plan.json").write_bytes(self.stash)
        return self._stage("Apply", checkout)

    def plan_anew(self, checkout: Path) -> int:
        return self.plan(checkout, "m")

    def apply_anew(self, checkout: Path) -> int:
        return self.apply(checkout, "m")

    def drift(self, checkout: Path) -> int:
        return self._stage("Drift", checkout)


@dataclass
class World:
    """A repository with checkouts, a simulated account behind the network, and a state that outlives checkouts."""

    folder: Path
    forge: Served
    app: Starlette
    service: Loopback
    count: int = 0
    seen: int = 0

    @property
    def args(self) -> str:
        return f"--endpoint\n{self.service.url}"

    @property
    def environ(self) -> dict[str, str]:
        """What a project keeps with its CI system."""
        return {
            "RTC_CALLBACK_KEY": KEY,
            "RTCCTL_TOKEN": token(self.app),
            "RTCCTL_STATE": str(self.folder / "state kept elsewhere"),
        }

    def checkout(self, app: str) -> Path:
        """A fresh folder with the repository's files, as every job gets one."""
        self.count += 1
        folder = self.folder / f"checkout {self.count}"
        (folder / "manifests").mkdir(parents=True)
        (folder / "manifests" / "app.yaml").write_text(app)
        (folder / "manifests" / "project.yaml").write_text(PROJECT)
        return folder

    def rtcctl(self, command: str, checkout: Path) -> Ran:
        return bash(f"rtcctl {command} -f manifests --endpoint {self.service.url}", checkout, self.environ)

    def writes(self) -> list[str]:
        """The writes that reached the service since this was asked last."""
        found = [each for each in self.service.told[self.seen :] if not each.startswith("GET")]
        self.seen = len(self.service.heard)
        return found

    def url(self) -> str:
        return str(self._send("GET", self._callback())["record_callback"]["url"])

    def move(self) -> None:
        """Somebody changes the callback in the console."""
        self._send("PUT", self._callback(), MOVED)

    def _callback(self) -> str:
        [found] = self._send("GET", "/v2/apps")["apps"]
        return f"/v2/apps/{found['app_id']}/record-callback"

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        more: dict[str, Any] = {} if body is None else {"json": body}
        answer = send(self.app, method, path, headers={"X-Auth-Token": token(self.app)}, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    app = create_app()
    with Served() as forge, Loopback(simulated(app)) as service:
        found = World(tmp_path, forge, app, service)
        ran = found.rtcctl("apply --auto-approve", found.checkout(APP))
        assert ran.code == 0, ran.log
        found.writes()
        yield found


@pytest.fixture(params=[OnGitHub, OnGitLab, OnJenkins])
def pipeline(request: pytest.FixtureRequest, world: World) -> Pipeline:
    made: Pipeline = request.param(world.forge, world.environ, world.args)
    return made


def comments_on(pipeline: Pipeline, world: World) -> int:
    """The comments that there must be once something was planned."""
    return 0 if isinstance(pipeline, OnJenkins) else 1


def test_a_merge_request_is_planned_approved_refused_planned_anew_and_applied(pipeline: Pipeline, world: World):
    assert pipeline.plan(world.checkout(CHANGED), "h1") == 0, pipeline.log
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in pipeline.log
    comments = comments_on(pipeline, world)
    assert len(world.forge.comments) == comments
    assert all("two.example" in each["body"] for each in world.forge.comments)

    assert pipeline.plan(world.checkout(CHANGED.replace("two.", "second.")), "h2") == 0, pipeline.log
    assert len(world.forge.comments) == comments, "one comment, kept up to date"
    assert all("second.example" in each["body"] for each in world.forge.comments)
    assert world.writes() == [], "a plan changes nothing"

    merged = CHANGED.replace("two.", "second.")
    world.move()
    assert pipeline.apply(world.checkout(merged), "h2") == 5, pipeline.log
    assert "the live account is not what the plan was made for" in pipeline.log
    assert "RecordCallback/classroom: url was" in pipeline.log
    assert "three.example" in pipeline.log
    assert "plan again" in pipeline.log
    assert world.writes() == []
    assert world.url() == "https://three.example/cb"

    assert pipeline.plan_anew(world.checkout(merged)) == 0, pipeline.log
    assert pipeline.apply_anew(world.checkout(merged)) == 0, pipeline.log
    assert "Applied: 0 added, 1 changed, 0 destroyed." in pipeline.log
    assert world.url() == "https://second.example/cb"
    assert world.writes() == ["PUT /v2/apps/{app}/record-callback"]
    assert world.rtcctl("plan --detailed-exitcode", world.checkout(merged)).code == 0
    for each in [*world.forge.comments, pipeline.log]:
        assert KEY not in str(each)
        assert TOKEN not in str(each)


def test_where_nothing_moved_the_merge_applies_exactly_the_plan(pipeline: Pipeline, world: World):
    assert pipeline.plan(world.checkout(CHANGED), "h1") == 0, pipeline.log
    assert pipeline.apply(world.checkout(CHANGED), "h1") == 0, pipeline.log
    assert world.writes() == ["PUT /v2/apps/{app}/record-callback"]
    assert world.url() == "https://two.example/cb"


def test_a_manifest_that_is_not_the_planned_one_is_refused_although_there_is_a_plan(pipeline: Pipeline, world: World):
    assert pipeline.plan(world.checkout(CHANGED), "h1") == 0, pipeline.log
    assert pipeline.apply(world.checkout(CHANGED.replace("two.", "other.")), "h1") == 5, pipeline.log
    assert "manifest" in pipeline.log
    assert world.writes() == []


def test_a_plan_that_lies_in_the_repository_is_not_taken_for_the_approved_one(pipeline: Pipeline, world: World):
    assert pipeline.plan(world.checkout(APP), "h1") == 0, pipeline.log
    forged = world.checkout(CHANGED)
    ran = world.rtcctl("plan --out rtcctl-plan.json", forged)
    assert ran.code == 0, ran.log
    assert pipeline.apply(forged, "h1") == 5, pipeline.log
    assert world.writes() == []


def test_drift_is_silent_by_night_until_somebody_changed_something(pipeline: Pipeline, world: World):
    assert pipeline.drift(world.checkout(APP)) == 0, pipeline.log
    world.move()
    checkout = world.checkout(APP)
    assert pipeline.drift(checkout) == 2, pipeline.log
    assert "RecordCallback/classroom" in pipeline.log
    assert "three.example" in (checkout / "rtcctl-reports" / "drift.md").read_text()


@pytest.mark.parametrize("pipeline", [OnGitHub, OnGitLab], indirect=True)  # Jenkins has no comment
def test_a_broken_manifest_fails_the_plan_and_its_comment_says_why(pipeline: Pipeline, world: World):
    assert pipeline.plan(world.checkout(CHANGED), "h1") == 0, pipeline.log
    assert pipeline.plan(world.checkout(CHANGED.replace("url:", "uri:")), "h2") == 3, pipeline.log
    [comment] = world.forge.comments
    assert "did you mean" in comment["body"]
    assert pipeline.plan(world.checkout(CHANGED), "h3") == 0, pipeline.log
    [comment] = world.forge.comments
    assert "two.example" in comment["body"]


def test_github_tells_later_steps_whether_there_are_changes(world: World):
    pipeline = OnGitHub(world.forge, world.environ, world.args)
    assert pipeline.plan(world.checkout(CHANGED), "h1") == 0
    assert pipeline.outputs == {"changes": "true"}
    assert pipeline.plan(world.checkout(APP), "h2") == 0
    assert pipeline.outputs == {"changes": "false"}
