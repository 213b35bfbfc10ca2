"""The steps by themselves: which comment is theirs, which artifact is taken, what they say when they can't go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.support import Loopback, Reply
from tests.pipelines.forge import TOKEN, Served
from tests.pipelines.running import ROOT, Ran, bash

CI = ROOT / "ci"
MARK = "<!-- rtcctl:school -->"
OTHER = "<!-- rtcctl:office -->"
NAMELESS = "<!-- rtcctl -->"
REQUEST = {"RTCCTL_CI_NUMBER": "5", "CI_MERGE_REQUEST_IID": "5"}


@pytest.fixture
def forge() -> Iterator[Served]:
    with Served() as found:
        yield found


@pytest.fixture(params=["github", "gitlab"])
def hub(request: pytest.FixtureRequest, forge: Served) -> dict[str, str]:
    given: dict[str, str] = getattr(forge, request.param)
    return {**given, **REQUEST}


def comment(folder: Path, environ: Mapping[str, str], text: str) -> Ran:
    (folder / "rtcctl-reports").mkdir(parents=True, exist_ok=True)
    (folder / "rtcctl-reports" / "plan.md").write_text(text, encoding="utf-8")
    return bash(f"python3 {CI}/comment.py", folder, environ)


def bodies(forge: Served) -> list[str]:
    return [str(each["body"]) for each in forge.comments]


def test_one_comment_for_each_project_is_kept_up_to_date(tmp_path: Path, forge: Served, hub: dict[str, str]):
    forge.add("Looks good to me.")
    for text in (f"one\n{MARK}\n", f"office\n{OTHER}\n", f"two “ü”\n{MARK}\n"):
        assert comment(tmp_path, hub, text).code == 0
    assert bodies(forge) == ["Looks good to me.", f"two “ü”\n{MARK}\n", f"office\n{OTHER}\n"]


def test_a_report_without_a_project_takes_the_only_ones_place_and_gives_it_back(
    tmp_path: Path, forge: Served, hub: dict[str, str]
):
    for text in (f"one\n{MARK}", f"broken\n{NAMELESS}", f"mended\n{MARK}"):
        assert comment(tmp_path, hub, text).code == 0
        assert bodies(forge) == [text]


def test_a_report_without_a_project_beside_several_projects_has_a_place_of_its_own(
    tmp_path: Path, forge: Served, hub: dict[str, str]
):
    texts = [f"one\n{MARK}", f"two\n{OTHER}", f"broken\n{NAMELESS}"]
    for text in texts:
        assert comment(tmp_path, hub, text).code == 0
    assert comment(tmp_path, hub, f"still\n{NAMELESS}").code == 0
    assert bodies(forge) == [*texts[:2], f"still\n{NAMELESS}"]


def test_the_comment_is_found_behind_many_others(tmp_path: Path, forge: Served, hub: dict[str, str]):
    for number in range(250):
        forge.add(f"{number}")
    forge.add(f"old\n{MARK}")
    assert comment(tmp_path, hub, f"new\n{MARK}").code == 0
    assert bodies(forge)[250:] == [f"new\n{MARK}"]


def test_a_marker_in_a_strangers_comment_or_amid_a_text_is_no_comment_of_ours(
    tmp_path: Path, forge: Served, hub: dict[str, str]
):
    stranger = {"user": {"type": "User"}, "author_association": "NONE", "author": {"id": 8}}
    forge.add(f"mine\n{MARK}", **stranger)
    forge.add(f"{MARK}\nquoted")
    assert comment(tmp_path, hub, f"new\n{MARK}").code == 0
    assert bodies(forge) == [f"mine\n{MARK}", f"{MARK}\nquoted", f"new\n{MARK}"]


def test_a_token_of_somebody_of_the_repository_may_write_the_comment_too(tmp_path: Path, forge: Served):
    member = {"user": {"type": "User"}, "author_association": "MEMBER"}
    forge.add(f"old\n{MARK}", **member)
    assert comment(tmp_path, {**forge.github, **REQUEST}, f"new\n{MARK}").code == 0
    assert bodies(forge) == [f"new\n{MARK}"]


def test_a_text_without_a_marker_is_not_posted(tmp_path: Path, forge: Served, hub: dict[str, str]):
    ran = comment(tmp_path, hub, "nothing\n")
    assert (ran.code, bodies(forge)) == (1, [])
    assert "the report ends with no marker" in ran.log


def test_without_a_report_it_says_so(tmp_path: Path, hub: dict[str, str]):
    ran = bash(f"python3 {CI}/comment.py", tmp_path, hub)
    assert (ran.code, ran.log) == (1, "error: rtcctl-reports/plan.md is not there: was the plan made?\n")


@pytest.mark.parametrize("missing", ["GITHUB_REPOSITORY", "GH_TOKEN", "RTCCTL_CI_NUMBER"])
def test_a_missing_setting_is_named(tmp_path: Path, forge: Served, missing: str):
    environ = {**forge.github, **REQUEST}
    del environ[missing]
    ran = comment(tmp_path, environ, MARK)
    assert (ran.code, ran.log) == (1, f"error: {missing} is not set\n")


@pytest.mark.parametrize("token", ["", "\n", None])
def test_gitlab_without_a_token_has_no_comment_and_is_told_so(tmp_path: Path, forge: Served, token: str | None):
    environ = {**forge.gitlab, **REQUEST, "RTCCTL_GITLAB_TOKEN": token or ""}
    if token is None:
        del environ["RTCCTL_GITLAB_TOKEN"]
    ran = comment(tmp_path, environ, MARK)
    assert (ran.code, bodies(forge)) == (0, [])
    assert ran.log.startswith("no comment: RTCCTL_GITLAB_TOKEN is empty here")
    assert ran.log.count("\n") == 1


def with_token(environ: Mapping[str, str], token: str) -> dict[str, str]:
    return {**environ, **{name: token for name in ("GH_TOKEN", "RTCCTL_GITLAB_TOKEN") if name in environ}}


def test_blanks_and_line_breaks_around_a_token_do_no_harm(tmp_path: Path, forge: Served, hub: dict[str, str]):
    assert comment(tmp_path, with_token(hub, f" {TOKEN}\n"), f"x\n{MARK}").code == 0
    assert bodies(forge) == [f"x\n{MARK}"]


@pytest.mark.parametrize("token", ["fake-tok\nx", "fake-tok\tx", "fake-tökx"])
def test_a_token_that_can_not_be_sent_is_told_without_it(tmp_path: Path, hub: dict[str, str], token: str):
    ran = comment(tmp_path, with_token(hub, token), MARK)
    assert ran.code == 1
    assert "is no token: it must be one line of printable ASCII" in ran.log
    assert "fake" not in ran.log
    assert ran.log.count("\n") == 1


@pytest.mark.parametrize("number", ["abc", "5/../6", "²", "-5"])
def test_a_number_that_is_none_is_told(tmp_path: Path, hub: dict[str, str], number: str):
    ran = comment(tmp_path, {**hub, "RTCCTL_CI_NUMBER": number, "CI_MERGE_REQUEST_IID": number}, MARK)
    assert ran.code == 1
    assert ran.log in (f"error: {name} is not a number\n" for name in REQUEST)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Reply(200, b"<html>"), "the answer is no JSON"),
        (Reply(200, b"\xff"), "the answer is no JSON"),
        (Reply(200, b"[1]"), "an answer or a file is not as it should be"),
        (Reply(200, b'{"message": "moved"}'), "an answer or a file is not as it should be"),
        (Reply(200, b"null"), "an answer or a file is not as it should be"),
        (Reply(200, b"[]", {"Content-Length": "100"}), "the answer is broken (IncompleteRead)"),
    ],
)
def test_an_answer_that_is_none_of_a_forge_is_one_line(tmp_path: Path, hub: dict[str, str], answer: Reply, says: str):
    with Loopback(lambda heard: answer) as server:
        names = ("GITHUB_API_URL", "CI_API_V4_URL")
        ran = comment(tmp_path, {**hub, **{name: server.url for name in names if name in hub}}, MARK)
    assert ran.code == 1
    assert says in ran.log
    assert ran.log.count("\n") == 1
    assert TOKEN not in ran.log


@pytest.mark.parametrize("url", ["nowhere", "http://[", "http://127.0.0.1:port", "http://a b"])
def test_an_api_that_has_no_url_is_one_line(tmp_path: Path, hub: dict[str, str], url: str):
    names = ("GITHUB_API_URL", "CI_API_V4_URL")
    ran = comment(tmp_path, {**hub, **{name: url for name in names if name in hub}}, MARK)
    assert (ran.code, ran.log.count("\n")) == (1, 1)
    assert TOKEN not in ran.log


def test_a_report_that_is_no_text_is_one_line(tmp_path: Path, hub: dict[str, str]):
    (tmp_path / "rtcctl-reports").mkdir()
    (tmp_path / "rtcctl-reports" / "plan.md").write_bytes(b"\xff")
    ran = bash(f"python3 {CI}/comment.py", tmp_path, hub)
    assert (ran.code, ran.log.count("\n")) == (1, 1)
    assert "UnicodeDecodeError" in ran.log


def test_a_refusal_is_one_line_without_the_token(tmp_path: Path, forge: Served, hub: dict[str, str]):
    forge.refuse = 403
    ran = comment(tmp_path, hub, MARK)
    assert ran.code == 1
    assert ran.log.count("\n") == 1
    assert "403; may the token do this?" in ran.log
    assert TOKEN not in ran.log


def test_a_forge_that_is_not_there_is_one_line(tmp_path: Path, forge: Served, hub: dict[str, str]):
    names = ("GITHUB_API_URL", "CI_API_V4_URL")
    ran = comment(tmp_path, {**hub, **{name: "http://127.0.0.1:1" for name in names if name in hub}}, MARK)
    assert ran.code == 1
    assert ran.log.startswith("error: GET /")
    assert ran.log.count("\n") == 1


HEAD = {"RTCCTL_CI_HEAD": "h1"}


def fetch(folder: Path, environ: Mapping[str, str]) -> Ran:
    return bash(f"python3 {CI}/fetch.py", folder, environ)


def test_the_newest_artifact_of_the_commit_is_taken_and_readable_by_its_owner_alone(tmp_path: Path, forge: Served):
    for content in (b"older", b"newer"):
        forge.upload("rtcctl-plan", "h1", {"rtcctl-plan.json": content})
    forge.upload("rtcctl-plan", "h2", {"rtcctl-plan.json": b"of another commit"})
    forge.upload("other", "h1", {"rtcctl-plan.json": b"of another name"})
    ran = fetch(tmp_path, {**forge.github, **HEAD})
    assert (ran.code, ran.log) == (0, "fetched rtcctl-plan.json\n")
    plan = tmp_path / "rtcctl-plan.json"
    assert plan.read_bytes() == b"newer"
    assert plan.stat().st_mode & 0o777 == 0o600


def test_the_token_does_not_follow_to_where_artifacts_are_stored(tmp_path: Path, forge: Served):
    forge.upload("rtcctl-plan", "h1", {"rtcctl-plan.json": b"{}"})
    assert fetch(tmp_path, {**forge.github, **HEAD}).code == 0
    assert forge.stored_with
    assert "authorization" not in forge.stored_with


@pytest.mark.parametrize("more", [{"fork": 2}, {"expired": True}])
def test_artifacts_of_forks_and_expired_ones_are_not_taken(tmp_path: Path, forge: Served, more):
    forge.upload("rtcctl-plan", "h1", {"rtcctl-plan.json": b"{}"}, **more)
    ran = fetch(tmp_path, {**forge.github, **HEAD})
    assert (ran.code, ran.log) == (1, "error: no plan was made for h1, or it expired: plan and approve again\n")


@pytest.mark.parametrize("content", [b"<html>", b""])
def test_an_artifact_that_is_no_archive_is_refused(tmp_path: Path, forge: Served, content: bytes):
    forge.upload("rtcctl-plan", "h1", {})
    forge.contents[1] = content
    ran = fetch(tmp_path, {**forge.github, **HEAD})
    says = "error: the artifact is no ZIP archive that can be read: plan and approve again\n"
    assert (ran.code, ran.log) == (1, says)


def test_a_plan_file_that_can_not_be_written_is_one_line(tmp_path: Path, forge: Served):
    forge.upload("rtcctl-plan", "h1", {"p.json": b"{}"})
    ran = fetch(tmp_path, {**forge.github, **HEAD, "RTCCTL_CI_PLAN": "missing/p.json"})
    assert (ran.code, ran.log) == (1, "error: missing/p.json: No such file or directory\n")


def test_an_artifact_without_the_file_is_refused(tmp_path: Path, forge: Served):
    forge.upload("rtcctl-plan", "h1", {"else.json": b"{}"})
    ran = fetch(tmp_path, {**forge.github, **HEAD})
    assert (ran.code, ran.log) == (1, "error: the artifact holds no rtcctl-plan.json\n")


def test_a_commit_that_came_from_no_merge_request_has_no_plan(tmp_path: Path, forge: Served):
    fork = {"iid": 5, "state": "merged", "source_project_id": 4, "target_project_id": 3}
    forge.merged = [fork, {**fork, "source_project_id": 3, "state": "opened"}]
    ran = fetch(tmp_path, {**forge.gitlab, "CI_COMMIT_SHA": "m"})
    assert (ran.code, ran.log) == (1, "error: m came from no merge request of this project: plan and approve again\n")


def test_a_merge_request_without_a_plan_is_told(tmp_path: Path, forge: Served):
    forge.merged = [{"iid": 5, "state": "merged", "source_project_id": 3, "target_project_id": 3}]
    ran = fetch(tmp_path, {**forge.gitlab, "CI_COMMIT_SHA": "m"})
    assert ran.code == 1
    assert "rtcctl-plan.json: 404" in ran.log


@pytest.mark.parametrize("step", ["plan", "apply", "drift"])
def test_a_step_without_a_manifest_says_so(tmp_path: Path, step: str):
    ran = bash(f"{CI}/{step}.sh", tmp_path, {})
    assert ran.code == 1
    assert "RTCCTL_CI_MANIFEST names no manifest" in ran.log


def test_settings_are_words_and_never_shell(tmp_path: Path):
    evil = "a b$(touch evil)`touch evil`;touch evil.yaml"
    environ = {"RTCCTL_CI_MANIFEST": f"{evil}\n\nsecond", "RTCCTL_CI_ARGS": "--simulator\n--endpoint\n$(touch evil)"}
    ran = bash(f"{CI}/plan.sh", tmp_path, environ)
    assert ran.code == 3
    assert sorted(each.name for each in tmp_path.iterdir()) == ["rtcctl-reports"]
    del environ["RTCCTL_CI_ARGS"]
    ran = bash(f"{CI}/plan.sh", tmp_path, environ)
    assert f"{evil}: error: this can't be read" in ran.log
    assert "second: error: this can't be read" in ran.log


def test_an_old_plan_does_not_outlive_a_plan_that_failed(tmp_path: Path):
    (tmp_path / "rtcctl-plan.json").write_text("{}")
    assert bash(f"{CI}/plan.sh", tmp_path, {"RTCCTL_CI_MANIFEST": "nowhere"}).code == 3
    assert not (tmp_path / "rtcctl-plan.json").exists()
