"""`rtcctl fmt` as people and pre-commit run it."""

from __future__ import annotations

import io
import os
import sys
from types import SimpleNamespace

import pytest

from rtcctl.errors import Diagnostic, Place
from rtcctl.operations import formatting
from tests.e2e.support import Cli

NEAT = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n"
UNTIDY = "kind: App\napiVersion: rtcctl.dev/v1\nmetadata: {name: b} # b\nspec: {}\n"
TIDIED = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: b} # b\nspec: {}\n"
KUSTOMIZATION = "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n"
PATCH = "- op: add\n  path: /spec/state\n  value: ACTIVATION\n"


def stdin(cli: Cli, text: str) -> None:
    cli.monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))


def test_files_and_folders_are_formatted_and_named(cli: Cli):
    neat, untidy = cli.write(NEAT, "set/a.yaml"), cli.write(UNTIDY, "set/below/b.yml")
    patch, foreign = cli.write(PATCH, "set/patch.yaml"), cli.write(KUSTOMIZATION, "set/kustomization.yaml")
    ran = cli("fmt", "-f", "set")
    assert ran.out == "set/below/b.yml: formatted\n"
    assert ran.err == "1 file formatted, 1 in form, 1 no manifest, left alone.\n"
    assert [path.read_text() for path in (neat, untidy, patch, foreign)] == [NEAT, TIDIED, PATCH, KUSTOMIZATION]
    again = cli("fmt", "-f", "set")
    assert (again.out, again.err) == ("", "0 files formatted, 2 in form, 1 no manifest, left alone.\n")


def test_pre_commit_names_files_without_a_flag_and_a_kustomization_among_them_is_left_alone(cli: Cli):
    one, two = cli.write(UNTIDY, "one.yaml"), cli.write(UNTIDY.replace("b}", "c}"), "two.yaml")
    kustomization = cli.write(KUSTOMIZATION, "kustomization.yaml")
    cli("fmt", one, kustomization, two)
    assert one.read_text() == TIDIED
    assert two.read_text() == TIDIED.replace("b}", "c}")
    assert kustomization.read_text() == KUSTOMIZATION


def test_check_writes_nothing_and_tells_by_its_exit_code(cli: Cli):
    untidy = cli.write(UNTIDY)
    ran = cli("fmt", "--check", "-f", untidy, code=2)
    assert ran.out == "manifest.yaml: not in canonical form\n"
    assert ran.err == "1 file to format, 0 in form.\n"
    assert untidy.read_text() == UNTIDY
    cli.write(NEAT)
    assert cli("fmt", "--check", "-f", untidy).out == ""


def test_diff_shows_what_would_change_and_no_secret(cli: Cli):
    secret = (
        "spec:\n  record_callback:\n    auth_key: |\n      fake-secret\n      in lines\n    url: http://a.example\n"
    )
    manifest = cli.write(UNTIDY.replace("spec: {}\n", secret))
    ran = cli("fmt", "--diff", manifest)
    assert ran.out.startswith(
        "--- manifest.yaml\n+++ manifest.yaml (formatted)\n@@ -1,9 +1,9 @@\n+apiVersion: rtcctl.dev/v1\n"
    )
    assert "+    url: http://a.example\n" in ran.out
    assert "fake-secret" not in ran.text
    assert "in lines" not in ran.text
    assert manifest.read_text().startswith("kind: App")
    assert cli("fmt", "--diff", "--check", manifest, code=2).out == ran.out


def test_standard_input_goes_formatted_to_standard_output(cli: Cli):
    stdin(cli, UNTIDY)
    ran = cli("fmt", "-f", "-")
    assert (ran.out, ran.err) == (TIDIED, "")
    stdin(cli, PATCH)
    assert cli("fmt", "-").out == PATCH


def test_standard_input_can_be_checked(cli: Cli):
    stdin(cli, UNTIDY)
    assert cli("fmt", "--check", "-", code=2).out == "<stdin>: not in canonical form\n"


def test_standard_input_stands_alone(cli: Cli):
    assert "formatted by itself" in cli("fmt", "-", "a.yaml", code=3).err


def test_without_files_it_says_so(cli: Cli):
    assert "no manifest is given" in cli("fmt", code=3).err


TWICE = "apiVersion: rtcctl.dev/v1\nspec: {a: 1, a: 2}\n"


@pytest.mark.parametrize("flag", [(), ("--check",), ("--diff",)], ids=lambda flag: "".join(flag))
def test_a_wrong_manifest_gets_its_diagnostic_and_the_others_are_formatted_all_the_same(cli: Cli, flag: tuple[str]):
    before, after = cli.write(UNTIDY, "a.yaml"), cli.write(UNTIDY, "c.yaml")
    wrong = cli.write(TWICE, "b.yaml")
    ran = cli("fmt", *flag, "-f", ".", code=3)
    assert "b.yaml:2:14: error: this key was given before, in line 2" in ran.err
    assert ran.out.count("a.yaml") == ran.out.count("c.yaml") > 0
    assert (wrong.read_text(), before.read_text(), after.read_text()) == (TWICE, *[UNTIDY if flag else TIDIED] * 2)


def test_a_file_that_is_not_there_does_not_keep_the_others_from_being_formatted(cli: Cli):
    untidy = cli.write(UNTIDY, "a.yaml")
    assert "missing.yaml: error: this can't be read" in cli("fmt", "missing.yaml", "a.yaml", code=3).err
    assert untidy.read_text() == TIDIED


FOREIGN = {
    "stack.yaml": b"Resources:\n  Name: !Ref Parameter\n",
    "chart.yaml": b"{{- if .Values.on }}\napiVersion: apps/v1\n{{- end }}\n",
    "twice.yaml": b"a: 1\na: 2\n",
    "keys.yaml": b"? [a, b]\n: 1\n1: x\n",
    "merged.yaml": b"a: &a {b: 1}\nc: {<<: *a}\n",
    "embedded.yaml": b"data: |\n  apiVersion: rtcctl.dev/v1\nx: !Ref y\n",
    "latin.yaml": b"a: \xe4\n",
    "wide.yaml": "a: ä\n".encode("utf-16"),
    "binary.yaml": b"a: \0\n",
}


@pytest.mark.parametrize("flag", [(), ("--check",), ("--diff",)], ids=lambda flag: "".join(flag))
def test_foreign_files_are_left_alone_whatever_they_hold(cli: Cli, flag: tuple[str]):
    for name, content in FOREIGN.items():
        (cli.folder / name).write_bytes(content)
    cli.write(NEAT, "neat.yaml")
    ran = cli("fmt", *flag, "-f", ".")
    assert ran.err.endswith(f" 1 in form, {len(FOREIGN)} no manifest, left alone.\n")
    assert ran.err.count("\n") == 1
    assert {name: (cli.folder / name).read_bytes() for name in FOREIGN} == FOREIGN


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_that_was_named_is_told_in_a_line_with_the_reason(cli: Cli, name: str):
    (cli.folder / name).write_bytes(FOREIGN[name])
    ran = cli("fmt", name)
    assert ran.err.startswith(f"{name}: no manifest, left alone: ")
    assert ran.err.count("\n") == 2


@pytest.mark.parametrize(
    "content",
    [
        b"\"apiVersion\" : 'rtcctl.dev/v2'\nx: !Ref y\n",
        b"a: b\n---\napiVersion: rtcctl.dev/v1\nx: {{ y }}\n",
        b'{"kind": "App", "apiVersion": "rtcctl.dev/v1", "a": 1, "a": 2}\n',
        b"apiVersion: rtcctl.dev/v1\nx: \xe4\n",
        "apiVersion: rtcctl.dev/v1\n".encode("utf-16"),
        b"\xef\xbb\xbfapiVersion: rtcctl.dev/v1\nx: \0\n",
    ],
)
def test_what_says_that_it_is_a_manifest_gets_its_diagnostics(cli: Cli, content: bytes):
    (cli.folder / "a.yaml").write_bytes(content)
    ran = cli("fmt", "a.yaml", code=3)
    assert ran.err.startswith("a.yaml:")
    assert " error: " in ran.err
    assert (cli.folder / "a.yaml").read_bytes() == content


def test_a_kustomization_is_left_alone_even_where_it_can_not_be_read(cli: Cli):
    (cli.folder / "kustomization.yaml").write_bytes(b"apiVersion: rtcctl.dev/v1\nx: \xe4\n")
    assert "no manifest, left alone" in cli("fmt", "kustomization.yaml").err


def test_a_file_that_went_away_meanwhile_is_told(tmp_path):
    problem = Diagnostic("this file is binary", Place("gone.yaml", 1, 1))
    assert formatting._is_wrong(problem, tmp_path)


def test_foreign_standard_input_passes_through_and_is_told(cli: Cli):
    stdin(cli, "a: !Ref b\n::x: y\n")
    ran = cli("fmt", "-")
    assert ran.out == "a: !Ref b\n::x: y\n"
    assert ran.err == "<stdin>: no manifest, left alone: line 1: YAML tags are not supported\n"
    stdin(cli, "a: \0\n")
    assert "this file is binary" in cli("fmt", "-", code=3).err


def test_no_line_of_a_formatted_stream_is_changed_to_keep_a_build_from_reading_it(cli: Cli):
    text = NEAT.replace("spec: {}", "spec:\n  app_name: |\n    ::warning::x")
    stdin(cli, text)
    assert cli("fmt", "-").out == text


def test_no_yaml_on_standard_input_names_document_and_member(cli: Cli):
    stdin(cli, NEAT + "---\n" + NEAT.replace("name: a", "name: b") + "x: {a: 1, a: 2}\n")
    assert "<stdin>:10:11: error: document 2 (App/b), x.a: this key" in cli("fmt", "-", code=3).err


def test_mode_byte_order_mark_and_link_stay_and_nothing_is_left_beside(cli: Cli):
    real = cli.write("", "real.yaml")
    real.write_bytes(b"\xef\xbb\xbf" + UNTIDY.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    link = real.with_name("link.yaml")
    link.symlink_to(real)
    cli("fmt", link)
    assert link.is_symlink()
    assert real.read_bytes() == b"\xef\xbb\xbf" + TIDIED.replace("\n", "\r\n").encode()
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in cli.folder.iterdir()) == ["link.yaml", "real.yaml"]


def test_a_file_that_can_not_be_replaced_stays_whole(cli: Cli):
    untidy = cli.write(UNTIDY)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    cli.monkeypatch.setattr(os, "fdopen", full)
    ran = cli("fmt", untidy, code=1)
    cli.monkeypatch.undo()
    untidy = cli.folder / untidy
    assert "can't write manifest.yaml: No space left on device" in ran.err
    assert untidy.read_text() == UNTIDY
    assert [each.name for each in cli.folder.iterdir()] == ["manifest.yaml"]


def test_what_can_not_be_moved_safely_is_left_and_told(cli: Cli):
    manifest = cli.write("kind: App\napiVersion: rtcctl.dev/v1\nzz: |\n  text")
    for flag in ((), ("--check",), ("--diff",)):
        ran = cli("fmt", *flag, manifest)
        told, summed = ran.err.splitlines()
        assert told == "manifest.yaml: left as it is: its values would not stay the same"
        assert summed.endswith(", 0 in form, 1 left as it is.")
        assert ran.out == ""
    text = manifest.read_text()
    assert text.startswith("kind: App")
    stdin(cli, text)
    ran = cli("fmt", "-")
    assert (ran.out, ran.err) == (text, "<stdin>: left as it is: its values would not stay the same\n")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("x: 2020-99-99\n", "ruamel.yaml, which reads it again, can't read it"),
        ("x: =\n", "ruamel.yaml, which reads it again, can't read line 6"),
        ("x: 'a\u2028b'\n", "it has line breaks other than LF and CRLF"),
    ],
)
def test_the_reason_is_a_clause_that_says_where_and_why(cli: Cli, more: str, why: str):
    ran = cli("fmt", cli.write(f"# first\n{UNTIDY}{more}"))
    assert ran.err.splitlines()[0] == f"manifest.yaml: left as it is: {why}"


def test_tabs_before_comments_keep_no_document_from_being_formatted(cli: Cli):
    tabs = UNTIDY.replace(" # b", "\t# b").replace("spec: {}", "spec:\t#\tc\n  x: |\t# d\n    a\tb\n  y: 'c\td'\t\n")
    manifest = cli.write(f"{tabs}---\n{UNTIDY}")
    ran = cli("fmt", manifest)
    assert ran.out == "manifest.yaml: formatted\n"
    text = manifest.read_text()
    assert text.startswith("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: b}\t# b\nspec:\t#\tc\n")
    assert text.endswith(f"---\n{TIDIED}")


@pytest.mark.parametrize("fate", ["unchanged", "not a manifest", "left as it is"])
def test_only_changed_files_are_written(tmp_path, fate):
    path = tmp_path / "a.yaml"
    formatting.write(formatting.Formatted("a.yaml", path, fate, "", ""))
    formatting.write(formatting.Formatted("<stdin>", None, "changed", "", ""))
    assert not path.exists()
