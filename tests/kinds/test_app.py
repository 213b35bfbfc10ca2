"""App: reading, the order of enabling and disabling, deletion."""

from __future__ import annotations

import pytest

from rtcctl.kinds import KINDS
from rtcctl.model.remote import RemoteObject

APP = KINDS["App"]
IDS = {"app_id": "1"}


@pytest.mark.parametrize("state", [{"state": "ACTIVATION", "update_time": "x"}, "ACTIVATION"])
def test_the_state_is_an_object_or_a_text(state):
    remote = APP.parse({"app_id": "1", "app_name": "a", "state": state, "domain": "d"}, {})
    assert remote == RemoteObject("App", IDS, {"app_name": "a", "state": "ACTIVATION"}, {"state": "ACTIVATION"})


def test_an_app_may_keep_its_state_to_itself():
    assert APP.parse({"app_id": "1", "app_name": "a", "state": None}, {}).status == {}


def test_identity_and_label_are_the_name():
    assert APP.natural_key({"app_name": "a"}) == ("a",)
    assert APP.label(RemoteObject("App", IDS, {"app_name": "a"})) == "a"


@pytest.mark.parametrize(("state", "there"), [("DELETED", False), ("ACTIVATION", True), ("ARREARS", True)])
def test_a_deleted_app_is_not_there(state, there):
    assert APP.exists(RemoteObject("App", IDS, {}, {"state": state})) is there


def test_arrears_are_not_compared():
    remote = RemoteObject("App", IDS, {}, {"state": "ARREARS"})
    assert not APP.compared(("state",), {}, remote)
    assert APP.compared(("app_name",), {}, remote)
    assert APP.compared(("state",), {}, RemoteObject("App", IDS, {}, {"state": "ACTIVATION"}))


@pytest.mark.parametrize("name", ["a", "Room-1_x", "x" * 64, ""])
def test_plain_names_give_no_warning(name):
    assert list(APP.check({"app_name": name})) == []


@pytest.mark.parametrize("name", ["a.b", "größe", "x" * 65, "a b"])
def test_names_that_the_console_refuses_give_a_warning(name):
    (finding,) = APP.check({"app_name": name})
    assert (finding.path, finding.severity) == (("app_name",), "warning")
    assert finding.mend


def test_create_posts_the_name_alone():
    (create,) = APP.create({"app_name": "a", "state": "ACTIVATION"}, IDS)
    assert (create.call.method, create.call.path, create.call.body) == ("POST", "/v2/apps", {"app_name": "a"})
    assert (create.call.expect, create.call.returns) == ((201,), ("app_id",))
    assert create.makes
    assert create.settles == ("app_name", "state")


def test_a_disabled_app_is_created_and_disabled_last():
    create, disable = APP.create({"app_name": "a", "state": "DEACTIVATION"}, IDS)
    assert create.settles == ("app_name",)
    assert (disable.verb, disable.last, disable.call.path) == ("disable", True, "/v2/apps/{app_id}/disable")


@pytest.mark.parametrize(("state", "verb"), [("ACTIVATION", "enable"), ("DEACTIVATION", "disable"), (None, "enable")])
def test_update_switches(state, verb):
    (switch,) = APP.update({"app_name": "a", "state": state}, frozenset({"state"}), IDS)
    assert switch.call.path == f"/v2/apps/{{app_id}}/{verb}"
    assert switch.last == (verb == "disable")


def test_delete_disables_only_after_a_refusal():
    delete, disable, again = APP.delete(IDS, None)
    assert (delete.call.method, delete.call.done_statuses, delete.if_refused) == ("DELETE", (404,), False)
    assert disable.if_refused
    assert again.if_refused
    assert again.call == delete.call
