"""What tests of the manifest share: loading from text, and diagnostics as a person would see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from rtcctl.errors import Diagnostic, ManifestError
from rtcctl.manifest import load
from rtcctl.model.resource import Desired

APP = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec:\n"
RULE = """  record_rules:
    - name: default
      obs_addr: {bucket: b, location: cn-north-4, project_id: "0123"}
      record_formats: [MP4]
      mp4_config: {record_cycle: 3600}
"""
JOB = """  mix_stream_jobs:
    - name: lesson
      mix_param: {room_id: r, encode_template: 1280x720_15_1130, layout_template: nine_grids_view}
      record_param: {record_rule: default}
"""
PROJECT = "apiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: p}\n"


def load_text(text: str | bytes, environ: Mapping[str, str] | None = None, cwd: Path = Path("/")) -> Desired:
    """Load a manifest that comes from standard input."""
    data = text.encode() if isinstance(text, str) else text
    return load(["-"], stdin=lambda: data, environ=environ or {}, cwd=cwd)


def load_files(cwd: Path, *paths: str, environ: Mapping[str, str] | None = None) -> Desired:
    """Load files and folders."""
    return load(paths, stdin=lambda: b"", environ=environ or {}, cwd=cwd)


def faults(text: str | bytes, environ: Mapping[str, str] | None = None) -> Sequence[Diagnostic]:
    """Return what is wrong with a manifest."""
    with pytest.raises(ManifestError) as caught:
        load_text(text, environ)
    return caught.value.diagnostics


def file_faults(cwd: Path, *paths: str, environ: Mapping[str, str] | None = None) -> Sequence[Diagnostic]:
    """Return what is wrong with files and folders."""
    with pytest.raises(ManifestError) as caught:
        load_files(cwd, *paths, environ=environ)
    return caught.value.diagnostics


def shown(diagnostic: Diagnostic) -> str:
    """Draw a diagnostic: place and message, line and caret, mend."""
    lines = [f"{diagnostic.place}: {diagnostic.severity}: {diagnostic.message}"]
    if diagnostic.source:
        lines += [f"  | {diagnostic.source}", f"  | {'':{diagnostic.caret - 1}}^"]
    return "\n".join([*lines, f"  = {diagnostic.mend}"])
