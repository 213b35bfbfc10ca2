"""The whole way: lazy imports, speed, and that nothing is left to chance between files."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from rtcctl.errors import ExitCode, ManifestError
from rtcctl.manifest import load
from tests.manifest.loading import APP, JOB, PROJECT, RULE, load_files, load_text


def test_importing_loads_neither_yaml_nor_jsonschema():
    code = "import sys, rtcctl.manifest; print([m for m in ('yaml', 'jsonschema', 'referencing') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_documents_of_several_files_are_one_set(tmp_path):
    (tmp_path / "project.yaml").write_text(PROJECT)
    (tmp_path / "app.yaml").write_text(APP + RULE)
    found = load_files(tmp_path, "app.yaml", "project.yaml")
    assert found.project.name == "p"
    assert found.sources == ("app.yaml", "project.yaml")
    assert len(found.resources) == 2


def test_every_fault_of_every_file_is_raised_together(tmp_path):
    (tmp_path / "1.yaml").write_text(APP + "  state: x\n")
    (tmp_path / "2.yaml").write_text("a: [\n")
    (tmp_path / "3.yaml").write_bytes(b"\0")
    (tmp_path / "4.yaml").write_text("")
    with pytest.raises(ManifestError) as caught:
        load([".", "nowhere.yaml"], stdin=lambda: b"", environ={}, cwd=tmp_path)
    files = [problem.place.file for problem in caught.value.diagnostics if problem.place]
    assert files == ["1.yaml", "2.yaml", "3.yaml", "4.yaml", "nowhere.yaml"]
    assert str(caught.value) == "5 errors in the manifest"
    assert caught.value.exit_code == ExitCode.INVALID


def test_loading_does_not_touch_standard_input_unless_asked(tmp_path):
    (tmp_path / "a.yaml").write_text(APP + RULE)

    def stdin() -> bytes:
        raise AssertionError

    assert load(["a.yaml"], stdin=stdin, environ={}, cwd=tmp_path).resources


def test_a_large_manifest_takes_seconds_of_work_at_most():
    text = "---\n".join((APP + RULE + JOB).replace("name: a", f"name: a{number}") for number in range(4_000))
    assert text.count("\n") > 50_000
    started = time.process_time()
    assert len(load_text(text).resources) == 12_000
    assert time.process_time() - started < 20


def test_a_large_manifest_full_of_faults_takes_seconds_of_work_at_most():
    text = "---\n".join((APP + RULE).replace("name: a", f"name: a{number}") for number in range(1_000))
    text = text.replace("mp4_config", "mp5_config").replace("bucket: b", "bucket: 1")
    started = time.process_time()
    with pytest.raises(ManifestError) as caught:
        load_text(text)
    assert len(caught.value.diagnostics) == 2_000
    assert time.process_time() - started < 20
