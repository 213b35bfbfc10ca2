"""What `kubectl kustomize` makes of the example's overlays, for machines that have none: resources and JSON patches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def build(folder: Path) -> str:
    """Render a kustomization of `resources` and inline JSON 6902 `patches`."""
    return "---\n".join(yaml.safe_dump(each, sort_keys=False) for each in _documents(folder))


def _documents(folder: Path) -> list[Any]:
    wanted = yaml.safe_load((folder / "kustomization.yaml").read_text())
    found = [each for name in wanted["resources"] for each in _resource((folder / name).resolve())]
    for patch in wanted.get("patches", ()):
        for document in found:
            if document["kind"] == patch["target"]["kind"] and document["metadata"]["name"] == patch["target"]["name"]:
                for operation in yaml.safe_load(patch["patch"]):
                    _apply(document, operation)
    return found


def _resource(path: Path) -> list[Any]:
    return _documents(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text()))


def _apply(document: Any, operation: dict[str, Any]) -> None:
    if operation["op"] not in ("add", "replace"):
        raise ValueError(f"not needed so far: {operation['op']}")
    *above, last = operation["path"].strip("/").split("/")
    for name in above:
        document = document[int(name) if isinstance(document, list) else name]
    document[int(last) if isinstance(document, list) else last] = operation["value"]
