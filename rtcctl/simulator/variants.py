"""The points that no public source settles, each with a switch: what the simulator does otherwise when it is on.

Without variants the simulator makes the choices that the notes on the API recommend. A client that is right under every
variant doesn't depend on any of them. `where` names the section of the notes that calls the point unconfirmed.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable


class Variant(Struct, frozen=True):
    """What a switch does, and which section of the notes leaves it open."""

    what: str
    where: str


VARIANTS = {
    "apig-prefix": Variant("gateway errors are spelt APIG.NNNN instead of APIGW.NNNN", "3"),
    "app-delete-takes-rules": Variant("DeleteApp deletes the rules of the app instead of refusing", "10"),
    "callback-404": Variant("GET record-callback is 404 before a callback was set", "7"),
    "callback-empty": Variant("before one was set, a callback is shown with an empty url", "7"),
    "callback-null": Variant("before one was set, a callback is shown as null", "7"),
    "content-type-mandatory": Variant("app-scoped calls without Content-Type are refused with RTC.00001005", "1"),
    "count-ignores-filter": Variant("ListApps counts every app, whatever its state filter", "5"),
    "delete-app-needs-disable": Variant("DeleteApp refuses an enabled app with RTC.00001003", "10"),
    "deleted-listed": Variant("a deleted app stays listed and readable with state DELETED", "6"),
    "float-numbers": Variant("whole numbers come back as 7200.0", "7"),
    "fresh-app-without-mode": Variant("an app has no auto_record_mode until one was set", "8"),
    "fresh-rule-id": Variant("a POST that replaces a rule gives it a new rule_id and create_time", "6"),
    "idle-time-fixed": Variant("UpdateMixJob refuses a max_idle_time other than the created one", "9"),
    "jobs-block-app-delete": Variant("DeleteApp refuses while jobs are not over, with RTC.00001006", "10"),
    "layout-reset": Variant("layout members that UpdateMixJob leaves out are dropped instead of kept", "9"),
    "list-lag": Variant("ListApps and ListRecordRules miss a write for 2 seconds or 2 listings", "14"),
    "listing-without-settings": Variant("ListApps leaves out callbacks and auto_record_mode", "4"),
    "masked-keys": Variant("auth_key and app_key are masked on reads", "7"),
    "name-reserved": Variant("the name of a deleted app is not free for 60 seconds", "6"),
    "newest-first": Variant("lists are ordered from the newest to the oldest", "5"),
    "off-keeps-rule": Variant("AUTO_RECORD_OFF keeps the stored record_rule_id", "8"),
    "offset-is-record": Variant("offset counts records instead of pages", "5"),
    "omitted-key-kept": Variant("PUT record-callback without auth_key keeps the stored key", "10"),
    "prefix-as-documented": Variant("the default record_prefix is that of the field tables", "7"),
    "rule-free-after-job-only": Variant("only jobs make a rule one in use, automatic recording does not", "10"),
    "rule-in-use-code": Variant("a rule in use is refused with RTC.00001013 instead of RTC.00001003", "10"),
    "star-templates": Variant("encode_template comes back as 1920*1080_... whichever separator was sent", "12"),
    "state-not-idempotent": Variant("enabling an enabled app or disabling a disabled one is 400", "14"),
    "stopped-jobs-vanish": Variant("a job is 404 from 60 seconds after its end", "9"),
    "text-numbers": Variant('whole numbers come back as text, "7200"', "7"),
    "token-only-for-buckets": Variant("the rtc-ops operations refuse AK/SK signatures with 401", "2.2"),
    "unauthorized-ignored": Variant("a job that may not write to its bucket runs on without files", "10"),
    "unknown-bucket-empty": Variant("a bucket that nobody named lists as empty instead of 404", "14"),
    "unknown-members-refused": Variant("request members that the API doesn't know are refused", "14"),
    "unknown-rule-404": Variant("a reference to an unknown record_rule_id is 404 instead of 400", "9"),
    "unrequested-config-absent": Variant("a rule has no config of a format that it doesn't record", "7"),
}

# Of each group at most one can be on.
EXCLUSIVE = (("callback-404", "callback-empty", "callback-null"), ("float-numbers", "text-numbers"))

LAG_SECONDS = 2
LAG_LISTINGS = 2
RESERVED_SECONDS = 60
VANISH_SECONDS = 60


def checked(names: Iterable[str]) -> frozenset[str]:
    """The names as a set; ValueError says which is unknown, or which exclude each other."""
    chosen = frozenset(names)
    for name in sorted(chosen):
        if name not in VARIANTS:
            raise ValueError(f"no variant is called {name!r}{_near(name)}")
    for group in EXCLUSIVE:
        both = sorted(chosen.intersection(group))
        if len(both) > 1:
            raise ValueError(f"the variants {' and '.join(both)} exclude each other")
    return chosen


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, VARIANTS, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
