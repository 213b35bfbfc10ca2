"""Which files are read, and which are refused before any YAML is looked at."""

from __future__ import annotations

import os

import pytest

from rtcctl.errors import Diagnostic
from rtcctl.manifest.sources import LARGEST, read_sources
from tests.manifest.loading import APP, faults, file_faults, load_files, load_text, shown

DOCUMENT = APP + "  app_name: x\n"


def named(name: str) -> str:
    return DOCUMENT.replace("name: a", f"name: {name}").replace("app_name: x", f"app_name: {name}")


def test_a_file(tmp_path):
    (tmp_path / "a.json").write_text(DOCUMENT)
    assert load_files(tmp_path, "a.json").sources == ("a.json",)


def test_an_absolute_path(tmp_path):
    (tmp_path / "a.yaml").write_text(DOCUMENT)
    file = str(tmp_path / "a.yaml")
    assert load_files(tmp_path / "elsewhere", file).sources == (file,)


def test_a_folder_is_read_in_order_without_what_is_hidden(tmp_path):
    for name in ("b.yaml", "a.yml", "deep/c.yaml", "deep/er/d.yaml"):
        file = tmp_path / "set" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(named(file.stem))
    for name in (".x.yaml", ".git/x.yaml", "kustomization.yaml", "deep/kustomization.yml", "notes.txt", "x.yaml.bak"):
        file = tmp_path / "set" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x: [")
    found = load_files(tmp_path, "set")
    assert found.sources == ("set/a.yml", "set/b.yaml", "set/deep/c.yaml", "set/deep/er/d.yaml")
    assert [address.name for address in found.resources] == ["a", "b", "c", "d"]


def test_files_and_standard_input_together(tmp_path):
    (tmp_path / "a.yaml").write_text(named("a"))
    found = read_sources(["a.yaml", "-"], lambda: named("b").encode(), tmp_path, [])
    assert [source.name for source in found] == ["a.yaml", "<stdin>"]
    assert [source.folder for source in found] == [tmp_path, tmp_path]


def test_no_path_at_all(tmp_path):
    (problem,) = file_faults(tmp_path)
    assert problem.message == "no manifest is given"
    assert "-f" in problem.mend


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_is_no_file_name(tmp_path, name):
    (problem,) = file_faults(tmp_path, name)
    assert "is no file name" in problem.message
    assert problem.message.isprintable()


def test_a_missing_file(tmp_path):
    (problem,) = file_faults(tmp_path, "no.yaml")
    assert shown(problem) == (
        "no.yaml: error: this can't be read: no such file or directory\n  = check its name and rights"
    )


def test_a_name_that_no_file_system_takes(tmp_path):
    (problem,) = file_faults(tmp_path, "x" * 5000)
    assert "can't be read" in problem.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(tmp_path):
    (tmp_path / "a.yaml").touch(mode=0)
    (problem,) = file_faults(tmp_path, "a.yaml")
    assert "permission denied" in problem.message


def test_an_unreadable_folder(tmp_path, monkeypatch):
    (tmp_path / "set").mkdir()

    def walk(folder, onerror):
        onerror(PermissionError(13, "Permission denied"))

    monkeypatch.setattr(os, "walk", walk)
    (problem,) = file_faults(tmp_path, "set")
    assert shown(problem).startswith("set: error: this can't be read: permission denied")


def test_a_link_that_leads_nowhere_or_to_itself(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.yaml").symlink_to("nowhere.yaml")
    (tmp_path / "set" / "b.yaml").symlink_to("b.yaml")
    first, second = file_faults(tmp_path, "set")
    assert "no such file" in first.message
    assert "can't be read" in second.message


def test_an_empty_folder(tmp_path):
    (tmp_path / "set").mkdir()
    (problem,) = file_faults(tmp_path, "set")
    assert str(problem.place) == "set"
    assert problem.message == "this folder holds no manifest"


def test_the_same_file_twice(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.yaml").write_text(DOCUMENT)
    (tmp_path / "link.yaml").symlink_to("set/a.yaml")
    problems = file_faults(tmp_path, "set", "set/../set/a.yaml", "link.yaml")
    assert [problem.message for problem in problems] == ["this file is read twice"] * 2


def test_standard_input_twice(tmp_path):
    problems: list[Diagnostic] = []
    assert len(read_sources(["-", "-"], lambda: b"x", tmp_path, problems)) == 1
    assert [str(problem.place) for problem in problems] == ["<stdin>"]


def test_standard_input_that_fails(tmp_path):
    def stdin() -> bytes:
        raise OSError

    problems: list[Diagnostic] = []
    assert read_sources(["-"], stdin, tmp_path, problems) == []
    assert problems[0].message == "this can't be read: unknown reason"


def test_a_file_that_is_too_large(tmp_path):
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(LARGEST + 1)
    (problem,) = file_faults(tmp_path, "a.yaml")
    assert problem.message == "this file is larger than 10 MiB"


def test_an_endless_file(tmp_path):
    (problem,) = file_faults(tmp_path, "/dev/zero")
    assert problem.message == "this file is larger than 10 MiB"


def test_a_binary_file():
    (problem,) = faults(b"apiVersion: x\nkind: \x00\x01\x02")
    assert (problem.place.line, problem.place.column) == (2, 7)  # type: ignore[union-attr]
    assert problem.message == "this file is binary, not text: it holds a zero byte"
    assert problem.mend


def test_a_file_in_another_encoding():
    (problem,) = faults("kind: App\nname: Größe\n".encode("latin-1"))
    assert str(problem.place) == "<stdin>:2:9"
    assert problem.message == "this file is not UTF-8: byte 0xf6 at offset 18"


def test_places_count_characters_and_a_mark_of_byte_order_is_none():
    (problem,) = faults(b"\xef\xbb\xbf" + "größe: ".encode() + b"\xff")
    assert str(problem.place) == "<stdin>:1:8"
    assert "offset 12" in problem.message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16(encoding):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (problem,) = faults(mark + DOCUMENT.encode(encoding))
    assert problem.message == "this file is encoded in UTF-16"


def test_a_mark_of_byte_order_is_accepted():
    found = load_text(b"\xef\xbb\xbf" + DOCUMENT.encode())
    place = next(iter(found.resources.values())).place()
    assert str(place) == "<stdin>:1:1"


@pytest.mark.parametrize(("character", "code"), [("\x07", "U+0007"), ("\x1b", "U+001B"), ("\x7f", "U+007F")])
def test_control_characters(character, code):
    (problem,) = faults(f"{APP}  app_name: a{character}b\n")
    assert str(problem.place) == "<stdin>:5:14"
    assert problem.message == f"control character {code} is not allowed in YAML"
    assert problem.message.isprintable()
