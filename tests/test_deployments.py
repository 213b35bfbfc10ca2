"""The examples of running `reconcile` parse, and what they run exists."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from rtcctl.cli.main import rtcctl
from rtcctl.operations.endpoint import place
from rtcctl.operations.health import Health, pages

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples" / "reconcile"
UNIT = FOLDER / "rtcctl-reconcile.service"


def understood(arguments: list[str]) -> dict[str, Any]:
    """Parse a command as rtcctl would; its flags."""
    command = rtcctl.get_command(click.Context(rtcctl), arguments[0])
    assert command is not None
    return command.make_context(arguments[0], arguments[1:], parent=click.Context(rtcctl)).params


def service() -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    assert parser.sections() == ["Unit", "Service", "Install"]
    return dict(parser["Service"])


def pod() -> dict[str, Any]:
    [found] = yaml.safe_load_all((FOLDER / "deployment.yaml").read_text(encoding="utf-8"))
    assert (found["apiVersion"], found["kind"]) == ("apps/v1", "Deployment")
    assert found["spec"]["replicas"] == 2
    labels = found["spec"]["selector"]["matchLabels"]
    assert found["spec"]["template"]["metadata"]["labels"] == labels
    return dict(found["spec"]["template"])


def test_the_unit_runs_a_command_that_there_is():
    program, *arguments = shlex.split(service()["ExecStart"])
    assert Path(program).name == "rtcctl"
    flags = understood(arguments)
    assert (flags["files"], flags["interval"]) == (("/etc/rtcctl/manifests",), 300.0)
    assert place(flags["health"])[0] == "127.0.0.1"


def test_the_unit_keeps_the_state_where_it_can_be_written():
    found = service()
    assert found["WorkingDirectory"] == f"%S/{found['StateDirectory']}"
    assert found["StateDirectoryMode"] == "0700"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_the_unit(tmp_path: Path):
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/rtcctl/bin/rtcctl", "/bin/true"))
    ran = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "Unknown" not in ran.stderr


def test_the_deployment_runs_a_command_that_there_is():
    [container] = pod()["spec"]["containers"]
    flags = understood(container["args"])
    [volume] = container["volumeMounts"]
    assert flags["files"] == (volume["mountPath"],)
    assert flags["interval"] == 300.0
    assert not flags["dry_run"]
    assert not flags["once"]
    assert volume["name"] in {each["name"] for each in pod()["spec"]["volumes"]}


def test_the_deployments_probes_ask_for_pages_that_there_are():
    template = pod()
    [container] = template["spec"]["containers"]
    _, port = place(understood(container["args"])["health"])
    [named] = container["ports"]
    annotations = template["metadata"]["annotations"]
    assert (named["containerPort"], annotations["prometheus.io/port"]) == (port, str(port))
    probes = [container[name]["httpGet"] for name in ("readinessProbe", "livenessProbe")]
    assert {each["port"] for each in probes} == {named["name"]}
    answer = pages(Health(300.0, lambda: 0.0), None)
    assert [answer(each["path"]) is not None for each in probes] == [True, True]
    assert answer(annotations["prometheus.io/path"]) is not None


def test_both_wait_for_the_call_under_way():
    # Client: a time-out of 60 seconds, and a whole call may take three.
    assert int(service()["TimeoutStopSec"]) > 180
    assert pod()["spec"]["terminationGracePeriodSeconds"] > 180


def test_the_deployment_runs_the_image_that_the_dockerfile_builds():
    [container] = pod()["spec"]["containers"]
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"docker build -t {container['image']} ." in text
    user = pod()["spec"]["securityContext"]
    assert f"USER {user['runAsUser']}:{user['runAsGroup']}" in text
