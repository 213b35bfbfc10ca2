"""How Sphinx makes a site of the manuals: `make docs`.

The pages stay plain Markdown that reads well in a checkout: what a site needs besides is added here.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

project = "rtcctl"
copyright = ""
html_show_copyright = False
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["_site", "fixtures"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "rtcctl"
html_copy_source = False
html_extra_path: list[str] = []

SECTIONS = {
    "Start": ["tutorial"],
    "How to": ["how-to/*", "ci", "gitops"],
    "Commands": [
        *("authoring", "doctor", "plans", "apply", "state", "jobs", "export", "preview"),
        *("rehearse", "reports", "reconcile", "simulator", "python"),
    ],
    "Reference": ["reference/*"],
    "Explanation": ["explanation/*", "benchmarks", "decisions/*"],
}
HERE = Path(__file__).parent


def _tables_of_contents() -> str:
    text = ""
    for caption, entries in SECTIONS.items():
        found = "\n".join(entries)
        text += f"\n```{{toctree}}\n:hidden:\n:glob:\n:caption: {caption}\n\n{found}\n```\n"
    return text


def _read(_app: Sphinx, name: str, source: list[str]) -> None:
    """Add the contents to the first page; what links lead to outside the manuals is named, for a site has it not."""
    folder = (HERE / name).parent

    def link(found: re.Match[str]) -> str:
        target = (folder / found["to"].split("#")[0]).resolve()
        inside = target.is_relative_to(HERE) and target.is_file()
        return found[0] if inside else f"{found['text']} (`{target.relative_to(HERE.parent).as_posix()}`)"

    text = re.sub(r"(?<!!)\[(?P<text>[^\]]+)\]\((?!\w+:|#)(?P<to>[^)\s]+)\)", link, source[0])
    source[0] = text + (_tables_of_contents() if name == root_doc else "")


def setup(app: Sphinx) -> None:
    """Hook into the reading of pages."""
    app.connect("source-read", _read)
