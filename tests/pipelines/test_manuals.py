"""What the manuals of pipelines and GitOps show is what there is."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml

from rtcctl.schema.crd import definitions
from tests.e2e.kustomize import build
from tests.pipelines import github, gitlab
from tests.pipelines.running import ROOT, bash
from tests.test_deployments import understood

MANUALS = ["ci", "gitops"]


def text(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def commands(name: str) -> list[str]:
    """Every rtcctl command on a line of its own or in a pipe."""
    lines = re.findall(r"^(?:\$ |    )(.+)$", text(name), re.MULTILINE)
    parts = [part.strip() for line in lines for part in re.split(r"\||\s#\s|<", line)]
    return [part for part in parts if part.startswith("rtcctl ")]


@pytest.mark.parametrize("name", MANUALS)
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text(name)):
        assert (ROOT / "docs" / target).exists(), target


@pytest.mark.parametrize("name", MANUALS)
def test_commands_are_ones_that_rtcctl_understands(name):
    found = commands(name)
    assert len(found) > 2
    for command in found:
        understood(shlex.split(command)[1:])


def test_the_step_that_is_shown_is_that_of_the_example():
    [shown] = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", text("ci"), re.DOTALL)[0])
    assert shown in github.workflow("rtcctl-plan")["jobs"]["plan"]["steps"]


def test_every_input_of_the_action_and_every_job_of_the_component_is_told_of():
    for name in github.ACTION["inputs"]:
        assert f"`{name}`" in text("ci")
    for name in gitlab.component({}):
        assert name.startswith(".") or f"`{name}`" in text("ci")


def test_the_finding_that_is_shown_is_the_one_that_comes(tmp_path):
    shown = re.search(r"^<stdin>:.*$", text("gitops"), re.MULTILINE)
    assert shown is not None
    stream = build(ROOT / "examples/two-environments/overlays/prod").replace(
        "bucket: classroom-recordings", "bucket: [a]"
    )
    (tmp_path / "stream.yaml").write_text(stream)
    log = bash("rtcctl validate -f - <stream.yaml", tmp_path, {}).log
    assert log.splitlines()[0].split(" ", 1)[1] == shown.group().split(" ", 1)[1]


def test_the_names_of_the_definitions_that_are_told_of_are_theirs():
    assert "`apps.rtcctl.dev`" in text("gitops")
    assert "apps.rtcctl.dev" in {each["metadata"]["name"] for each in definitions()}


def test_steps_without_a_ci_system_work_as_shown(tmp_path):
    lines = re.findall(r"^(RTCCTL_CI_MANIFEST=manifests ci/\w+\.sh)", text("ci"), re.MULTILINE)
    assert len(lines) == 3
    (tmp_path / "ci").symlink_to(ROOT / "ci")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/a.yaml").write_text("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n")
    for line in lines:
        ran = bash(line, tmp_path, {"RTCCTL_CI_ARGS": "--simulator"})
        assert ran.code == 0, ran.log
    assert "1 added" in (tmp_path / "rtcctl-reports/apply.md").read_text()
