"""`rtcctl fmt` as people and pre-commit run it."""

from __future__ import annotations

import io
import os
import sys
from types import SimpleNamespace

import pytest

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


def test_what_is_no_yaml_gets_its_diagnostic_and_nothing_is_written(cli: Cli):
    untidy = cli.write(UNTIDY, "a.yaml")
    cli.write("apiVersion: rtcctl.dev/v1\nspec: {a: 1, a: 2}\n", "b.yaml")
    ran = cli("fmt", "-f", ".", code=3)
    assert "b.yaml:2:14: error: this key was given before, in line 2" in ran.err
    assert untidy.read_text() == UNTIDY


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
    ran = cli("fmt", manifest)
    assert "manifest.yaml: left as it is; moving its lines would change more than their order" in ran.err
    assert manifest.read_text().startswith("kind: App")


@pytest.mark.parametrize("fate", ["unchanged", "not a manifest", "left as it is"])
def test_only_changed_files_are_written(tmp_path, fate):
    path = tmp_path / "a.yaml"
    formatting.write(formatting.Formatted("a.yaml", path, fate, "", ""))
    formatting.write(formatting.Formatted("<stdin>", None, "changed", "", ""))
    assert not path.exists()
