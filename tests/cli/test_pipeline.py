"""In a build: annotations, the step's summary, paths from the top of the repository, and no line that is a command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rtcctl.cli.pipeline import SUMMARY_LIMIT, folder
from rtcctl.reports import formats
from tests.e2e.support import EXAMPLE2, Cli

BROKEN = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {ap_name: b}\n"
FORMATS = formats.names()


def in_actions(cli: Cli) -> Path:
    summary = cli.folder / "summary.md"
    cli.environ({"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(cli.folder), "GITHUB_STEP_SUMMARY": str(summary)})
    return summary


def test_a_wrong_manifest_is_annotated_at_its_line(cli: Cli):
    in_actions(cli)
    ran = cli("validate", "-f", cli.write(BROKEN), code=3)
    found = [line for line in ran.err.splitlines() if line.startswith("::")]
    assert len(found) == 1
    assert re.match(r"::error title=rtcctl%3A manifest,file=[^,]+,line=4,col=\d+::", found[0])


def test_the_summary_of_a_step_grows_by_each_command(cli: Cli):
    summary = in_actions(cli)
    summary.write_text("# before\n")
    cli.sim("plan", EXAMPLE2)
    cli.apply(EXAMPLE2)
    text = summary.read_text()
    assert text.startswith("# before\n### ")
    assert text.count("<!-- rtcctl:default -->") == 2
    assert "Applied: 5 added" in text


def test_nothing_is_annotated_elsewhere(cli: Cli):
    ran = cli("validate", "-f", cli.write(BROKEN), code=3)
    assert "::error" not in ran.text


def test_a_summary_that_cannot_be_written_is_no_failure(cli: Cli):
    in_actions(cli)
    cli.environ({"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(cli.folder)})
    assert "can't write the step's summary: Is a directory" in cli.sim("plan", EXAMPLE2).err
    cli.environ({"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(cli.folder / "missing" / "x")})
    assert "can't write the step's summary: No such file" in cli.sim("plan", EXAMPLE2).err


def test_a_full_summary_is_left_as_it_is(cli: Cli):
    summary = in_actions(cli)
    summary.write_bytes(b"x" * (SUMMARY_LIMIT - 10))
    assert "the step's summary is full" in cli.sim("plan", EXAMPLE2).err
    assert summary.stat().st_size == SUMMARY_LIMIT - 10


def test_annotations_are_not_told_twice(cli: Cli):
    in_actions(cli)
    ran = cli("validate", "-f", cli.write(BROKEN), "--output", "github", code=3)
    assert ran.out.startswith("::error")
    assert "::error" not in ran.err


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, ""),
        ({"GITHUB_ACTIONS": "true"}, ""),
        ({"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "not/absolute"}, ""),
        ({"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "/zero\0byte"}, ""),
        ({"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "top"}, "deploy/rtc/"),
        ({"GITLAB_CI": "true", "CI_PROJECT_DIR": "top"}, "deploy/rtc/"),
        ({"GITLAB_CI": "true", "CI_PROJECT_DIR": "here"}, ""),
        ({"GITLAB_CI": "true", "CI_PROJECT_DIR": "beside"}, "../deploy/rtc/"),
        ({"CI_PROJECT_DIR": "top"}, ""),
    ],
)
def test_the_folder_in_the_repository_is_known(tmp_path: Path, environ: dict[str, str], found: str) -> None:
    here = tmp_path / "deploy" / "rtc"
    here.mkdir(parents=True)
    real = {"top": str(tmp_path), "here": str(here), "beside": str(tmp_path / "beside")}
    is_built = not set(environ.values()).isdisjoint(real)
    told, tops = folder({name: real.get(value, value) for name, value in environ.items()}, here)
    assert told == found
    assert bool(tops) == (is_built and len(environ) == 2)


def test_the_top_of_the_repository_is_known_by_its_name_and_without_links(tmp_path: Path) -> None:
    (tmp_path / "real" / "deploy").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    environ = {"GITLAB_CI": "true", "CI_PROJECT_DIR": f"{tmp_path}/link/"}
    tops = (f"{tmp_path}/link", f"{tmp_path}/real")
    assert folder(environ, tmp_path / "link" / "deploy") == ("deploy/", tops)


def test_paths_of_findings_begin_at_the_top_of_the_repository(cli: Cli):
    cli.environ({"GITLAB_CI": "true", "CI_PROJECT_DIR": str(cli.folder.parent)})
    Path("broken.yaml").write_text(BROKEN)
    cli("validate", "-f", "broken.yaml", "--report", "codequality=gl.json", code=3)
    [found] = json.loads(Path("gl.json").read_text())
    assert found["location"]["path"] == f"{cli.folder.name}/broken.yaml"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("{top}/deploy/broken.yaml", "deploy/broken.yaml"),
        ("{top}/deploy/../deploy/./broken.yaml", "deploy/broken.yaml"),
        ("{top}/../{name}/deploy/broken.yaml", "deploy/broken.yaml"),
        ("../deploy/broken.yaml", "deploy/broken.yaml"),
        ("../../{name}/deploy/broken.yaml", "deploy/broken.yaml"),
        ("../../outside.yaml", "{above}/outside.yaml"),
        ("{above}/outside.yaml", "{above}/outside.yaml"),
    ],
)
@pytest.mark.parametrize("build", [("GITHUB_ACTIONS", "GITHUB_WORKSPACE"), ("GITLAB_CI", "CI_PROJECT_DIR")])
def test_paths_are_told_from_the_top_however_they_were_given(cli: Cli, build: tuple[str, str], given: str, shown: str):
    top = cli.folder / "top"
    (top / "deploy").mkdir(parents=True)
    (top / "deploy" / "broken.yaml").write_text(BROKEN)
    (cli.folder / "outside.yaml").write_text(BROKEN)
    cli.environ({build[0]: "true", build[1]: str(top)})
    cli.monkeypatch.chdir(top / "deploy")
    words = {"top": str(top), "name": "top", "above": str(cli.folder)}
    names = ("codequality", "sarif", "junit", "github")
    reports = [word for name in names for word in ("--report", f"{name}={cli.folder / name}")]
    cli("validate", "-f", given.format(**words), *reports, code=3)
    path = shown.format(**words)
    texts = {name: (cli.folder / name).read_text() for name in names}
    assert json.loads(texts["codequality"])[0]["location"]["path"] == path
    [result] = json.loads(texts["sarif"])["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (f"file://{path}" if path.startswith("/") else path)
    assert f'classname="{path}"' in texts["junit"]
    assert f",file={path}," in texts["github"]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_command_speaks_every_format(cli: Cli, format_: str):
    file = ("--report", f"{format_}=out")
    cli.environ({"RTC_CALLBACK_KEY": "fake-callback-key-not-a-real-secret-1"})
    for command in (
        ("validate", "-f", EXAMPLE2),
        ("plan", "-f", EXAMPLE2, "--simulator", "--out", "p.plan"),
        ("show", "p.plan"),
        ("apply", "-f", EXAMPLE2, "--simulator", "--auto-approve"),
        ("drift", "-f", EXAMPLE2, "--simulator"),
    ):
        Path("out").write_text("")
        ran = cli(*command, "--output", format_, *file)
        written = Path("out").read_text()
        if format_ not in ("text", "jsonl"):  # there a plan, and what goes on, is told before
            assert ran.out.strip() == written.strip()
    refused = cli("destroy", "-f", EXAMPLE2, "--simulator", "--auto-approve", "--output", format_, *file, code=7)
    assert "destroy" in Path("out").read_text()
    assert bool(refused.out) is True


def test_an_apply_streams_its_events(cli: Cli):
    ran = cli.apply(EXAMPLE2, "--output", "jsonl")
    types = [json.loads(line)["type"] for line in ran.out.splitlines()]
    assert types[:5] == ["change"] * 5
    assert types[types.index("plan") + 1] == "step_started"
    assert types.count("step_started") == types.count("step_finished") == 5
    assert types[-6:] == ["outcome"] * 5 + ["result"]
    assert "[5/5]" in ran.err


def test_a_refused_apply_streams_its_plan_once_and_then_the_error(cli: Cli):
    cli.apply(EXAMPLE2)
    ran = cli("destroy", "-f", EXAMPLE2, "--simulator", "--auto-approve", "--output", "jsonl", code=7)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["type"] for line in lines].count("plan") == 1
    assert (lines[-1]["type"], lines[-1]["has_changes"]) == ("error", True)


@pytest.mark.parametrize("format_", ["json", "jsonl", "html"])
def test_a_usage_error_is_told_in_the_format_asked_for(cli: Cli, format_: str):
    assert "name a manifest" in cli("apply", "--output", format_, code=3).out


def test_a_refused_apply_has_its_plan_in_the_document(cli: Cli):
    cli.apply(EXAMPLE2)
    ran = cli("destroy", "-f", EXAMPLE2, "--simulator", "--auto-approve", "--output", "json", code=7)
    assert ran.document["has_changes"] is True
    assert {each["rule"] for each in ran.document["plan"]["refusals"]} >= {"destroy"}


@pytest.mark.parametrize("name", ["::add-mask::x", "##[add-mask]x"])
def test_no_line_of_a_plan_or_an_error_is_a_command(cli: Cli, name: str):
    in_actions(cli)
    long = "x" * 60 + " " + name
    spec = f"spec: {{app_name: {json.dumps(long)}}}"
    manifest = cli.write(f"apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {{name: a}}\n{spec}\n")
    ran = cli("plan", "-f", manifest, "--simulator")
    usage = cli("plan", "-f", f"missing\n{name}", "--simulator", code=3)
    for line in (ran.text + usage.text).splitlines():
        assert not re.match(r"\s*::(?!error |warning )", line)
        assert not re.search(r"##\w*\[", line)
