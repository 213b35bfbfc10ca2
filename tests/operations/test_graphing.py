"""The graph of a manifest is the order in which the planner builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtcctl import manifest
from rtcctl.model.graph import Graph
from rtcctl.model.resource import Desired
from rtcctl.operations.graphing import graph

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec:\n"
RULE = (
    "  record_rules:\n    - name: r\n      obs_addr: {bucket: b, location: cn-north-4, project_id: p}\n"
    "      record_formats: [MP4]\n      mp4_config: {}\n"
)


def read(text: str) -> Desired:
    return manifest.load(("-",), stdin=text.encode, environ={}, cwd=Path())


def edges(found: Graph) -> set[tuple[str, str]]:
    return {(str(edge.first), str(edge.then)) for edge in found.edges}


def test_example_2():
    found = graph(manifest.load(("mixed-recording.yaml",), stdin=bytes, environ={}, cwd=EXAMPLES))
    assert [str(node.address) for node in found.nodes] == [
        "BucketAuthorization/recordings",
        "App/rtctest",
        "RecordRule/rtctest/default",
        "RecordCallback/rtctest",
        "MixStreamJob/rtctest/room001",
    ]
    assert edges(found) == {
        ("BucketAuthorization/recordings", "RecordRule/rtctest/default"),
        ("App/rtctest", "RecordRule/rtctest/default"),
        ("App/rtctest", "RecordCallback/rtctest"),
        ("RecordRule/rtctest/default", "MixStreamJob/rtctest/room001"),
        ("RecordCallback/rtctest", "MixStreamJob/rtctest/room001"),
    }


def test_an_app_that_is_disabled_last_makes_no_cycle():
    found = graph(read(f"{HEAD}  state: DEACTIVATION\n{RULE}"))
    assert edges(found) == {("App/a", "RecordRule/a/r")}


def test_a_move_changes_nothing():
    assert edges(graph(read(f"{HEAD}  moved_from: z\n{RULE}"))) == {("App/a", "RecordRule/a/r")}


def test_more_apps_than_the_quota_are_drawn_all_the_same():
    documents = [f"apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {{name: a{i}}}\nspec: {{}}\n" for i in range(25)]
    found = graph(read("---\n".join(documents)))
    assert (len(found.nodes), found.edges) == (25, ())


@pytest.mark.parametrize(
    ("spec", "detail"),
    [("  app_name: other\n", "other"), ("  app_name: a\n", ""), ("  state: ACTIVATION\n", "")],
)
def test_a_detail_says_only_what_the_name_does_not(spec, detail):
    assert graph(read(HEAD + spec)).nodes[0].detail == detail


def test_a_manifest_of_settings_alone_is_an_empty_graph():
    found = graph(read("apiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: p}\n"))
    assert found == Graph((), ())
