"""Documents for programs: JSON on stdout, everything else on stderr; schemas; aliases; pipes."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from jsonschema import Draft202012Validator

from tests.e2e.processes import COMMAND, PATIENCE
from tests.e2e.support import EXAMPLE2, Cli, check_document

PLAN = ["plan", "-f", str(EXAMPLE2), "--simulator"]


@pytest.mark.parametrize("name", ["manifest", "plan", "result", "state", "jobs", "rehearsal", "preview"])
def test_schema_prints_a_valid_json_schema(cli: Cli, name):
    document = cli("schema", name).document
    Draft202012Validator.check_schema(document)
    assert document["$id"].endswith(f"/{name}.schema.json")
    assert document["description"]


def test_schema_without_a_name_is_the_manifests(cli: Cli):
    assert cli("schema").out == cli("schema", "manifest").out


def test_diff_is_plan(cli: Cli):
    assert cli("diff", *PLAN[1:]).out == cli(*PLAN).out
    cli("diff", *PLAN[1:], "--detailed-exitcode", code=2)
    assert cli("diff", *PLAN[1:], "--output", "json").document == cli(*PLAN, "--output", "json").document


def test_a_plan_is_the_same_each_time(cli: Cli):
    assert cli(*PLAN, "--output", "json").out == cli(*PLAN, "--output", "json").out


def test_json_is_the_only_thing_on_stdout(cli: Cli):
    ran = cli.apply(EXAMPLE2, "--output", "json")
    assert json.loads(ran.out)["kind"] == "result"
    assert "[5/5]" in ran.err


def test_output_json_may_be_written_with_an_equals_sign(cli: Cli):
    assert cli("plan", "-f", "none.yaml", "--simulator", "--output=json", code=3).document["kind"] == "error"


def test_a_refusal_in_json_is_an_error_document(cli: Cli):
    cli.apply(EXAMPLE2)
    ran = cli.sim("destroy", EXAMPLE2, "--auto-approve", "--output", "json", code=7)
    check_document(ran.document, "result")
    assert ran.document["error"]["type"] == "RefusedError"


def test_warnings_do_not_disturb_the_document(cli: Cli):
    text = EXAMPLE2.read_text().replace(
        "${env:RTC_CALLBACK_KEY:-example-key-not-a-real-secret-0000}", "${env:SHORT:-short}"
    )
    manifest = cli.write(text)
    ran = cli("validate", "-f", manifest, "--output", "json")
    assert [each["severity"] for each in ran.document["warnings"]] == ["warning"]
    assert "short" not in ran.text
    assert "warning" in cli("validate", "-f", manifest).err


@pytest.mark.parametrize("head", ["+ BucketAuthorization"])
def test_a_reader_who_has_enough_is_no_traceback(cli: Cli, head):
    command = [*COMMAND, *PLAN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert head in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait(PATIENCE)


def test_a_reader_who_is_gone_is_no_traceback(cli: Cli):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        ran = subprocess.run(
            [*COMMAND, *PLAN], stdout=gone, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False
        )
    assert ran.stderr == ""


def test_letters_beyond_ascii_survive_an_ascii_terminal(cli: Cli):
    cli.apply(EXAMPLE2)
    manifest = cli.write(EXAMPLE2.read_text().replace("mydomain", "example"))
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    command = [*COMMAND, "plan", "-f", str(manifest), "--simulator"]
    ran = subprocess.run(command, capture_output=True, env=env, timeout=PATIENCE, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"Plan: 0 to add, 1 to change" in ran.stdout
