"""What moves, what stays, and what is left as it is."""

from __future__ import annotations

import builtins
from textwrap import dedent

import pytest

from rtcctl.errors import UsageError
from rtcctl.fmt import NotSameError, formatted
from rtcctl.fmt.same import check_same, comments
from rtcctl.fmt.spans import documents

HEAD = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata:\n  name: a\n"


def fmt(text: str) -> str:
    """Format, and again: nothing may change the second time."""
    once = formatted(text)
    assert formatted(once) == once
    return once


def spec(text: str) -> str:
    """Format a spec."""
    whole = fmt(HEAD + dedent(text).lstrip("\n"))
    assert whole.startswith(HEAD)
    return whole.removeprefix(HEAD)


def test_members_take_the_order_of_their_declarations():
    assert spec(
        """
        spec:
          lifecycle: {ignore_changes: [], prevent_destroy: true}
          auto_record_mode:
            record_rule: default
            mode: AUTO_RECORD_OFF
          record_rules:
            - record_formats: [MP4]
              mp4_config: {}
              name: default
              moved_from: old
          state: ACTIVATION
          account: edu
          app_name: b
        """
    ) == dedent(
        """\
        spec:
          account: edu
          app_name: b
          state: ACTIVATION
          record_rules:
            - name: default
              moved_from: old
              record_formats: [MP4]
              mp4_config: {}
          auto_record_mode:
            mode: AUTO_RECORD_OFF
            record_rule: default
          lifecycle: {prevent_destroy: true, ignore_changes: []}
        """
    )


def test_the_envelope_comes_first_and_the_head_of_a_file_stays_on_top():
    head = "# yaml-language-server: $schema=x\n\n# an app\n"
    text = "spec: {}\nkind: App\nmetadata: {labels: {b: c, a: d}, name: a}\napiVersion: rtcctl.dev/v1\n"
    assert fmt(head + text) == (
        f"{head}apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {{name: a, labels: {{b: c, a: d}}}}\nspec: {{}}\n"
    )


def test_comments_move_with_the_entry_below_them_and_at_its_end():
    assert spec(
        """
        spec: # all of it
          # off for now
          # really
          lifecycle: # two
            prevent_destroy: true # never
            # deeper: belongs to lifecycle

          # the state
          state: ACTIVATION # on
          # at the end of spec
        # at the end of the document
        """
    ) == dedent(
        """\
        spec: # all of it
          # the state
          state: ACTIVATION # on
          # off for now
          # really
          lifecycle: # two
            prevent_destroy: true # never
            # deeper: belongs to lifecycle
          # at the end of spec
        # at the end of the document
        """
    )


def test_a_comment_above_an_items_new_first_member_goes_above_its_dash():
    assert spec(
        """
        spec:
          record_rules:
          # the first rule
          - record_formats: [MP4]

            # its name
            name: default
          # the second
          - name: other
            # of other
        """
    ) == dedent(
        """\
        spec:
          record_rules:
            # the first rule
            # its name
            - name: default
              record_formats: [MP4]
            # the second
            - name: other
              # of other
        """
    )


def test_indentation_becomes_two_and_texts_keep_theirs():
    text = """
        spec:
            record_callback:
                    url: |-  # where
                        https://a.example

                          /b
                    auth_key: >+
                        one
                        two

            app_name:
                "several
                  lines"
            record_rules:
            -   name: 'x'
                obs_addr: {object: "a/",
                    bucket: b}
                record_formats:
                - HLS # one
                -   MP4
        """
    assert spec(text) == dedent(
        """\
        spec:
          app_name:
              "several
                lines"
          record_rules:
            - name: 'x'
              obs_addr: {bucket: b,
                  object: "a/"}
              record_formats:
                - HLS # one
                - MP4
          record_callback:
            url: |-  # where
                https://a.example

                  /b
            auth_key: >+
                one
                two

        """
    )


def test_unknown_members_come_last_in_their_own_order():
    assert spec("spec:\n  zz: 1\n  aa: 2\n  state: ACTIVATION\n") == "spec:\n  state: ACTIVATION\n  zz: 1\n  aa: 2\n"


def test_quotes_numbers_and_variables_stay_as_they_are():
    text = "spec:\n  app_name: ${env:NAME:-x}\n  state: 'ACTIVATION'\n"
    text += '  a: 0x1F\n  b: 1.50\n  c: ~\n  d:\n  e: "\\u00e9"\n'
    assert spec(text) == text


def test_in_braces_entries_change_places_and_commas_stay():
    text = 'spec: { "zz" : 1 , state: ACTIVATION,app_name : x, mix_stream_jobs: [{restart: Never, name: n}], }\n'
    assert spec(text) == (
        'spec: { app_name : x , state: ACTIVATION,mix_stream_jobs: [{name: n, restart: Never}], "zz" : 1, }\n'
    )


def test_in_braces_with_a_comment_among_them_nothing_moves():
    text = "spec: {zz: 1, # one\n  state: ACTIVATION}\n"
    assert spec(text) == text


def test_a_whole_document_in_braces():
    assert (
        fmt("{spec: {}, kind: App, apiVersion: rtcctl.dev/v1}\n")
        == "{apiVersion: rtcctl.dev/v1, kind: App, spec: {}}\n"
    )


def test_items_in_braces_are_put_in_order_too():
    assert spec("spec:\n  record_rules:\n  - {mp4_config: {}, name: d} # one\n") == (
        "spec:\n  record_rules:\n    - {name: d, mp4_config: {}} # one\n"
    )


def test_every_document_of_a_file_is_put_in_order_and_their_markers_stay():
    one = f"# top\n--- # first\n{HEAD}spec: {{}}\n# end\n...\n# between\n---\n"
    other = "\n---\nkind: X\na: 1\n"
    text = f"{one}kind: Project\napiVersion: rtcctl.dev/v1\n{other}"
    assert fmt(text) == f"{one}apiVersion: rtcctl.dev/v1\nkind: Project\n{other}"


@pytest.mark.parametrize(
    "text",
    [
        "- op: add\n  path: /spec\n  value: 1\n",
        "kind: App\napiVersion: apps/v1\n",
        "kind: Other\napiVersion: rtcctl.dev/v1\n",
        "text\n",
        "",
        "# nothing but a comment\n",
    ],
)
def test_what_is_not_ours_is_not_touched(text):
    assert fmt(text) == text


def test_anchors_and_aliases_move_where_that_keeps_their_meaning():
    text = "spec:\n  zz: *a\n  record_rules: [x]\n  app_name: n\n"
    moved = HEAD.replace("name: a", "name: &a a") + text
    assert fmt(moved).endswith("spec:\n  app_name: n\n  record_rules: [x]\n  zz: *a\n")


def test_a_document_whose_alias_would_come_before_its_anchor_stays_as_it_is():
    text = "spec:\n  lifecycle: &l {prevent_destroy: true}\n  app_name: *l\n"
    assert spec(text) == text


def test_a_document_in_which_the_order_decides_what_an_alias_means_stays_as_it_is():
    text = "spec:\n  zz: &x 1\n  lifecycle: &x 2\n  app_name: *x\n"
    assert spec(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "spec:\n  record_rules:\n    - a\n    -\n      mp4_config: {}\n      name: n\n",
        "spec:\n  ? state\n  : ACTIVATION\n  ? app_name\n  : x\n",
        "spec:\n  record_rules:\n    - - mp4_config: {}\n        name: n\n",
        "spec:\n  record_rules:\n    -\n      mp4_config: {}\n      name: n\n",
        "spec:\n  record_rules:\n    - # here\n      mp4_config: {}\n      name: n\n",
        "spec:\n  record_rules:\n    - &a\n      mp4_config: {}\n      name: n\n",
        "spec:\n  lifecycle:\n    &a\n    prevent_destroy: true\n",
    ],
)
def test_what_lines_can_not_tell_keeps_its_lines(text):
    assert spec(text) == text


def test_items_that_are_empty_or_lists_themselves():
    assert (
        spec("spec:\n  record_rules:\n  -\n  - [a]\n  - - b\n")
        == "spec:\n  record_rules:\n    -\n    - [a]\n    - - b\n"
    )


def test_odd_lines_move_as_a_whole():
    assert spec("spec:\n    zz:\n        ? b\n        : 1\n    state: ACTIVATION\n") == (
        "spec:\n  state: ACTIVATION\n  zz:\n    ? b\n    : 1\n"
    )


def test_a_last_line_without_an_end_gets_one_and_windows_line_ends_stay():
    assert fmt("kind: App\napiVersion: rtcctl.dev/v1") == "apiVersion: rtcctl.dev/v1\nkind: App\n"
    assert fmt("kind: App\r\napiVersion: rtcctl.dev/v1\r\n") == "apiVersion: rtcctl.dev/v1\r\nkind: App\r\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "spec:\n  a: |\n    x",
        HEAD + "spec: {a: 'b\u2028c'}\n",
        HEAD + "spec:\n    a: 'b\n  ---\n    c'\n",
    ],
)
def test_what_would_change_more_than_its_form_is_refused(text):
    with pytest.raises(NotSameError):
        formatted(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n", "a: 2\n"),
        ("a: 1\n", 'a: "1"\n'),
        ("a: 'x'\n", 'a: "x"\n'),
        ("a: x # c\n", "a: x\n"),
        ("a: | # c\n  x\n", "a: |\n  x\n"),
        ("a: {}\n---\nb: {}\n", "a: {}\n"),
        ("a: &x 1\nb: *x\n", "a: 1\nb: 1\n"),
        ("a: {b: 1}\n", "a:\n  b: 1\n"),
        ("a: 1\n", "a: [\n"),
    ],
)
def test_a_difference_in_more_than_arrangement_is_seen(before, after):
    with pytest.raises(NotSameError):
        check_same(before, after)


def test_an_arrangement_that_never_settles_is_refused(monkeypatch):
    monkeypatch.setattr("rtcctl.fmt.arrange._arranged", lambda text: text + "#\n")
    with pytest.raises(NotSameError, match="comes to no end"):
        formatted("a: 1\n")


def test_the_second_reader_has_its_say(monkeypatch):
    text = "a: 1\n"
    monkeypatch.setattr("rtcctl.fmt.same.values", lambda text: 0)
    for name in ("_scalars", "_comments"):
        monkeypatch.setattr(f"rtcctl.fmt.same.{name}", lambda text: 0)
    with pytest.raises(NotSameError):
        check_same(text, "a: 2\n")
    with pytest.raises(NotSameError):
        check_same(text, "a: 1\na: 1\n")


def test_without_ruamel_yaml_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **others):
        if name.startswith("ruamel"):
            raise ImportError(name)
        return real(name, *arguments, **others)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError) as caught:
        formatted("a: 1\n")
    assert caught.value.mend == "pip install 'rtcctl[fmt]'"


def test_comments_are_found_and_signs_in_texts_are_not():
    text = "# one\na: 'x # no' # two\nb: | # three\n  # no\n# four\nc: [1, # five\n  2]\nd: x#no\n# six"
    assert list(comments(text)) == ["# one", "# two", "# three", "# four", "# five", "# six"]


def test_a_document_tells_its_members_and_one_that_is_no_mapping_none():
    assert [document.text_of("kind") for document in documents("kind: App\n---\n- kind\n")] == ["App", ""]
