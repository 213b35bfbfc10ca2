"""Every format for every ending, against golden files; UPDATE_CASES=1 writes them anew: read the difference."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import rtcctl
from rtcctl.model.address import Address
from rtcctl.model.drift import Drift
from rtcctl.model.finished import Compared, Finished, Planned, Validated
from rtcctl.model.plan import Plan
from rtcctl.model.resource import Desired, Project, Resource
from rtcctl.model.run import Run
from rtcctl.reports import formats
from rtcctl.reports.style import Style, Tone
from tests.planner.support import app

from .endings import CASES, PLAN, REFUSED, RESULT
from .support import validate

GOLDENS = Path(__file__).parent / "goldens"
FORMATS = ("codequality", "github", "html", "json", "jsonl", "junit", "markdown", "sarif", "text")
KINDS = {"plan": "plan", "result": "result", "error": "result", "drift": "drift", "validation": "validation"}
HAS_CHANGES = {
    "no-changes": False,
    "invalid": None,
    "valid": None,
    "account-missing-no-changes": None,
    "account-missing-drift": None,
}
every_case = pytest.mark.parametrize("case", CASES)


def rendered(format_: str, case: str) -> Any:
    return json.loads(formats.render(format_, CASES[case]))


def lines(case: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in formats.render("jsonl", CASES[case]).splitlines()]


def test_every_format_is_there() -> None:
    assert formats.names() == FORMATS


@every_case
@pytest.mark.parametrize("format_", FORMATS)
def test_an_ending_is_written_as_ever(case: str, format_: str) -> None:
    text = formats.render(format_, CASES[case]) + "\n"
    golden = GOLDENS / case / format_
    if os.environ.get("UPDATE_CASES"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


def test_no_golden_is_left_over() -> None:
    assert {file.relative_to(GOLDENS).as_posix() for file in GOLDENS.glob("*/*")} == {
        f"{case}/{format_}" for case in CASES for format_ in FORMATS
    }


@every_case
def test_a_document_fits_its_schema_and_says_whether_there_are_changes(case: str) -> None:
    document = rendered("json", case)
    validate(document, KINDS[document["kind"]])
    assert document["has_changes"] is HAS_CHANGES.get(case, True)


@every_case
def test_every_line_fits_the_schema_of_events_and_the_last_one_closes(case: str) -> None:
    found = lines(case)
    for line in found:
        validate(line, "events")
    assert [line["type"] in KINDS for line in found][-1]
    assert "has_changes" in found[-1]


def test_what_was_planned_comes_before_what_became_of_it() -> None:
    types = [line["type"] for line in lines("partial-apply")]
    assert types == ["change"] * 10 + ["warning", "plan"] + ["outcome"] * 5 + ["result"]


def test_calls_are_events_that_fit_the_schema() -> None:
    from rtcctl.reports.formats import jsonl

    step = next(PLAN.steps())
    error = RESULT.changes[2].error
    for text in (jsonl.started(step), jsonl.finished(step, 0.12345, None), jsonl.finished(step, 1, error)):
        validate(json.loads(text), "events")
    assert json.loads(jsonl.finished(step, 0.12345, error))["seconds"] == 0.123
    ended = [json.loads(line)["type"] for line in jsonl.ended(PLAN, RESULT).splitlines()]
    assert ended == ["outcome"] * 5 + ["result"]
    assert jsonl.planned(PLAN) == formats.render("jsonl", Planned(PLAN))


@every_case
def test_text_fits_80_columns_and_uses_more_where_there_are_more(case: str) -> None:
    if case != "invalid":  # findings are a line each, so that a log can be searched
        *others, _ = formats.render("text", CASES[case]).splitlines()  # the sum is one line, to be searched for
        assert max(map(len, others), default=0) <= 80
    wide = formats.render("text", CASES[case], Style(160))
    assert len(wide.splitlines()) <= len(formats.render("text", CASES[case]).splitlines())


def test_text_is_coloured_by_whoever_knows_the_terminal() -> None:
    def shout(tone: Tone, text: str) -> str:
        return text.upper()

    assert "UNKNOWN" in formats.render("text", CASES["partial-apply"], Style(80, shout))


@every_case
def test_junit_is_well_formed_and_counts_what_it_has(case: str) -> None:
    root = ET.fromstring(formats.render("junit", CASES[case]))
    [suite] = root
    cases = suite.findall("testcase")
    assert int(suite.get("tests", "")) == len(cases)
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))


@pytest.mark.parametrize(
    ("nothing", "name"),
    [
        (Compared(Drift(), Run("drift")), "drift"),
        (Validated(run=Run("validate")), "validate"),
        (Planned(Plan()), "rtcctl"),
    ],
)
def test_junit_without_anything_to_tell_has_one_case_that_passes(nothing: Finished, name: str) -> None:
    [suite] = ET.fromstring(formats.render("junit", nothing))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("1", "0", "0")
    [case] = suite
    assert (case.get("name"), len(case)) == (name, 0)


def test_junit_fails_what_may_not_be_applied() -> None:
    root = ET.fromstring(formats.render("junit", CASES["refused-plan"]))
    found = {each.get("name"): each.findtext("failure") for each in root.iter("testcase")}
    failed = {name: text for name, text in found.items() if text}
    assert failed["App/school"] == (
        "rtc/school.yaml:9:1: error: App/school is protected by lifecycle.prevent_destroy"
    )  # fmt: skip
    assert set(failed) == {
        "App/school",
        "App/old",
        "rtc/school.yaml:1: 4 objects would be deleted or replaced, max_deletes is 3",
    }


@every_case
def test_sarif_has_a_rule_and_a_place_for_every_result(case: str) -> None:
    log = rendered("sarif", case)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        [place] = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"].startswith("rtc/")
        assert place["physicalLocation"]["region"]["startLine"] >= 1


def test_sarif_puts_a_finding_on_the_manifests_line() -> None:
    first = rendered("sarif", "invalid")["runs"][0]["results"][0]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "rtc/school.yaml"},
        "region": {"startLine": 12, "startColumn": 3},
    }
    assert first["level"] == "error"


def test_an_error_without_a_line_is_a_notification_of_the_run() -> None:
    from rtcctl.errors import StateLockedError
    from rtcctl.model.finished import Failed

    [run] = json.loads(formats.render("sarif", Failed(StateLockedError("locked", mend="wait"))))["runs"]
    assert run["results"] == []
    [invocation] = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 8)
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "locked; wait"


@every_case
def test_code_quality_issues_have_what_gitlab_asks_for(case: str) -> None:
    found = rendered("codequality", case)
    assert len({each["fingerprint"] for each in found}) == len(found)
    for each in found:
        assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert each["location"]["lines"]["begin"] >= 1
        assert each["location"]["path"].startswith("rtc/")
        assert each["description"]
        assert each["check_name"].startswith("rtcctl/")


def test_a_fingerprint_stays_when_lines_move() -> None:
    from msgspec.structs import replace

    from rtcctl.errors import Place
    from rtcctl.reports.findings import findings

    moved = tuple(replace(change, place=Place("rtc/school.yaml", 99, 1)) for change in REFUSED.changes)
    before = findings(CASES["refused-plan"])
    after = findings(Planned(replace(REFUSED, changes=moved), CASES["refused-plan"].run))
    assert [each.fingerprint for each in before] == [each.fingerprint for each in after]
    assert [each.line for each in before] != [each.line for each in after]


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("account")])
@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_tells_which_account_is_missing_and_why(case: str, format_: str) -> None:
    text = " ".join(formats.render(format_, CASES[case]).split())
    assert "events" in text
    assert "no credentials found for the account with prefix EVENTS" in text
    assert "No changes." not in text


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("account")])
def test_a_missing_account_is_a_failure_to_build_servers(case: str) -> None:
    [suite] = ET.fromstring(formats.render("junit", CASES[case]))
    assert int(suite.get("failures", "")) >= 1
    levels = [each["level"] for each in rendered("sarif", case)["runs"][0]["results"]]
    assert "error" in levels
    assert any(line.startswith("::error") for line in formats.render("github", CASES[case]).splitlines())


def test_two_findings_that_say_the_same_are_told_apart() -> None:
    twice = Planned(Plan(warnings=PLAN.warnings * 2), CASES["no-changes"].run)
    first, second = json.loads(formats.render("codequality", twice))
    assert second["fingerprint"] == first["fingerprint"] + "-2"


def test_annotations_name_file_line_and_column() -> None:
    first = formats.render("github", CASES["invalid"]).splitlines()[0]
    assert first == (
        "::error title=rtcctl%3A manifest,file=rtc/school.yaml,line=12,col=3::"
        "unknown member 'ap_name'; did you mean 'app_name'?"
    )


def test_paths_begin_at_the_top_of_the_repository() -> None:
    from rtcctl.errors import Diagnostic, Place

    def file(name: str, folder: str = "deploy/", tops: tuple[str, ...] = ()) -> str:
        plan = Plan(warnings=(Diagnostic("odd", Place(name, 3), severity="warning"),))
        found = json.loads(formats.render("codequality", Planned(plan, Run(folder=folder, tops=tops))))
        return str(found[0]["location"]["path"]) if found else ""

    assert file("rtc.yaml") == "deploy/rtc.yaml"
    assert file("../rtc.yaml") == "rtc.yaml"
    assert file("./rtc.yaml", "") == "rtc.yaml"
    assert file("/abs/rtc.yaml") == "/abs/rtc.yaml"
    assert file("/abs/rtc.yaml", tops=("/a", "/abs")) == "rtc.yaml"
    assert file("/absolute/rtc.yaml", tops=("/abs",)) == "/absolute/rtc.yaml"
    assert file("/rtc.yaml", "", ("/",)) == "rtc.yaml"
    assert file("../../rtc.yaml", tops=("/link", "/abs/top")) == "/abs/rtc.yaml"
    assert file("rtc.yaml", "../other/", ("/abs/top",)) == "/abs/other/rtc.yaml"
    assert file("..rtc.yaml", "", ("/abs/top",)) == "..rtc.yaml"
    assert file("<stdin>") == ""


def test_a_run_knows_where_its_resources_stand() -> None:
    found = app()
    run = Run.of(
        "plan", Desired(Project("school"), {found.address: found, (bare := Address("App", "x")): Resource(bare, {})})
    )
    assert run.project == "school"
    assert str(run.places[found.address]) == "rtc.yaml:1:1"
    assert bare not in run.places


@every_case
def test_no_format_knows_a_secret(case: str) -> None:
    ending: Finished = CASES[case]
    for format_ in FORMATS:
        assert "fake-secret" not in formats.render(format_, ending)


REMOVED = """
import sys
sys.path.insert(0, sys.argv[1])
from rtcctl.cli.main import main
from rtcctl.reports import formats
assert {gone!r} not in formats.names(), formats.names()
assert {gone!r} in {all!r}
for name in formats.names():
    assert main(["validate", "-f", sys.argv[2], "--output", name, "--report", "json=out.json"]) == 0 or name == "json"
assert main(["validate", "-f", sys.argv[2], "--output", {gone!r}]) == 3
"""


@pytest.mark.parametrize("gone", ["markdown", "html", "github", "jsonl", "sarif"])
def test_removing_one_file_removes_one_format(gone: str, tmp_path: Path) -> None:
    package = Path(rtcctl.__file__).parent
    shutil.copytree(package, tmp_path / "rtcctl", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(package.parent / "schemas", tmp_path / "schemas")
    (tmp_path / "rtcctl" / "reports" / "formats" / f"{gone}.py").unlink()
    (tmp_path / "m.yaml").write_text("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n")
    script = REMOVED.replace("{gone!r}", repr(gone)).replace("{all!r}", repr(FORMATS))
    environ = {**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), "m.yaml"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_formats_are_found_without_being_imported() -> None:
    script = (
        "import sys; from rtcctl.cli.main import main; main(['version']); "
        "bad = [n for n in sys.modules if n.startswith(('rtcctl.reports.formats.', 'rtcctl.model', 'rtcctl.kinds'))]; "
        "assert not bad, bad"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
