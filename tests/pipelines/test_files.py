"""The files of the examples parse, name what there is, and keep what comes from outside away from the shell."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from typing import Any

import click
import pytest
import yaml

import rtcctl
from rtcctl.cli.main import rtcctl as command_line
from tests.pipelines import github, gitlab, jenkins
from tests.pipelines.running import ROOT, bash

WORKFLOWS = ["rtcctl-plan", "rtcctl-apply", "rtcctl-drift"]
SCRIPTS = sorted((ROOT / "ci").glob("*.sh"))
STEPS = {"plan.sh", "apply.sh", "drift.sh", "comment.py", "fetch.py"}
CI = ROOT / "examples" / "ci"


def understood(arguments: list[str]) -> dict[str, Any]:
    """Parse a command as rtcctl would; its flags."""
    command = command_line.get_command(click.Context(command_line), arguments[0])
    assert command is not None
    return command.make_context(arguments[0], arguments[1:], parent=click.Context(command_line)).params


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda each: each.name)
def test_scripts_are_bash_that_parses_and_steps_can_be_run(script):
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert os.access(script, os.X_OK) == (script.name in STEPS)


def test_every_step_that_is_named_is_there_and_the_other_way_round():
    texts = [(ROOT / "action.yml").read_text(), gitlab.TEMPLATE.read_text(), jenkins.TEXT]
    named = [set(re.findall(r"(?:/ci|_SCRIPTS)/([a-z]+\.(?:sh|py))", text)) for text in texts]
    assert named == [STEPS, STEPS, {"plan.sh", "apply.sh", "drift.sh"}]
    assert {each.name for each in (ROOT / "ci").iterdir() if each.is_file()} == STEPS | {"settings.sh", "forge.py"}


def test_the_action_hands_nothing_from_outside_to_the_shell_but_as_variables():
    for step in github.ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        if "run" in step:
            assert step["shell"] == "bash"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_workflows_have_no_shell_of_their_own_and_name_inputs_that_there_are(name):
    found = github.workflow(name)
    assert found["permissions"]["contents"] == "read"
    for command, job in found["jobs"].items():
        assert all("run" not in step for step in job["steps"])
        [step] = [step for step in job["steps"] if step["uses"].startswith("example/rtcctl@")]
        assert step["uses"] == f"example/rtcctl@v{rtcctl.__version__}"
        assert set(step["with"]) <= set(github.ACTION["inputs"])
        needed = {name for name, each in github.ACTION["inputs"].items() if each.get("required")}
        assert needed <= set(step["with"])
        assert step["with"]["command"] == command


@pytest.mark.parametrize(("extras", "installs"), [("", "/here"), ("s3,postgres", "/here[s3,postgres]")])
def test_the_action_installs_itself_with_extras_or_without(tmp_path, extras, installs):
    [step] = [step for step in github.ACTION["runs"]["steps"] if step.get("name") == "Install rtcctl"]
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    python.chmod(0o755)
    ran = bash(
        step["run"], tmp_path, {"GITHUB_ACTION_PATH": "/here", "EXTRAS": extras, "PATH": f"{tmp_path}:/usr/bin:/bin"}
    )
    assert ran.log.splitlines()[-1] == installs


def test_actions_of_others_are_pinned_by_their_major():
    uses = [step["uses"] for step in github.ACTION["runs"]["steps"] if "uses" in step]
    for name in WORKFLOWS:
        uses += [step["uses"] for job in github.workflow(name)["jobs"].values() for step in job["steps"]]
    assert [each for each in uses if not re.search(r"@v\d", each)] == []


def test_the_workflows_run_when_they_should():
    plan, apply, drift = (github.workflow(name) for name in WORKFLOWS)
    assert plan["on"] == {"pull_request": {"paths": ["manifests/**"]}}
    assert apply["on"]["pull_request"]["types"] == ["closed"]
    assert drift["on"]["schedule"] == [{"cron": "17 2 * * *"}]
    assert apply["jobs"]["apply"]["environment"] == "production"
    assert plan["permissions"]["pull-requests"] == "write"
    assert apply["permissions"]["actions"] == "read"


@pytest.mark.parametrize(
    ("event", "request_", "runs"),
    [
        ("pull_request", {"merged": True, "head": {"repo": {"full_name": "o/r"}}}, True),
        ("pull_request", {"merged": False, "head": {"repo": {"full_name": "o/r"}}}, False),
        ("pull_request", {"merged": True, "head": {"repo": {"full_name": "fork/r"}}}, False),
        ("workflow_dispatch", {}, True),
    ],
)
def test_only_what_was_merged_from_the_repository_itself_is_applied(event, request_, runs):
    condition = github.workflow("rtcctl-apply")["jobs"]["apply"]["if"]
    context = {"github": {"event_name": event, "repository": "o/r", "event": {"pull_request": request_}}}
    assert bool(github.evaluate(condition, context)) == runs
    assert not github.evaluate(condition, context, failed=True)


@pytest.mark.parametrize(("owner", "runs"), [("o/r", True), ("fork/r", False)])
def test_forks_are_not_planned(owner, runs):
    condition = github.workflow("rtcctl-plan")["jobs"]["plan"]["if"]
    event = {"pull_request": {"head": {"repo": {"full_name": owner}}}}
    assert github.evaluate(condition, {"github": {"repository": "o/r", "event": event}}) == runs


def test_the_component_stands_where_the_catalogue_looks_and_declares_its_inputs():
    spec, content = gitlab.TEMPLATE.read_text().split("\n---\n")
    inputs = yaml.safe_load(spec)["spec"]["inputs"]
    assert all(each["description"] and "default" in each for each in inputs.values())
    used = set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", content))
    assert used == set(inputs)
    assert set(gitlab.example_inputs()) <= set(inputs)


def test_the_component_can_be_included_for_two_environments_as_the_manual_shows():
    [shown] = [
        each
        for each in re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/ci.md").read_text(), re.DOTALL)
        if "job_prefix" in each
    ]
    includes = yaml.safe_load(shown)["include"]
    test, prod = (gitlab.component(each["inputs"]) for each in includes)
    assert {each["component"] for each in includes} == {"$CI_SERVER_FQDN/example/rtcctl/rtcctl@" + rtcctl.__version__}
    assert not set(test) & set(prod)
    for jobs, name in ((test, "test"), (prod, "prod")):
        plan = jobs[f"rtcctl-{name}-plan"]
        again = jobs[f"rtcctl-{name}-apply-again"]
        base = jobs[plan["extends"]]
        variables = base["variables"]
        assert {each["extends"] for each in jobs.values() if "extends" in each} == {f".rtcctl-{name}"}
        assert (again["needs"], variables["RTCCTL_CI_JOB"]) == ([f"rtcctl-{name}-plan"], f"rtcctl-{name}-plan")
        assert base["artifacts"]["paths"] == [variables["RTCCTL_CI_PLAN"], variables["RTCCTL_CI_REPORTS"] + "/"]
        assert plan["artifacts"]["reports"]["codequality"] == f"rtcctl-{name}-reports/codequality.json"
    for name in ("RTCCTL_CI_PLAN", "RTCCTL_CI_REPORTS", "RTCCTL_CI_MANIFEST"):
        assert test[".rtcctl-test"]["variables"][name] != prod[".rtcctl-prod"]["variables"][name]
    assert test["rtcctl-test-apply"]["resource_group"] != prod["rtcctl-prod-apply"]["resource_group"]


def test_planning_gets_the_variables_of_a_scope_of_its_own_and_deploys_nothing():
    jobs = gitlab.component({})
    for name in ("rtcctl-plan", "rtcctl-drift"):
        assert jobs[name]["environment"] == {"name": "production/plan", "action": "access"}
    for name in ("rtcctl-apply", "rtcctl-apply-again"):
        assert jobs[name]["environment"] == "production"
    for text in (gitlab.EXAMPLE.read_text(), (ROOT / "docs/ci.md").read_text()):
        assert "production/plan" in text
        assert "masked and protected" not in text.lower()


def test_the_component_splices_no_input_into_the_shell_and_leaks_no_global_settings():
    content = yaml.safe_load(gitlab.TEMPLATE.read_text().split("\n---\n")[1])
    assert not {"default", "variables", "stages", "workflow"} & set(content)
    for job in content.values():
        lines = [*job.get("script", ()), *job.get("after_script", ())]
        assert all("$[[" not in line for line in lines)


def test_the_components_jobs_run_when_they_should():
    jobs = gitlab.component({"apply_when": "manual"})
    assert list(jobs) == [".rtcctl", "rtcctl-plan", "rtcctl-apply", "rtcctl-apply-again", "rtcctl-drift"]
    assert [rule["if"] for rule in jobs["rtcctl-drift"]["rules"]] == ['$CI_PIPELINE_SOURCE == "schedule"']
    assert jobs["rtcctl-plan"]["rules"][0]["changes"] == ["manifests/**/*"]
    assert jobs["rtcctl-apply"]["rules"][0]["when"] == "manual"
    applies = [jobs[name] for name in ("rtcctl-apply", "rtcctl-apply-again")]
    assert {job["resource_group"] for job in applies} == {"rtcctl-production"}
    assert jobs[".rtcctl"]["artifacts"]["access"] == "developer"
    example = yaml.safe_load(gitlab.EXAMPLE.read_text())
    assert {job["stage"] for job in jobs.values() if "stage" in job} == set(example["stages"])


def test_the_component_of_the_example_is_that_of_this_version():
    [include] = yaml.safe_load(gitlab.EXAMPLE.read_text())["include"]
    assert include["component"].endswith(f"/{gitlab.TEMPLATE.stem}@{rtcctl.__version__}")


def test_the_jenkinsfile_is_balanced_and_applies_only_after_an_answer():
    assert jenkins.is_balanced()
    stages = jenkins.stages()
    assert list(stages) == ["Drift", "Plan", "Approve", "Apply"]
    assert "input message:" in stages["Approve"]
    assert all("branch 'main'" in stages[name] for name in ("Approve", "Apply"))
    assert "stash name: 'plan', includes: 'rtcctl-plan.json'" in stages["Plan"]
    assert stages["Apply"].index("unstash 'plan'") < stages["Apply"].index("apply.sh")
    assert {"RTCCTL_CI_MANIFEST", "RTCCTL_STATE", "HUAWEICLOUD_SDK_AK"} <= jenkins.variables()


@pytest.mark.parametrize(
    ("text", "balanced"), [("a { '}' } // {", True), ("a { (} )", False), ("{", False), ("}", False)]
)
def test_brackets_are_counted(monkeypatch, text, balanced):
    monkeypatch.setattr(jenkins, "TEXT", text)
    assert jenkins.is_balanced() == balanced


def test_pre_commit_runs_commands_that_there_are():
    fmt, validate = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, *arguments = fmt["entry"].split()
    assert program == "rtcctl"
    assert understood([*arguments, "a.yaml", "b.yaml"])["paths"] == ("a.yaml", "b.yaml")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert fmt["additional_dependencies"] == project["optional-dependencies"]["fmt"]
    assert validate["pass_filenames"] is False
    assert understood([*validate["entry"].split()[1:], *validate["args"]])["files"] == ("manifests",)


def test_the_example_of_pre_commit_names_hooks_that_there_are():
    [repository] = yaml.safe_load((CI / "pre-commit" / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["rev"] == f"v{rtcctl.__version__}"
    hooks = {each["id"] for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {each["id"] for each in repository["hooks"]} == hooks


def test_the_image_holds_what_its_users_need_and_runs_as_nobody():
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line and not line.startswith("#")]
    copied = {word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]}
    assert all((ROOT / name).exists() for name in copied)
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignore[0] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == copied
    [install] = [line for line in lines if line.startswith("RUN pip install")]
    extras = re.search(r"\[([a-z0-9,]+)\]", install)
    assert extras is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(extras[1].split(",")) == set(project["optional-dependencies"]) - {"dev", "docs"}
    assert lines[-2:] == ["USER 65532:65532", 'ENTRYPOINT ["rtcctl"]']
    assert "COPY ci /opt/rtcctl/ci" in lines


def test_whatever_names_the_image_names_that_of_this_version():
    files = [path for path in (ROOT / "examples").rglob("*") if path.is_file()] + [ROOT / "Dockerfile", gitlab.TEMPLATE]
    found = {tag for path in files for tag in re.findall(r"registry\.example\.com/rtcctl:([\w.]+)", path.read_text())}
    assert found == {rtcctl.__version__}
