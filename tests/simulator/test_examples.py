"""Every example body of the OpenAPI file is sent, or comes back, to the member; the examples are read from the file.

Ids and times differ from run to run: they are compared by their form.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from rtcctl.simulator import Options, create_app
from rtcctl.simulator.accounts import account_named
from rtcctl.simulator.validation import openapi

from .driver import Clock, Driver, Json, join, leave, resolved, send, token_request

ID = re.compile(r"[0-9a-f]{16,32}")
TIME = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?")


def formed(value: Any) -> Any:
    """The value with its ids and times as placeholders; those of a callback or project that was sent stay."""
    if isinstance(value, dict):
        return {
            name: member if name in ("auth_key", "project_id") else formed(member) for name, member in value.items()
        }
    if isinstance(value, list):
        return [formed(item) for item in value]
    if not isinstance(value, str) or value.startswith("0001-"):
        return value
    fractions = [len(match[1] or "") for match in TIME.finditer(value)]
    return TIME.sub(f"TIME{fractions}", ID.sub("ID", value))


def operations() -> dict[str, Json]:
    return {
        operation["operationId"]: operation
        for item in openapi()["paths"].values()
        for method, operation in item.items()
        if method in ("get", "put", "post", "delete") and not operation.get("deprecated")
    }


def examples_of_requests() -> dict[tuple[str, str], Any]:
    return {
        (name, example): value["value"]
        for name, operation in operations().items()
        for example, value in operation.get("requestBody", {})
        .get("content", {}).get("application/json", {}).get("examples", {}).items()
    }  # fmt: skip


def examples_of_answers() -> dict[tuple[str, str, str], Any]:
    return {
        (name, status, example): value["value"]
        for name, operation in operations().items()
        for status, response in operation["responses"].items()
        for example, value in resolved(response)
        .get("content", {}).get("application/json", {}).get("examples", {}).items()
    }  # fmt: skip


REQUESTS = examples_of_requests()
ANSWERS = examples_of_answers()


class Scene:
    """An account `acme` with what the examples speak of."""

    def __init__(self, sim: Driver) -> None:
        self.sim = sim
        sim.authorize("acme-recordings")
        self.app = sim.new_app("classroom-prod")
        self.rule = sim.new_rule(self.app, REQUESTS["CreateRecordRule", "mp4"])

    def send(self, name: str, body: Any) -> Any:
        """Do an operation; its answer."""
        path, method = next(
            (path, method)
            for path, item in openapi()["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict) and operation.get("operationId") == name
        )
        path = path.replace("{app_id}", self.app[9:]).replace("{rule_id}", self.rule).replace("{room_id}", "room001")
        if "{job_id}" in path:
            path = path.replace("{job_id}", self.job(name))
        answer = self.sim.send(method.upper(), path, with_rule(body, self.rule))
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def job(self, name: str) -> str:
        """A running job of the kind that the operation is about, with a free layout."""
        if "Mix" in name:
            job = self.send("CreateMixJob", REQUESTS["CreateMixJob", "custom"])["job_id"]
        else:
            job = self.send("CreateIndividualStreamJob", REQUESTS["CreateIndividualStreamJob", "camera"])["job_id"]
        self.sim.clock.advance(1)
        return str(job)


def with_rule(value: Any, rule_id: str) -> Any:
    """The body with the rule that there is."""
    if isinstance(value, dict):
        return {name: rule_id if name == "record_rule_id" else with_rule(each, rule_id) for name, each in value.items()}
    return value


@pytest.fixture
def scene(clock: Clock) -> Scene:
    acme = account_named("acme")
    app = create_app(options=Options(now=clock, accounts=(acme, account_named("simulator"))))
    body = token_request(name="acme", password="acme", domain="acme")
    sim = Driver.__new__(Driver)
    sim.app, sim.clock = app, clock
    sim.headers = {"X-Auth-Token": send(app, "POST", "/v3/auth/tokens", json=body).headers["X-Subject-Token"]}
    return Scene(sim)


@pytest.mark.parametrize(("name", "example"), [each for each in REQUESTS if "Token" not in each[0]])
def test_request_is_taken_and_its_members_come_back(scene: Scene, name: str, example: str) -> None:
    body = with_rule(REQUESTS[name, example], scene.rule)
    if name == "CreateApp":
        scene.sim.done("DELETE", f"{scene.app}/record-rules/{scene.rule}", status=204)
        scene.sim.done("DELETE", scene.app, status=204)
    if name == "RemoveUsers":
        for user in body["user_ids"]:
            join(scene.sim, scene.app, user)
    answer = scene.send(name, body)
    if name not in ("CreateApp", "RemoveUsers", "UpdateObsBucketAuthority"):
        assert contains(answer, body), answer


def contains(answer: Any, sent: Any) -> bool:
    """Whether every member that was sent is in the answer, there or in the object that an answer wraps it in."""
    if isinstance(sent, dict) and isinstance(answer, dict):
        inner = [value for value in answer.values() if isinstance(value, dict)]
        return all(name in answer and contains(answer[name], value) for name, value in sent.items()) or any(
            contains(value, sent) for value in inner
        )
    if isinstance(sent, list) and isinstance(answer, list):
        return len(sent) == len(answer) and all(map(contains, answer, sent))
    return bool(answer == sent)


def test_token_request_of_the_file_is_answered(clock: Clock) -> None:
    account = account_named("account-name", user="iam-user", password="secret")
    app = create_app(options=Options(now=clock, accounts=(account,)))
    body = REQUESTS["KeystoneCreateUserTokenByPassword", "domainScope"]
    assert send(app, "POST", "/v3/auth/tokens", json=body).status_code == 201


def answer_of(scene: Scene, name: str, example: str) -> Any:
    sim, app = scene.sim, scene.app
    wanted = ANSWERS[next(each for each in ANSWERS if each[0] == name and each[2] == example)]
    if name == "CreateApp":
        return sim.done("POST", "/v2/apps", {"app_name": "another"}, 201)
    if name == "ShowApp":
        sim.done("PUT", app + "/record-callback", REQUESTS["UpdateRecordCallback", "signed"])
        return sim.done("GET", app)
    if name in ("StartApp", "StopApp"):
        path = "/enable" if example == "enabled" else "/disable"
        return sim.done("POST", app + path)  # both examples stand under both operations
    if name == "CreateRecordRule":
        sim.done("DELETE", f"{app}/record-rules/{scene.rule}", status=204)
        config = wanted["mp4_config"] if example == "asInApiReference" else {}
        body = {"obs_addr": wanted["obs_addr"], "record_formats": ["MP4"], "mp4_config": config}
        return sim.done("POST", app + "/record-rules", body, 201)
    if name in ("ShowAutoRecord", "UpdateAutoRecord"):
        return scene.send("UpdateAutoRecord", REQUESTS["UpdateAutoRecord", "enable"])
    if name in ("ShowRecordCallback", "UpdateRecordCallback"):
        callback = wanted["record_callback"]
        return scene.send("UpdateRecordCallback", {name: callback[name] for name in ("url", "auth_key")})
    if name == "CreateMixJob":
        return scene.send(name, {each: wanted[each] for each in ("mix_param", "record_param")})
    if name == "CreateIndividualStreamJob":
        return scene.send(name, REQUESTS[name, "camera"])
    scene.send("UpdateObsBucketAuthority", REQUESTS["UpdateObsBucketAuthority", "grant"])
    if name == "ListObsBuckets":
        return sim.done("GET", "/v2/rtc-ops/buckets")
    scene.job("Mix")
    join(sim, app, "user1")
    sim.clock.advance(100)
    leave(sim, app, "user1")
    query = "bucket=acme-recordings&type=folders&location=cn-north-4"
    return sim.done("GET", f"/v2/rtc-ops/buckets/objects?{query}")


SUCCESSES = [each for each in ANSWERS if each[1].startswith("2")]
# The page's own sample leaves out what the worked example shows, and has its times with a fraction.
SHORTER = {("CreateRecordRule", "asInApiReference"): ("hls_config", "mp4_config.record_prefix")}


@pytest.mark.parametrize(("name", "status", "example"), SUCCESSES)
def test_answer_is_given_to_the_member(scene: Scene, name: str, status: str, example: str) -> None:
    answer, wanted = answer_of(scene, name, example), ANSWERS[name, status, example]
    for path in SHORTER.get((name, example), ()):
        *parents, last = path.split(".")
        holder = answer
        for parent in parents:
            holder = holder[parent]
        del holder[last]
    if (name, example) in SHORTER:
        answer |= {member: wanted[member] for member in ("create_time", "update_time")}
    wanted_form, found_form = formed(wanted), formed(answer)
    subscription = ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"]
    if name == "ShowApp":  # built from the field table, which has two events; the worked example shows three
        found_form["callbacks"]["record_callback"]["notify_event_subscription"] = subscription
        found_form["callbacks"]["record_callback"]["update_time"] = "TIME[4]Z"
    assert found_form == wanted_form


ERRORS = sorted({(status, value["error_code"]) for (_, status, _), value in ANSWERS.items() if "error_code" in value})


@pytest.mark.parametrize(("status", "code"), ERRORS)
def test_errors_have_the_code_and_the_name_of_the_samples(scene: Scene, status: str, code: str) -> None:
    wanted = next(value for (_, each, _), value in ANSWERS.items() if each == status and value["error_code"] == code)
    sim = scene.sim
    if status == "400":
        found = sim.send("GET", "/v2/apps?limit=0")
    elif status == "404":
        found = sim.send("GET", "/v2/apps/x")
    elif status == "500":
        send(sim.app, "PUT", "/_simulator/faults", json={"faults": [{"fault": "status", "status": 500}]})
        found = sim.send("GET", "/v2/apps")
        assert found.json()["error_code"].startswith("RTC.0000200")
        return
    elif code == "APIGW.0301":
        found = sim.send("GET", "/v2/apps", headers={})
    else:
        send(sim.app, "PUT", "/_simulator/throttle", json={})
        found = [sim.send("GET", "/v2/apps") for _ in range(61)][-1]
    assert found.json()["error_code"] == code
    assert found.json()["error_msg"].split(":")[0] == wanted["error_msg"].split(":")[0]


def test_there_are_as_many_examples_as_were_counted() -> None:
    assert (len(REQUESTS), len(SUCCESSES)) == (16, 16)
