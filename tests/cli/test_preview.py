"""`rtcctl preview` as a user meets it: on a terminal, in a pipe, in files; and what it refuses."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from PIL import Image

from rtcctl.schema import load
from tests.e2e.processes import COMMAND, PATIENCE, Terminal, environment, run
from tests.e2e.support import EXAMPLE2, EXAMPLES, Cli

LESSON = EXAMPLES / "custom-layout.yaml"
WEBINAR = EXAMPLES / "webinar.yaml"
JOB = "MixStreamJob/rtctest-custom/lesson"
TWO = LESSON.read_text() + "---\n" + LESSON.read_text().partition("---\n")[2].replace("rtctest-custom", "other")
NO_JOBS = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def raw(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, env=environment(**more), timeout=PATIENCE, check=False)


def test_every_mixed_job_of_a_manifest_is_drawn(cli: Cli):
    ran = cli("preview", "-f", WEBINAR)
    assert ran.err == ""
    assert "MixStreamJob/webinar/picture\n      screen_share_left, 1920×1080 pixels, 5 panes\n" in ran.out
    assert "approximate: the API Reference gives no coordinates" in ran.out
    assert ran.out.endswith("MixStreamJob/webinar/sound\n      sound only: no picture is recorded\n")
    assert all(len(line) <= 80 for line in ran.out.splitlines())


def test_the_number_of_users_is_a_wish(cli: Cli):
    assert "25 panes" in cli("preview", "-f", EXAMPLE2, "--users", "25").out
    assert "4 panes" in cli("preview", "-f", EXAMPLE2).out


def test_one_job_is_drawn_by_its_address(cli: Cli):
    cli.write(TWO, "two.yaml")
    assert cli("preview", "-f", "two.yaml").out.count("MixStreamJob/") == 2
    one = cli("preview", "-f", "two.yaml", JOB).out
    assert one == cli("preview", "-f", LESSON).out == cli("preview", "-f", "two.yaml", f"default:{JOB}").out


def test_json_is_a_document_of_its_schema(cli: Cli):
    found = cli("preview", "-f", WEBINAR, "--output", "json").document
    jsonschema.validate(found, load("preview"))
    assert [each["address"] for each in found["pictures"]] == [
        "MixStreamJob/webinar/picture", "MixStreamJob/webinar/sound"
    ]  # fmt: skip


def test_svg_and_png_go_to_a_pipe_as_bytes(cli: Cli):
    drawn = raw("preview", "-f", WEBINAR, "--output", "svg", PYTHONIOENCODING="ascii")
    assert (drawn.returncode, drawn.stderr) == (0, b"")
    assert ET.fromstring(drawn.stdout.decode()).get("role") == "img"
    painted = raw("preview", "-f", WEBINAR, "--output", "png")
    assert Image.open(io.BytesIO(painted.stdout)).width == 1920


def test_a_file_is_written_by_its_suffix(cli: Cli):
    ran = cli("preview", "-f", LESSON, "--out", "lesson.svg")
    assert (ran.out, ran.err) == ("", "The picture is in lesson.svg.\n")
    assert ET.parse("lesson.svg").getroot().get("width") == "1280"
    cli("preview", "-f", LESSON, "--out", "lesson.PNG", "--output", "png")
    with Image.open("lesson.PNG") as image:
        assert (image.format, image.width) == ("PNG", 1280)


@pytest.mark.parametrize("format_", ["svg", "png"])
def test_a_folder_gets_a_file_for_each_job_with_a_picture(cli: Cli, format_):
    cli.write(TWO + "---\n" + WEBINAR.read_text().partition("---\n")[2], "three.yaml")
    ran = cli("preview", "-f", "three.yaml", "--out", "drawn/", "--output", format_)
    found = sorted(str(each) for each in Path("drawn").rglob("*.*"))
    jobs = ("other/lesson", "rtctest-custom/lesson", "webinar/picture")
    assert found == [f"drawn/{job}.{format_}" for job in jobs]
    assert "MixStreamJob/webinar/sound is left out: sound only: no picture is recorded." in ran.err


def test_odd_panes_are_warned_of_beside_the_picture(cli: Cli):
    text = LESSON.read_text().replace("zorder: 1", "zorder: 0")
    cli.write(text, "odd.yaml")
    ran = cli("preview", "-f", "odd.yaml")
    assert "odd.yaml:48:13: warning: pane 2 overlaps pane 1 at the same zorder 0" in ran.err
    assert "warning" not in ran.out
    assert "odd.yaml:48:13: warning: pane 2 overlaps pane 1" in cli("validate", "-f", "odd.yaml").err
    assert "odd.yaml:48:13: warning: pane 2 overlaps pane 1" in cli("plan", "-f", "odd.yaml", "--simulator").err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([f"{JOB}x"], f"did you mean {JOB}?"),
        (["MixStreamJob/other/job"], "is not in the manifest"),
        (["App/rtctest-custom"], "App/rtctest-custom has no layout to draw"),
        (["nonsense"], "is not an address"),
        (["--users", "0"], "--users"),
        (["--users", "26"], "--users"),
        (["--output", "gif"], "gif"),
        (["--out", "x.gif"], "name a file that ends in .svg or .png"),
        (["--out", "x.svg", "--output", "png"], "--output png does not fit x.svg"),
        (["--out", "drawn", "--output", "json"], "name a file that ends in .svg or .png"),
        (["--out", "nowhere/x.svg"], "there is no folder"),
        (["--out", ""], "the name is empty"),
    ],
)
def test_wrong_usage_is_exit_3(cli: Cli, arguments, words):
    ran = cli("preview", "-f", LESSON, *arguments, code=3)
    assert words in ran.err
    assert ran.out == "" or ran.document["kind"] == "error"


def test_one_file_is_for_one_picture(cli: Cli):
    cli.write(TWO, "two.yaml")
    ran = cli("preview", "-f", "two.yaml", "--output", "svg", code=3)
    assert "one file holds one picture, and there are 2" in ran.err
    assert f"{JOB}; or all with --out FOLDER/" in ran.err


def test_without_a_picture_there_is_nothing_to_write(cli: Cli):
    cli.write(NO_JOBS, "none.yaml")
    assert cli("preview", "-f", "none.yaml").out == "No mixed-stream jobs.\n"
    assert cli("preview", "-f", "none.yaml", "--out", "drawn").err == "No mixed-stream jobs.\n"
    assert "nothing to draw" in cli("preview", "-f", "none.yaml", "--output", "svg", code=3).err
    sound = cli("preview", "-f", WEBINAR, "MixStreamJob/webinar/sound", "--output", "png", code=3)
    assert "MixStreamJob/webinar/sound: sound only" in sound.err


def test_a_folder_that_can_not_be_made_is_an_error(cli: Cli):
    cli.write("", "taken")
    ran = cli("preview", "-f", LESSON, "--out", "taken", code=3)
    assert "can't" in ran.err
    cli.write("", "drawn")
    (cli.folder / "folder").mkdir()
    (cli.folder / "folder" / "rtctest-custom").write_text("")
    assert "can't make folder/rtctest-custom" in cli("preview", "-f", LESSON, "--out", "folder", code=3).err


def test_a_file_that_fails_while_it_is_written_is_an_error(cli: Cli):
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    cli.monkeypatch.setattr("rtcctl.cli.outfile.write", full)
    assert "can't write x.svg: No space left on device" in cli("preview", "-f", LESSON, "--out", "x.svg", code=3).err


def test_a_broken_manifest_is_exit_3(cli: Cli):
    cli.write("kind: 1\n", "broken.yaml")
    assert "broken.yaml:1" in cli("preview", "-f", "broken.yaml", "--output", "svg", code=3).err


def test_without_pillow_only_png_is_missing(cli: Cli):
    cli.monkeypatch.setitem(sys.modules, "PIL", None)
    ran = cli("preview", "-f", LESSON, "--output", "png", code=3)
    assert "pip install 'rtcctl[preview]'" in ran.err
    cli("preview", "-f", LESSON, "--output", "svg")


def test_a_terminal_gets_no_png(cli: Cli):
    with Terminal("preview", "-f", LESSON, "--output", "png") as terminal:
        assert terminal.end() == 3
        assert "a PNG is nothing for a terminal" in terminal.text
        assert "\x89PNG" not in terminal.text


@pytest.mark.parametrize(("columns", "frame"), [(80, 80), (120, 100)])
def test_at_a_terminal_it_is_as_wide_as_fits_and_coloured_without_need(cli: Cli, columns, frame):
    with Terminal("preview", "-f", WEBINAR, columns=columns) as terminal:
        assert terminal.end() == 0
        lines = terminal.text.splitlines()
    assert any(COLOUR.search(line) for line in lines)
    plain = [COLOUR.sub("", line) for line in lines]
    assert {len(line) for line in plain if line[:1] in "╔║╚" and line} == {frame}
    assert all(len(line) <= columns for line in plain)


def test_no_color_is_respected(cli: Cli):
    with Terminal("preview", "-f", WEBINAR, env=environment(NO_COLOR="1")) as terminal:
        assert terminal.end() == 0
        assert "\x1b" not in terminal.text


def test_an_output_that_knows_ascii_only_gets_ascii(cli: Cli):
    found = raw("preview", "-f", LESSON, PYTHONIOENCODING="ascii")
    assert found.returncode == 0
    assert found.stdout.isascii()
    assert b"+ 1 teacher, screen ---" in found.stdout
    assert b"\xe2\x94\x8c 1 teacher" in raw("preview", "-f", LESSON, PYTHONIOENCODING="utf-8").stdout


def test_whoever_stops_reading_a_picture_is_no_error(cli: Cli):
    command = " ".join(map(str, [*COMMAND, "preview", "-f", LESSON, "--output", "svg"]))
    ran = subprocess.run(["sh", "-c", f"{command} | true"], capture_output=True, env=environment(), check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_full_disk_is_an_error_of_one_line(cli: Cli):
    command = " ".join(map(str, [*COMMAND, "preview", "-f", LESSON, "--output", "svg"]))
    ran = subprocess.run(
        ["sh", "-c", f"{command} > /dev/full"], capture_output=True, text=True, env=environment(), check=False
    )
    assert ran.returncode == 1
    assert "can't write to standard output" in ran.stderr


def test_it_calls_nobody_and_loads_no_client(cli: Cli):
    script = (
        "import sys; from rtcctl.cli.main import main; main(sys.argv[1:]);"
        "print(sorted({'httpx', 'starlette', 'PIL', 'deepdiff', 'asyncio'} & set(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, "preview", "-f", str(LESSON), "--output", "json"]
    found = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=PATIENCE, check=True)
    assert json.loads(found.stdout)["kind"] == "preview"
    assert found.stderr.strip() == "[]"
    assert run("preview", "-f", LESSON).returncode == 0


@pytest.mark.parametrize("named", ["lesson", "rtctest-custom/lesson"])
def test_the_bare_name_of_a_job_is_guessed(cli: Cli, named):
    ran = cli("preview", "-f", LESSON, named, code=3)
    assert f"did you mean {JOB}?" in ran.err


def test_what_is_no_address_and_no_job_is_an_error(cli: Cli):
    assert "'nothing' is not an address" in cli("preview", "-f", LESSON, "nothing", code=3).err
