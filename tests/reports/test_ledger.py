"""A ledger as text and as a document: everything is told but what can be told of secrets."""

from __future__ import annotations

from msgspec.structs import replace

from rtcctl.model.ledger import Binding, Entry, Ledger, Pending
from rtcctl.reports import ledger as report
from tests.ledger_documents import check_ledger_document
from tests.state.support import PRINT, address, full_ledger

PATH = ".rtcctl/classroom/default.state.json"
LONG = "x" * 63
APP = "31de0f6e5c89d92ad2325a22cef08b6a"
JOB = "aded41e48134da09a826b69e5ad84ded"


def listed(ledger: Ledger, width: int = 80) -> list[str]:
    return report.list_text(ledger, PATH, width=width).splitlines()


def owning() -> Ledger:
    return replace(full_ledger(), entries={}, pending=())


def test_each_address_is_a_line_sorted_and_aligned():
    entries = {
        address("RecordCallback/a"): Entry({"app_id": APP}, adopted=True),
        address("App/a"): Entry({"app_id": APP}, prevent_destroy=True),
        address("MixStreamJob/a/room1"): Entry({"app_id": APP, "job_id": JOB}, stopped="TENANT_STOP"),
        address("BucketAuthorization/b"): Entry({"bucket": "rec", "location": "cn-north-4"}),
        address("RecordRule/a/r"): Entry(
            {"app_id": APP, "rule_id": "r2"}, deposed=({"rule_id": "r1"}, {"rule_id": "r0"})
        ),
    }
    assert listed(replace(owning(), entries=entries)) == [
        f"App/a                  {APP}  prevent_destroy",
        "BucketAuthorization/b  rec cn-north-4",
        f"MixStreamJob/a/room1   {JOB}  stopped TENANT_STOP",
        f"RecordCallback/a       {APP}  adopted",
        "RecordRule/a/r         r2                                2 deposed",
    ]


def test_pending_operations_come_last_with_their_start():
    started = "2024-01-15T08:30:00+00:00"
    ledger = replace(owning(), pending=(Pending(address("MixStreamJob/a/room1"), "start", started),))
    assert listed(ledger)[0].startswith("The state owns nothing (")
    assert listed(ledger)[1] == f"pending: start MixStreamJob/a/room1, begun {started}"


def test_nothing_owned_is_said_with_the_place():
    assert listed(owning()) == [f"The state owns nothing ({PATH})."]


def test_a_job_of_another_app_than_the_owned_one_says_so():
    job = Entry({"app_id": "a1", "job_id": "j1"})
    alone = replace(owning(), entries={address("MixStreamJob/a/x"): job})
    assert listed(alone) == ["MixStreamJob/a/x  j1  in app a1"]
    with_another = replace(alone, entries={**alone.entries, address("App/a"): Entry({"app_id": "a2"})})
    assert listed(with_another)[1].endswith("j1  in app a1")
    with_its_own = replace(alone, entries={**alone.entries, address("App/a"): Entry({"app_id": "a1"})})
    assert listed(with_its_own)[1].endswith("j1")


def test_no_line_is_wider_than_it_may_be():
    entries = {
        address(f"MixStreamJob/{LONG}/{LONG[1:]}"): Entry(
            {"app_id": APP, "job_id": JOB}, adopted=True, prevent_destroy=True, stopped="EXCEED_MAX_IDLE_TIME"
        ),
        address("MixStreamJob/a-name-of-some-length/recording"): Entry(
            {"app_id": APP, "job_id": JOB}, adopted=True, prevent_destroy=True, stopped="EXCEED_MAX_IDLE_TIME"
        ),
        address("App/a"): Entry({"app_id": APP}),
        address(f"App/{LONG}"): Entry({"app_id": APP}),
        address("BucketAuthorization/b"): Entry({"bucket": "b" * 63, "location": "cn-north-4"}),
    }
    lines = listed(replace(owning(), entries=entries))
    assert [line for line in lines if len(line) > 80 and not line.startswith("MixStreamJob/xxx")] == []
    text = "\n".join(lines)
    assert text.count(JOB) == 2
    assert text.count("stopped") == 2
    assert f"App/{LONG}\n      {APP}\n" in text


def test_everything_of_an_entry_is_shown_in_the_manner_of_a_manifest():
    entry = Entry(
        {"app_id": "a1", "job_id": "j2"},
        {
            "mix_param": {"room_id": "r", "layout_panes": [{"id": 1, "at": {"x": 0.5}}, {}], "flags": ["A", "B"]},
            "mp4_config": {},
        },
        adopted=True,
        deposed=({"app_id": "a1", "job_id": "j1"},),
        stopped="TENANT_STOP",
    )
    where = address("MixStreamJob/a/room1")
    pending = Pending(where, "start", "2024-01-15T08:30:00+00:00")
    ledger = replace(owning(), entries={where: entry}, pending=(pending, Pending(address("App/b"), "create", "then")))
    assert report.entry_text(ledger, where).splitlines() == [
        "MixStreamJob/a/room1",
        '  app_id: "a1"',
        '  job_id: "j2"',
        "  # adopted, stopped TENANT_STOP, 1 deposed",
        "  last_applied:",
        "    mix_param:",
        '      room_id: "r"',
        "      layout_panes:",
        "        - id: 1",
        "          at:",
        "            x: 0.5",
        "        - {}",
        '      flags: ["A", "B"]',
        "    mp4_config: {}",
        "  deposed:",
        '    - app_id: "a1"',
        '      job_id: "j1"',
        "  # pending: start, begun 2024-01-15T08:30:00+00:00",
    ]


def test_what_was_only_begun_has_no_members():
    pending = Pending(address("App/b"), "create", "2024-01-15T08:30:00Z")
    ledger = replace(owning(), pending=(pending,))
    text = report.entry_text(ledger, address("App/b"))
    assert text == "App/b\n  # pending: create, begun 2024-01-15T08:30:00Z"
    document = report.entry_document(ledger, address("App/b"))
    check_ledger_document(document)
    assert (document["owned"], document["ids"]) == (False, {})


def test_an_imported_object_has_nothing_applied():
    ledger = replace(owning(), entries={address("App/a"): Entry({"app_id": "a1"})})
    assert report.entry_text(ledger, address("App/a")).endswith("  last_applied: {}")


def test_of_a_secret_only_its_member_is_told():
    ledger = full_ledger()
    where = address("RecordCallback/a")
    document = report.entry_document(ledger, where)
    text = report.entry_text(ledger, where)
    assert "    auth_key: (secret, fingerprint kept)" in text.splitlines()
    assert document["secrets"] == ["auth_key"]
    everything = "".join(map(str, (text, document, listed(ledger), report.list_document(ledger, PATH))))
    for kept in (PRINT.salt, PRINT.sent, PRINT.read):
        assert kept
        assert kept not in everything


def test_what_a_terminal_would_obey_is_written_out():
    entry = Entry({"app_id": "a\x1b[2J"}, {"app_name": "b\x1b[2J"}, stopped="c\x1b[2J")
    ledger = replace(owning(), entries={address("App/a"): entry})
    assert "\x1b" not in report.entry_text(ledger, address("App/a")) + "".join(listed(ledger))


def test_documents_fit_the_schema():
    ledger = full_ledger()
    document = report.list_document(ledger, PATH)
    check_ledger_document(document)
    assert [each["address"] for each in document["entries"]] == ["App/a", "MixStreamJob/a/room1", "RecordCallback/a"]
    assert document["pending"] == [{"address": "App/b", "verb": "create", "started": "2024-01-15T08:30:00Z"}]
    job = report.entry_document(ledger, address("MixStreamJob/a/room1"))
    check_ledger_document(job)
    assert job["members"] == {"mix_param": {"room_id": "room1", "layout_panes": [{"id": 1, "x": 0.25}]}, "flag": True}
    assert (job["stopped"], job["deposed"]) == ("TENANT_STOP", [{"app_id": "a1", "job_id": "j1"}])


def test_the_binding_is_told():
    document = report.list_document(Ledger(Binding("p", "c", "https://e"), "0" * 32), PATH)
    check_ledger_document(document)
    assert (document["project"], document["account"], document["endpoint"]) == ("p", "c", "https://e")
