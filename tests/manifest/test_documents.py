"""Which documents are ours, and addresses that two of them share."""

from __future__ import annotations

import pytest

from tests.manifest.loading import APP, PROJECT, faults, file_faults, load_text

BUCKET = (
    "apiVersion: rtcctl.dev/v1\nkind: BucketAuthorization\nmetadata: {name: a}\nspec: {bucket: b, location: cn-east-2}"
)


def test_kinds_may_share_a_name():
    found = load_text(f"{APP}  state: ACTIVATION\n---\n{BUCKET}\n---\n{PROJECT}")
    assert [str(address) for address in found.resources] == ["App/a", "BucketAuthorization/a"]


def test_labels_and_annotations_are_for_other_tools():
    text = APP.replace("{name: a}", "{name: a, labels: {team: x}, annotations: {a.example/b: c}}")
    assert load_text(text + "  state: ACTIVATION\n").resources
    (problem,) = faults(text.replace("team: x", "team: 1") + "  state: ACTIVATION\n")
    assert "team must be text" in problem.message


@pytest.mark.parametrize("text", ["- a\n", "text\n", "12\n"])
def test_a_document_is_a_mapping(text):
    (problem,) = faults(text)
    assert "a document is a mapping" in problem.message


@pytest.mark.parametrize(
    ("head", "said", "mend"),
    [
        ("kind: App", ["the document has no apiVersion"], "add 'apiVersion: rtcctl.dev/v1'"),
        ("apiVersion: rtcctl.dev/v1", ["the document has no kind"], "add 'kind: ...'"),
        ("apiVersion: rtcctl.dev/v2\nkind: App", ["apiVersion 'rtcctl.dev/v2' is not known"], "write 'apiVersion"),
        ("apiVersion: 1\nkind: App", ["apiVersion is no text"], "write 'apiVersion"),
        ("apiVersion: rtcctl.dev/v1\nkind: app", ["kind 'app' is not known"], "did you mean 'App'?"),
        ("apiVersion: rtcctl.dev/v1\nkind: Projct", ["kind 'Projct' is not known"], "did you mean 'Project'?"),
        ("apiVersion: rtcctl.dev/v1\nkind: [App]", ["kind is no text"], "one of: Bucket"),
        ("apiVersion: rtcctl.dev/v1\nkind: Deployment", ["kind 'Deployment' is not known"], "one of: Bucket"),
        (
            "apiVersion: rtcctl.dev/v1\nkind: MixStreamJobs",
            ["kind 'MixStreamJobs' is not known"],
            "declare a MixStreamJob under spec.mix_stream_jobs of its App",
        ),
        (
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization",
            ["apiVersion 'kustomize.config.k8s.io/v1beta1' is not known"],
            "render it first",
        ),
    ],
)
def test_documents_that_are_not_ours(head, said, mend):
    problems = faults(f"{head}\nmetadata: {{name: a}}\n")
    assert problems[0].message.endswith(said[0])
    assert len(problems) == len(said)
    assert mend in problems[0].mend


def test_an_address_is_declared_once(tmp_path):
    (tmp_path / "1.yaml").write_text(APP + "  app_name: one\n")
    (tmp_path / "2.yaml").write_text(APP + "  app_name: two\n")
    (problem,) = file_faults(tmp_path, ".")
    assert str(problem.place) == "2.yaml:3:12"
    assert problem.message == "App/a is declared before, at 1.yaml:3:12"


def test_documents_without_a_name_share_nothing():
    problems = faults("\n---\n".join([APP.replace("{name: a}", "{name: 'x y'}") + "  state: ACTIVATION"] * 2))
    assert all("is no name" in problem.message for problem in problems)


def test_there_is_one_project(tmp_path):
    (tmp_path / "1.yaml").write_text(PROJECT)
    (tmp_path / "2.yaml").write_text(PROJECT.replace("name: p", "name: q"))
    (problem,) = file_faults(tmp_path, ".")
    assert problem.message == "there is another Project at 1.yaml:3:12"


def test_a_broken_document_does_not_hide_the_faults_of_others():
    problems = faults(f"{APP}  1: x\n---\n{APP.replace('name: a', 'name: b')}  state: x\n")
    assert len(problems) == 2
