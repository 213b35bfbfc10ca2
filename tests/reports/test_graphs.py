"""Graphs in three formats: escaped for each, the same boxes and arrows in all."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from rtcctl.model.address import Address
from rtcctl.model.graph import Edge, Graph, Node
from rtcctl.reports.graphs import FORMATS, dot, mermaid, svg
from rtcctl.reports.graphs.labels import groups, lines
from rtcctl.reports.graphs.placing import place

APP, RULE = Address("App", "a"), Address("RecordRule", "a", "r")
BUCKET, JOB = Address("BucketAuthorization", "b"), Address("MixStreamJob", "a", "j")
HOSTILE = 'x"]; <script>&amp; \\ `#` \x1b[31m \u202e'
GRAPH = Graph(
    (Node(BUCKET, "bucket"), Node(APP, HOSTILE), Node(RULE), Node(JOB, "room")),
    (Edge(BUCKET, RULE), Edge(APP, RULE), Edge(RULE, JOB)),
)
SVG = "{http://www.w3.org/2000/svg}"


def test_mermaid_groups_by_app_and_escapes():
    text = mermaid(GRAPH).splitlines()
    assert text[1] == "flowchart LR"
    assert '  n0["BucketAuthorization<br/>b<br/>bucket"]' in text
    assert '  subgraph g1["a"]' in text
    assert text[-3:] == ["  n0 --> n2", "  n1 --> n2", "  n2 --> n3"]
    label = next(line for line in text if line.strip().startswith("n1["))
    assert label.count('"') == 2
    assert "<script>" not in label
    assert "#quot;" in label


def test_dot_groups_by_app_and_escapes():
    text = dot(GRAPH)
    assert "subgraph cluster_1 {" in text
    assert 'n0 [label="BucketAuthorization\\nb\\nbucket", tooltip="BucketAuthorization/b"];' in text
    assert "n1 -> n2;" in text
    label = next(line for line in text.splitlines() if line.strip().startswith("n1 "))
    assert re.fullmatch(r' *n1 \[label="(?:[^"\\]|\\.)*", tooltip="(?:[^"\\]|\\.)*"\];', label)
    assert text.count("{") == text.count("}")


def test_svg_is_valid_xml_with_title_and_description():
    root = ET.fromstring(svg(GRAPH))
    assert root.find(f"{SVG}title") is not None
    assert root.findtext(f"{SVG}desc") == (
        "4 resources, 3 arrows. An arrow leads from what is built first to what needs it."
    )
    assert root.get("role") == "img"
    assert [group.findtext(f"{SVG}title") for group in root.findall(f"{SVG}g")] == [
        "BucketAuthorization/b",
        "App/a",
        "RecordRule/a/r",
        "MixStreamJob/a/j",
    ]
    assert len([path for path in root.findall(f"{SVG}path") if path.get("class") == "arrow"]) == 3
    shown = "".join(root.itertext())
    assert 'x"]; <script>&amp;' in shown
    assert "\x1b" not in shown


def test_svg_needs_nothing_from_elsewhere():
    text = svg(GRAPH).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "http" not in text
    assert "<script" not in text


def test_boxes_do_not_overlap_and_arrows_go_to_the_right():
    nodes = [Node(Address("App", f"a{i}")) for i in range(7)]
    rules = [Node(Address("RecordRule", f"a{i}", "r" * i), "x" * 60) for i in range(7)]
    placed = place(
        Graph((*nodes, *rules), tuple(Edge(a.address, r.address) for a, r in zip(nodes, rules, strict=True)))
    )
    assert len(placed.boxes) == 14
    for one, other in combinations(placed.boxes, 2):
        apart = one.x + one.width < other.x or other.x + other.width < one.x
        assert apart or one.y + one.height < other.y or other.y + other.height < one.y
    assert all(first.x + first.width < then.x for first, then in placed.arrows)
    assert all(box.x + box.width < placed.width and box.y + box.height < placed.height for box in placed.boxes)


def test_what_needs_the_upper_box_stands_above():
    upper, lower = Node(Address("App", "u")), Node(Address("App", "l"))
    late, early = Node(Address("RecordRule", "l", "r")), Node(Address("RecordRule", "u", "r"))
    edges = (Edge(lower.address, late.address), Edge(upper.address, early.address))
    placed = {box.node: box for box in place(Graph((upper, lower, late, early), edges)).boxes}
    assert placed[early].y < placed[late].y


def test_long_details_are_cut():
    assert lines(Node(APP, "x" * 50)) == ("App", "a", "x" * 39 + "…")


def test_what_hangs_on_an_app_that_is_not_declared_stands_alone():
    assert groups(Graph((Node(RULE),), ())) == (("", (Node(RULE),)),)


@pytest.mark.parametrize("format_", list(FORMATS))
def test_an_empty_graph_is_drawn(format_):
    text = FORMATS[format_](Graph((), ()))
    assert text
    if format_ == "svg":
        assert "0 resources, 0 arrows" in "".join(ET.fromstring(text).itertext())
