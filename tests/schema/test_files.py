"""Schema files are found in a checkout and in a wheel, and the generated one is up to date."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from rtcctl import schema
from rtcctl.schema import __main__ as writer
from rtcctl.schema import files


def test_the_checkout_has_the_manifest_schema():
    assert schema.path("manifest").name == "manifest.schema.json"
    assert schema.load("manifest")["title"] == "rtcctl manifest"


def test_a_wheel_has_its_schemas_inside_the_package(tmp_path, monkeypatch):
    (tmp_path / "manifest.schema.json").write_text('{"title": "inside"}')
    monkeypatch.setattr(files, "_FOLDERS", (tmp_path, Path("/nowhere")))
    assert schema.load("manifest") == {"title": "inside"}


def test_an_unknown_schema_is_an_error():
    with pytest.raises(FileNotFoundError, match="'nothing'"):
        schema.path("nothing")


def test_the_committed_file_is_up_to_date():
    assert schema.path("manifest").read_text() == writer.text(), "run: python -m rtcctl.schema"


def test_the_module_writes_the_file(tmp_path, monkeypatch):
    (tmp_path / "schemas").mkdir()
    monkeypatch.setattr("rtcctl.__file__", str(tmp_path / "rtcctl" / "__init__.py"))
    monkeypatch.delitem(__import__("sys").modules, "rtcctl.schema.__main__")
    runpy.run_module("rtcctl.schema", run_name="__main__")
    written = (tmp_path / "schemas" / "manifest.schema.json").read_text()
    assert json.loads(written) == schema.load("manifest")
