"""Broken manifests at the command line: exit 3, the place, no traceback, and nobody is called."""

from __future__ import annotations

import pytest

from tests.e2e.support import DATA, Cli, Loopback, Reply, check_document

HEAD = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec:\n"
MP4 = "      mp4_config: {}\n"
OBS = "      obs_addr: {bucket: b, location: cn-north-4, project_id: '0'}\n"
RULE = f"  record_rules:\n    - name: default\n{OBS}      record_formats: [MP4]\n"
JOB = (
    "  mix_stream_jobs:\n    - name: j\n      record_param: {record_rule: defualt}\n"
    "      mix_param: {room_id: r, encode_template: audio_only}\n"
)
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

BROKEN: dict[str, tuple[str | bytes, str, str]] = {
    "unknown member": (HEAD + RULE + "      mp4_confg: {}\n", "9:7", "mp4_config"),
    "wrong type": (HEAD + RULE.replace("[MP4]", "{a: b}") + MP4, "8:23", "record_formats"),
    "number where text is due": (HEAD.replace("name: a", "name: 12") + "  {}\n", "3:18", 'quote it: "12"'),
    "record_cycle 59": (HEAD + RULE + "      mp4_config: {record_cycle: 59}\n", "9:34", "60 to 10800 seconds"),
    "HLS without hls_config": (HEAD + RULE.replace("MP4", "HLS"), "8:7", "hls_config"),
    "unknown rule name": (HEAD + RULE + MP4 + JOB, "12:35", "did you mean"),
    "two apps of one name": (
        f"{HEAD}  state: ACTIVATION\n---\n{HEAD}  state: ACTIVATION\n",
        "9:12",
        "App/a is declared before, at manifest.yaml:3:12",
    ),
    "two apps of one app_name": (
        f"{HEAD}  app_name: x\n---\n{HEAD.replace('name: a', 'name: b')}  app_name: x\n",
        "11:3",
        "app_name",
    ),
    "two rules of one location": (
        f"{HEAD}{RULE}{MP4}    - name: other\n{OBS}      record_formats: [MP4]\n{MP4}",
        "11:29",
        "both have obs_addr.location 'cn-north-4'",
    ),
    "duplicate key": (HEAD + "  state: ACTIVATION\n  state: DEACTIVATION\n", "6:3", "state"),
    "tab indent": (HEAD + "\tstate: ACTIVATION\n", "5:1", "tab"),
    "missing variable": (
        HEAD + "  record_callback: {url: '${env:RTC_NO_SUCH}'}\n",
        "5:26",
        "variable RTC_NO_SUCH is not set",
    ),
    "missing file": (HEAD + "  record_callback: {url: '${file:none.txt}'}\n", "5:26", "file none.txt can't be read"),
    "empty file": ("", "1:1", "no document"),
    "binary file": (b"\x7fELF\x00\x01\x02\x03" + bytes(range(256)), "1:5", "binary"),
    "not UTF-8": (HEAD.encode() + b"  app_name: caf\xe9\n", "5:", "UTF-8"),
    "alias bomb": (BOMB, "6:8", "aliases"),
    "40,000 nested brackets": ("[" * 40_000, "1:", "nest"),
    "40,000 nested maps": (HEAD + "  app_name: " + "{a: " * 40_000, "5:", "nest"),
    "Python tag": (HEAD + "  app_name: !!python/object/apply:os.system [id]\n", "5:", "tag"),
    "null spec": (HEAD.replace("spec:", "spec: null"), "4:", "spec"),
    "misspelt kind": (HEAD.replace("App", "Ap") + "  {}\n", "2:", "did you mean"),
    "disabled app with a job": (
        HEAD + "  state: DEACTIVATION\n" + RULE + MP4 + JOB,
        "12:7",
        "DEACTIVATION",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_it_is_explained_with_its_place_and_nobody_is_called(cli: Cli, name):
    content, place, words = BROKEN[name]
    manifest = cli.write("")
    manifest.write_bytes(content if isinstance(content, bytes) else content.encode())
    ran = cli.sim("plan", manifest, code=3)
    assert ran.out == ""
    assert f"manifest.yaml:{place}" in ran.err
    assert words in ran.err
    assert "  = " in ran.err  # what to do about it
    assert ran.err.splitlines()[-1].startswith("error: ")
    assert len(ran.err) < 3_000
    for command in (["validate"], ["apply", "--simulator", "--auto-approve"]):
        assert cli(*command, "-f", manifest, code=3).err == ran.err
    assert not DATA.exists()


@pytest.mark.parametrize("name", ["unknown member", "binary file", "alias bomb", "empty file"])
def test_the_json_error_document_carries_each_finding(cli: Cli, name):
    manifest = cli.write("")
    content = BROKEN[name][0]
    manifest.write_bytes(content if isinstance(content, bytes) else content.encode())
    ran = cli.plan(manifest, code=3)
    check_document(ran.document, "result")
    assert (ran.document["kind"], ran.document["exit_code"]) == ("error", 3)
    [finding] = [each for each in ran.document["error"]["diagnostics"] if each["severity"] == "error"]
    assert finding["file"] == "manifest.yaml"
    assert finding["mend"]


def test_the_endpoint_hears_nothing_of_a_broken_manifest(cli: Cli):
    manifest = cli.write(HEAD + "  stat: ACTIVATION\n")
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    with Loopback(lambda _: Reply()) as server:
        for command in (["plan"], ["apply", "--auto-approve"], ["destroy", "--auto-approve"]):
            cli(*command, "-f", manifest, "--endpoint", server.url, code=3)
        assert server.heard == []
    assert not (cli.folder / ".rtcctl").exists()


def test_all_findings_come_at_once_with_line_caret_and_mend(cli: Cli):
    manifest = cli.write(HEAD + "  stat: ACTIVATION\n" + RULE + "      mp4_config: {record_cycle: 59}\n")
    ran = cli("validate", "-f", manifest, code=3)
    assert ran.err == (
        "manifest.yaml:5:3: error: unknown member 'stat' in spec\n"
        "  5 |   stat: ACTIVATION\n"
        "    |   ^\n"
        "  = did you mean 'state'?\n"
        "manifest.yaml:10:34: error: record_cycle is 59: too small\n"
        "  10 |       mp4_config: {record_cycle: 59}\n"
        "     |                                  ^\n"
        "  = allowed: 60 to 10800 seconds\n"
        "error: 2 errors in the manifest\n"
    )


def test_a_file_that_is_not_there_is_an_error_of_usage(cli: Cli):
    ran = cli.sim("plan", "none.yaml", code=3)
    assert "none.yaml: error: this can't be read: no such file or directory" in ran.err


def test_a_folder_without_manifests_is_an_error(cli: Cli):
    (cli.folder / "empty").mkdir()
    assert "empty" in cli.sim("plan", "empty", code=3).err


def test_validate_counts_what_it_found_and_makes_no_file(cli: Cli):
    manifest = cli.write(HEAD + RULE + MP4)
    assert cli("validate", "-f", manifest).out == "Valid: 2 resources.\n"
    document = cli("validate", "-f", manifest, "--output", "json").document
    assert document["resources"] == ["App/a", "RecordRule/a/default"]
    assert document["valid"] is True
    assert [each.name for each in cli.folder.iterdir()] == ["manifest.yaml"]
