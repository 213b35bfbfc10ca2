"""Kustomize renders what rtcctl reads; the Jobs of Argo CD and Flux run against the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rtcctl.simulator import create_app
from tests.e2e.kustomize import build
from tests.e2e.support import EXAMPLES, Loopback, simulated
from tests.kubectl import kubectl, needs_kubectl, render
from tests.pipelines.running import ROOT, Ran, bash
from tests.simulator.driver import token
from tests.test_deployments import understood

OVERLAYS = EXAMPLES / "two-environments" / "overlays"
GITOPS = EXAMPLES / "gitops"
TOOLS = ["argocd", "flux"]
IMAGE_PATH = "/manifests"


def documents(tool: str) -> dict[str, Any]:
    """What the tool applies to the cluster, by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all(render(GITOPS / tool))}


def pods(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield found["Job"]["spec"]["template"]["spec"]
    yield found["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]


@needs_kubectl
@pytest.mark.parametrize("overlay", ["test", "prod"])
def test_an_overlay_is_rendered_and_planned_in_one_line(tmp_path: Path, overlay: str):
    script = f"'{kubectl()}' kustomize examples/two-environments/overlays/{overlay} | rtcctl plan -f - --simulator"
    (tmp_path / "examples").symlink_to(EXAMPLES)
    ran = bash(script, tmp_path, {})
    assert ran.code == 0, ran.log
    assert f"classroom-{overlay}" in ran.log
    assert "to add, 0 to change, 0 to destroy." in ran.log


@needs_kubectl
@pytest.mark.parametrize("overlay", ["test", "prod"])
def test_kustomize_renders_what_the_tests_elsewhere_take_it_to_render(overlay: str):
    theirs, ours = (
        {each["kind"]: each for each in yaml.safe_load_all(text)}
        for text in (render(OVERLAYS / overlay), build(OVERLAYS / overlay))
    )
    assert theirs == ours


@needs_kubectl
def test_a_rendered_stream_goes_through_fmt_and_stays_the_same(tmp_path: Path):
    script = f"'{kubectl()}' kustomize {OVERLAYS}/prod | rtcctl fmt - >prod.yaml; rtcctl fmt --check prod.yaml"
    assert bash(script, tmp_path, {}).code == 0
    assert list(yaml.safe_load_all((tmp_path / "prod.yaml").read_text())) == list(
        yaml.safe_load_all(render(OVERLAYS / "prod"))
    )


@needs_kubectl
def test_a_merge_patch_replaces_the_whole_list_of_rules(tmp_path: Path):
    """Why the overlays use JSON 6902 patches."""
    (tmp_path / "app.yaml").write_text((EXAMPLES / "two-environments/base/app.yaml").read_text())
    patch = {"spec": {"record_rules": [{"name": "default", "mp4_config": {"record_cycle": 600}}]}}
    document = {"apiVersion": "rtcctl.dev/v1", "kind": "App", "metadata": {"name": "classroom"}, **patch}
    kustomization = {"resources": ["app.yaml"], "patches": [{"patch": yaml.safe_dump(document)}]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    [app] = yaml.safe_load_all(render(tmp_path))
    assert app["spec"]["record_rules"] == patch["spec"]["record_rules"], "the rule's other members are gone"


def test_a_finding_in_a_stream_names_document_and_member_beside_line_and_caret(tmp_path: Path):
    stream = build(OVERLAYS / "prod").replace("bucket: classroom-recordings", "bucket: [a]")
    (tmp_path / "stream.yaml").write_text(stream)
    ran = bash("rtcctl validate -f - <stream.yaml", tmp_path, {})
    assert ran.code == 3
    member = "spec.record_rules[0].obs_addr.bucket"
    assert f"error: document 1 (App/classroom), {member}: bucket must be text, not a list" in ran.log
    assert ran.log.startswith("<stdin>:")
    assert "^" in ran.log


@needs_kubectl
@pytest.mark.parametrize("tool", TOOLS)
def test_the_jobs_run_commands_that_there_are_on_the_files_that_the_config_map_holds(tool: str):
    found = documents(tool)
    assert set(found) == {"ConfigMap", "Job", "CronJob"}
    config = found["ConfigMap"]
    for pod in pods(found):
        [container] = pod["containers"]
        flags = understood(container["args"])
        assert set(flags["files"]) == {f"{IMAGE_PATH}/{name}" for name in config["data"]}
        [mount], [volume] = container["volumeMounts"], pod["volumes"]
        assert (mount["name"], mount["mountPath"]) == (volume["name"], IMAGE_PATH)
        assert volume["configMap"]["name"] == config["metadata"]["name"] != "rtcctl-manifests"
        assert pod["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert pod["restartPolicy"] == "Never"
    assert pods(found).__next__()["terminationGracePeriodSeconds"] > 180


@needs_kubectl
def test_argo_runs_the_job_after_the_config_map_and_flux_replaces_it():
    argo, flux = (documents(tool)["Job"]["metadata"]["annotations"] for tool in TOOLS)
    assert argo == {
        "argocd.argoproj.io/hook": "Sync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        "argocd.argoproj.io/sync-wave": "1",
    }
    assert flux == {"kustomize.toolkit.fluxcd.io/force": "enabled"}


def test_the_tools_own_objects_point_at_the_folders():
    [application] = yaml.safe_load_all((GITOPS / "argocd/application.yaml").read_text())
    source, sync = yaml.safe_load_all((GITOPS / "flux/sync.yaml").read_text())
    assert application["kind"] == "Application"
    assert application["spec"]["syncPolicy"]["automated"] == {"prune": True}, "the old ConfigMap would stay"
    assert (GITOPS / application["spec"]["source"]["path"] / "kustomization.yaml").is_file()
    assert (GITOPS / sync["spec"]["path"] / "kustomization.yaml").is_file()
    assert sync["spec"]["sourceRef"] == {"kind": source["kind"], "name": source["metadata"]["name"]}
    assert sync["spec"]["wait"]


@needs_kubectl
@pytest.mark.parametrize("tool", TOOLS)
def test_the_job_applies_and_the_cron_job_sees_drift(tmp_path: Path, tool: str):
    app = create_app()
    found = documents(tool)
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    for name, text in found["ConfigMap"]["data"].items():
        (mounted / name).write_text(text)
    with Loopback(simulated(app)) as service:
        secret = {
            "RTCCTL_TOKEN": token(app),
            "RTCCTL_ENDPOINT": service.url,
            "RTCCTL_STATE": str(tmp_path / "state"),
            "RTC_CALLBACK_KEY": "fake-callback-key-not-a-real-secret-1",
        }

        def run(pod: dict[str, Any]) -> Ran:
            [container] = pod["containers"]
            words = " ".join(f"'{word.replace(IMAGE_PATH, str(mounted))}'" for word in container["args"])
            return bash(f"rtcctl {words}", tmp_path, secret)

        apply, drift = pods(found)
        ran = run(apply)
        assert ran.code == 0, ran.log
        assert "Applied: 2 added, 0 changed, 0 destroyed." in ran.log
        assert run(drift).code == 0
        (mounted / "app.yaml").write_text((mounted / "app.yaml").read_text().replace("hooks.", "other."))
        assert run(apply).code == 0
        assert run(apply).code == 0
        (mounted / "app.yaml").write_text("")
        assert run(apply).code != 0, "a Job that could not apply has failed"


def test_the_manual_of_the_overlays_shows_a_command_that_is_run_here():
    shown = (EXAMPLES / "two-environments/README.md").read_text()
    assert "kubectl kustomize overlays/prod | rtcctl plan -f -" in shown
    assert (
        "kubectl kustomize examples/two-environments/overlays/prod | rtcctl plan -f -"
        in (ROOT / "docs/gitops.md").read_text()
    )
