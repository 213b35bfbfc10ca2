"""Requests and answers as a watcher is told of them: numbered, and without any secret."""

from __future__ import annotations

import json

from rtcctl.api.exchanges import Exchanges, shown_body
from rtcctl.api.preparing import prepare
from rtcctl.model.call import Call
from rtcctl.model.happening import Answered, Happening, Sent
from rtcctl.model.values import Secret

KEY = "fake-callback-key-not-a-real-secret-1"
CALL = Call("PUT", "/v2/apps/{app_id}/record-callback", "callbacks", {"app_id": "a1"}, {"auth_key": Secret(KEY, "x")})


class Seen:
    def __init__(self, *, bodies: bool) -> None:
        self.bodies = bodies
        self.happenings: list[Happening] = []

    def see(self, happening: Happening) -> None:
        self.happenings.append(happening)


def told(content: bytes, *, bodies: bool = True) -> tuple[Sent, Answered]:
    seen, request, headers = Seen(bodies=bodies), prepare(CALL), {"X-Auth-Token": "fake-token-1"}
    exchanges = Exchanges(seen)
    exchanges.secrets = lambda: ("fake-sk-1",)
    number = exchanges.sent(request, headers)
    exchanges.ended(number, request, headers, 0.2, status=200, request_id="r1", content=content)
    sent, answered = seen.happenings
    assert isinstance(sent, Sent)
    assert isinstance(answered, Answered)
    return sent, answered


def test_a_body_is_shown_without_its_secrets() -> None:
    echo = json.dumps({"url": "http://h/", "auth_key": KEY, "note": f"{KEY} fake-token-1 fake-sk-1"}).encode()
    sent, answered = told(echo)
    assert sent.body == '{"auth_key":"(secret)"}'
    assert answered.body == '{"url":"http://h/","auth_key":"(secret)","note":"(secret) (secret) (secret)"}'
    assert (sent.number, answered.number, answered.status, answered.request_id) == (1, 1, 200, "r1")


def test_bodies_stay_out_where_nobody_wants_them() -> None:
    sent, answered = told(b'{"url": "http://h/"}', bodies=False)
    assert (sent.body, answered.body) == ("", "")


def test_members_that_hold_secrets_are_hidden_at_any_depth_whatever_they_hold() -> None:
    body = {
        "authentication": {"app_key": "k", "kind": "x"},
        "list": [{"password": {"user": "u"}}, {"X-Security-Token": ["t"]}],
        "auth_key": "",
        "state": "ACTIVATION",
    }
    shown = json.loads(shown_body(json.dumps(body).encode(), ()))
    assert shown == {
        "authentication": {"app_key": "(secret)", "kind": "x"},
        "list": [{"password": "(secret)"}, {"X-Security-Token": "(secret)"}],
        "auth_key": "",
        "state": "ACTIVATION",
    }


def test_credentials_in_urls_are_hidden() -> None:
    assert shown_body(b'{"url": "https://user:pass@h/x"}', ()) == '{"url":"https://(secret)@h/x"}'


def test_what_is_no_json_is_only_measured() -> None:
    assert shown_body(b"<html>secret</html>", ()) == "(19 bytes that are no JSON)"
    assert shown_body(b"[" * 100_000, ()) == "(100000 bytes that are no JSON)"
    assert shown_body(b"", ()) == ""


def test_a_body_is_one_line_of_limited_length() -> None:
    shown = shown_body(json.dumps({"text": "a\n\x1b[2J" * 5000}).encode(), ())
    assert len(shown) == 4000
    assert shown.isprintable()
