"""A GitLab runner as far as the component needs one: inputs, `extends`, variables, artifacts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.pipelines.forge import Served
from tests.pipelines.running import ROOT, bash

TEMPLATE = ROOT / "templates" / "rtcctl.yml"
EXAMPLE = ROOT / "examples" / "ci" / "gitlab" / ".gitlab-ci.yml"
_INPUT = re.compile(r"\$\[\[ inputs\.(\w+) \]\]")


def component(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the component's jobs with its inputs filled in."""
    spec, content = TEMPLATE.read_text(encoding="utf-8").split("\n---\n")
    declared = yaml.safe_load(spec)["spec"]["inputs"]
    assert set(inputs) <= set(declared)
    values = {name: inputs.get(name, each.get("default")) for name, each in declared.items()}
    assert all(values[name] in each["options"] for name, each in declared.items() if "options" in each)
    return {_filled(name, values): _filled(job, values) for name, job in yaml.safe_load(content).items()}


def _filled(found: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(found, dict):
        return {_filled(name, values): _filled(each, values) for name, each in found.items()}
    if isinstance(found, list):
        return [_filled(each, values) for each in found]
    if not isinstance(found, str):
        return found
    whole = _INPUT.fullmatch(found)
    return values[whole[1]] if whole else _INPUT.sub(lambda at: str(values[at[1]]), found)


def example_inputs() -> dict[str, Any]:
    """Return what the example's `include` gives the component."""
    [include] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["include"]
    return dict(include["inputs"])


@dataclass
class Runner:
    """Runs jobs of the component; artifacts go to the forge."""

    forge: Served
    environ: Mapping[str, str]
    inputs: Mapping[str, Any]
    log: str = ""

    def job(self, name: str, folder: Path, variables: Mapping[str, str], reference: str = "") -> int:
        """Run a job in a checkout; its exit code."""
        jobs = component({**example_inputs(), **self.inputs})
        job, base = jobs[name], jobs[jobs[name]["extends"]]
        environ = {**self.environ, **self.forge.gitlab, **base["variables"], **variables}
        ran = bash("\n".join(job["script"]), folder, environ)
        self.log = ran.log
        if "after_script" in job:
            self.log += bash("\n".join(job["after_script"]), folder, environ).log
        for path in base["artifacts"]["paths"]:
            for file in self._files(folder / path):
                self.forge.files[reference, name, str(file.relative_to(folder))] = file.read_bytes()
        return ran.code

    def _files(self, path: Path) -> list[Path]:
        return sorted(path.rglob("*")) if path.is_dir() else [path] if path.exists() else []

    def hand_over(self, name: str, before: Path, after: Path) -> None:
        """Do what `needs` does: the artifacts of the earlier job are in the later one's folder."""
        jobs = component(self.inputs)
        assert jobs[name]["needs"] == ["rtcctl-plan"]
        shutil.copy(before / "rtcctl-plan.json", after)
