"""A GitHub runner as far as the Action and the example workflows need one: contexts, conditions, steps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.pipelines.forge import Served
from tests.pipelines.running import ROOT, bash

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_NAME = re.compile(r"\b(?:github|inputs|steps|secrets|vars)(?:\.[\w-]+)+")
_INSTALLS = "Install rtcctl"


def workflow(name: str) -> Any:
    """Read an example; YAML 1.1 takes its `on` for true."""
    found = yaml.safe_load((ROOT / "examples" / "ci" / "github" / f"{name}.yml").read_text(encoding="utf-8"))
    found["on"] = found.pop(True)
    return found


def evaluate(expression: str, context: Mapping[str, Any], *, failed: bool = False) -> Any:
    """Evaluate an expression of GitHub's language as far as ours use it."""
    text = _NAME.sub(lambda name: repr(_found(name.group(), context)), expression.strip())
    for theirs, ours in (("&&", " and "), ("||", " or "), ("!cancelled()", "True"), ("!failure()", str(not failed))):
        text = text.replace(theirs, ours)
    return eval(" ".join(text.split()), {"__builtins__": {}}, {})


def _found(name: str, context: Mapping[str, Any]) -> Any:
    found: Any = context
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def filled(text: str, context: Mapping[str, Any]) -> str:
    """Fill in every `${{ … }}`."""
    return _EXPRESSION.sub(lambda found: str(evaluate(found.group(1), context) or ""), text)


@dataclass
class Runner:
    """Runs the Action in a checkout; what it uploads goes to the forge."""

    forge: Served
    environ: Mapping[str, str]
    inputs: Mapping[str, str]
    log: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)

    def job(self, name: str, job: str, folder: Path, event: Mapping[str, Any]) -> int:
        """Run the Action as a workflow's job does; None of its other steps do more than check out. Its exit code."""
        found = workflow(name)["jobs"][job]
        context = {"github": {"repository": "o/r", "token": self.forge.github["GH_TOKEN"], **event}}
        condition = found.get("if", "True").removeprefix("${{").removesuffix("}}")
        assert evaluate(condition, context), f"{job} would not run"
        [step] = [step for step in found["steps"] if step["uses"].startswith("example/rtcctl@")]
        return self.action(folder, {**step["with"], **self.inputs}, context)

    def action(self, folder: Path, inputs: Mapping[str, str], context: Mapping[str, Any]) -> int:
        """Run the Action's steps in order; after a failure only those that say so."""
        self.log = ""
        given = {name: filled(str(each.get("default", "")), context) for name, each in ACTION["inputs"].items()}
        context = {**context, "inputs": {**given, **inputs}, "steps": {"plan": {"outputs": self.outputs}}}
        code = 0
        for step in ACTION["runs"]["steps"]:
            condition = step.get("if", "True").removeprefix("${{").removesuffix("}}")
            if (code and "!cancelled()" not in condition) or not evaluate(condition, context):
                continue
            if "run" not in step:
                self._use(step, folder, context)
            elif step["name"] != _INSTALLS:
                ended = self._run(step, folder, context)
                code = code or ended
        return code

    def _run(self, step: Mapping[str, Any], folder: Path, context: Mapping[str, Any]) -> int:
        outputs = folder / ".outputs"
        own = {name: filled(value, context) for name, value in step["env"].items()}
        given = {name: value for name, value in self.forge.github.items() if name != "GH_TOKEN"}
        runner = {"GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(outputs)}
        ran = bash(step["run"], folder, {**self.environ, **given, **runner, **own})
        self.log += ran.log
        if outputs.exists():
            pairs = (line.partition("=") for line in outputs.read_text().splitlines())
            self.outputs.update({name: value for name, _, value in pairs})
            outputs.unlink()
        return ran.code

    def _use(self, step: Mapping[str, Any], folder: Path, context: Mapping[str, Any]) -> None:
        if not step["uses"].startswith("actions/upload-artifact@"):
            return
        settings = {name: filled(value, context) for name, value in step["with"].items()}
        path = folder / settings["path"]
        files = [each for each in (path, *path.rglob("*")) if each.is_file()]
        assert files or settings["if-no-files-found"] == "ignore"
        github = context["github"]
        head = github["event"]["pull_request"]["head"]["sha"] if "pull_request" in github["event"] else github["sha"]
        self.forge.upload(settings["name"], head, {each.name: each.read_bytes() for each in files})
