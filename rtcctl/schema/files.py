"""Where the schema files are: inside the package in a wheel, at the top of the tree in a checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDERS = (_PACKAGE / "schemas", _PACKAGE.parent / "schemas")


def path(name: str) -> Path:
    """Return the file that holds a schema: `manifest`, `plan` or `state`.

    Raises:
        FileNotFoundError: there is no schema of that name.
    """
    for folder in _FOLDERS:
        file = folder / f"{name}.schema.json"
        if file.is_file():
            return file
    raise FileNotFoundError(f"no schema is called {name!r}")


def load(name: str) -> dict[str, Any]:
    """Return a schema: `manifest`, `plan` or `state`.

    Raises:
        FileNotFoundError: there is no schema of that name.
    """
    schema: dict[str, Any] = json.loads(path(name).read_text(encoding="utf-8"))
    return schema
