"""The Project document: backend, account, limits."""

from __future__ import annotations

import pytest

from rtcctl.model.resource import Account, Project
from tests.manifest.loading import APP, PROJECT, faults, load_text

ONE = PROJECT + "spec:\n  accounts:\n    edu: {credentials: env:EDU}\n"
TWO = ONE + "    med: {credentials: env:MED_1}\n"
DEFAULT = ONE + "    default: {credentials: env:MAIN}\n"


def app(name: str, account: str = "") -> str:
    return (
        f"---\n{APP.replace('name: a', f'name: {name}')}  {f'account: {account}' if account else 'state: ACTIVATION'}\n"
    )


def test_without_a_document_there_are_defaults():
    assert load_text(app("a")).project == Project("default", ".rtcctl", 3, Account(), 20)
    assert load_text(PROJECT).project == Project("p")


def test_settings():
    text = PROJECT + "spec: {backend: ./state/, safety: {max_deletes: 7}}\n"
    assert load_text(text).project == Project("p", "./state/", 7, written_backend="./state/")


def test_a_backend_from_a_variable():
    text = PROJECT + "spec:\n  backend: ${env:WHERE}\n"
    assert load_text(text, {"WHERE": "/var/state"}).project.backend == "/var/state"


@pytest.mark.parametrize(
    ("backend", "place"),
    [
        ("s3://bucket/prefix", "s3://bucket/prefix"),
        ("POSTGRESQL://db/x", "POSTGRESQL://db/x"),
        ("${env:URL}", "postgresql://u:GEHEIM@db/x"),
        ("postgresql://u:${env:PW}@db/x", "postgresql://u:GEHEIM@db/x"),
        ("postgresql://db/x?password=${env:PW}", "postgresql://db/x?password=GEHEIM"),
    ],
)
def test_object_storage_and_postgresql_may_be_named_and_are_not_shown(backend, place):
    environ = {"URL": "postgresql://u:GEHEIM@db/x", "PW": "GEHEIM"}
    project = load_text(f"{PROJECT}spec:\n  backend: {backend}\n", environ).project
    assert project.backend == place
    assert place not in repr(project)


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("https://db/x", "a backend at 'https://' is not known"),
        ("${env:OTHER}", "a backend at 'mysql://' is not known"),
        ("postgresql://u:GEHEIM@db/x", "backend holds a password"),
        ("postgresql://u:${env:PW}GEHEIM@db/x", "backend holds a password"),
        ("postgresql://u:${env:PW:-GEHEIM}@db/x", "backend holds a password"),
        ("postgresql://db/x?user=u&PASSWORD=GEHEIM", "backend holds a password"),
        ("host=db password=GEHEIM", "backend holds a password"),
        ('""', "backend is empty"),
        ("[a]", "backend must be text, not a list"),
    ],
)
def test_backends_that_can_not_be_used(backend, said):
    (problem,) = faults(f"{PROJECT}spec:\n  backend: {backend}\n", {"OTHER": "mysql://u:GEHEIM@db/x", "PW": "GEHEIM"})
    assert problem.message.endswith(said)
    assert "GEHEIM" not in str(problem)


@pytest.mark.parametrize(
    ("text", "account"),
    [
        (app("a"), Account()),
        (app("a", "default"), Account()),
        (ONE, Account("edu", "EDU")),
        (ONE + app("a"), Account("edu", "EDU")),
        (TWO, Account()),
        (TWO + app("a", "med") + app("b", "med"), Account("med", "MED_1")),
        (DEFAULT + app("a"), Account("default", "MAIN")),
        (DEFAULT + app("a", "edu"), Account("edu", "EDU")),
    ],
)
def test_the_account(text, account):
    assert load_text(text).project.account == account


@pytest.mark.parametrize(
    ("text", "said", "mend"),
    [
        (app("a", "edu"), "account 'edu' is not declared", "declare it under spec.accounts of the Project"),
        (ONE + app("a", "edo"), "account 'edo' is not declared", "did you mean 'edu'?"),
        (ONE + app("a", "default"), "account 'default' is not declared", "one of: edu"),
        (TWO + app("a"), "App/a names none of the accounts", "add 'account: ...' to spec, one of: edu, med"),
        (DEFAULT + app("a") + app("b", "edu"), "accounts 'default' and 'edu' are both in use", "keep one set of files"),
    ],
)
def test_accounts_that_do_not_fit(text, said, mend):
    (problem,) = faults(text)
    assert said in problem.message
    assert mend in problem.mend


def test_accounts_that_can_not_be_read_say_nothing_about_apps():
    problems = faults(PROJECT + "spec: {accounts: edu}\n" + app("a", "edu"))
    assert [problem.message.partition(": ")[2] for problem in problems] == ["accounts must be a mapping, not text"]


def test_a_set_that_was_not_read_whole_says_nothing_about_accounts():
    problems = faults(app("a", "edu") + "---\nkind: [\n")
    assert len(problems) == 1
