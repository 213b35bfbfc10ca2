"""Write `schemas/manifest.schema.json` of the checkout: `python -m rtcctl.schema`."""

from __future__ import annotations

import json
from pathlib import Path

import rtcctl
from rtcctl.schema.manifest import manifest_schema

TARGET = Path(rtcctl.__file__).resolve().parent.parent / "schemas" / "manifest.schema.json"


def text() -> str:
    """Return the file's text: what editors shall check against."""
    return json.dumps(manifest_schema(for_editors=True), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file."""
    TARGET.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
