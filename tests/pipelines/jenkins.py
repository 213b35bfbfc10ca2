"""The Jenkinsfile: its stages and their shell steps, as far as a declarative pipeline can be read without Jenkins."""

from __future__ import annotations

import re

from tests.pipelines.running import ROOT

TEXT = (ROOT / "examples" / "ci" / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
_TOKEN = re.compile(r"//[^\n]*|'((?:[^'\\]|\\.)*)'|[{}()\[\]]")
_OPENING = {"{": "}", "(": ")", "[": "]"}


def is_balanced() -> bool:
    """Tell whether every bracket outside texts and comments is closed by its own kind."""
    due: list[str] = []
    for found in _TOKEN.finditer(TEXT):
        if found.group() in _OPENING:
            due.append(_OPENING[found.group()])
        elif found.group() in _OPENING.values() and (not due or due.pop() != found.group()):
            return False
    return not due


def stages() -> dict[str, str]:
    """Return each stage's body."""
    parts = re.split(r"stage\('(\w+)'\) \{", TEXT.split("stages {")[1].split("post {")[0])
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def shell(stage: str) -> str:
    """Return the commands of a stage."""
    return "\n".join(re.findall(r"\bsh '((?:[^'\\]|\\.)*)'", stages()[stage]))


def variables() -> set[str]:
    """Return the names that the pipeline's environment sets."""
    return set(re.findall(r"^ {8}(\w+) = ", TEXT.split("environment {")[1].split("}")[0], re.MULTILINE))
