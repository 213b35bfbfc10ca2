"""The Project document: backend, account, limits."""

from __future__ import annotations

import pytest

from rtcctl.errors import UsageError
from rtcctl.model.resource import Account, Project
from tests.manifest.loading import APP, PROJECT, faults, load_text

ONE = PROJECT + "spec:\n  accounts:\n    edu: {credentials: env:EDU}\n"
TWO = ONE + "    med: {credentials: env:MED_1}\n"
EDU = Account("edu", "EDU")
DEFAULT = ONE + "    default: {credentials: env:MAIN}\n"


def app(name: str, account: str = "") -> str:
    return (
        f"---\n{APP.replace('name: a', f'name: {name}')}  {f'account: {account}' if account else 'state: ACTIVATION'}\n"
    )


def test_without_a_document_there_are_defaults():
    assert load_text(app("a")).project == Project("default", ".rtcctl", 3, (Account(),), 20)
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
        (ONE, EDU),
        (ONE + app("a"), EDU),
        (ONE + app("a", "edu"), EDU),
    ],
)
def test_where_there_is_one_account_addresses_do_not_tell_it(text, account):
    found = load_text(text)
    assert found.project.account == account
    assert {address.account for address in found.resources} <= {""}


def test_where_there_are_several_all_count_and_addresses_tell_theirs():
    found = load_text(TWO + app("a", "edu") + app("a", "med") + app("b", "med"))
    assert found.project.accounts == (EDU, Account("med", "MED_1"))
    assert [str(address) for address in found.resources] == ["edu:App/a", "med:App/a", "med:App/b"]
    assert all(address == resource.address for address, resource in found.resources.items())


def test_what_names_no_account_is_of_the_default_one_if_there_is_one():
    found = load_text(DEFAULT + app("a") + app("a", "edu"))
    assert [str(address) for address in found.resources] == ["default:App/a", "edu:App/a"]


def test_an_account_may_have_its_own_endpoint_and_quota():
    text = PROJECT + (
        "spec:\n  quota: {apps: 30}\n  accounts:\n    edu: {credentials: env:EDU, endpoint: 'https://rtc.example.com'}\n"
        "    med: {credentials: env:MED, quota: {apps: 50}}\n"
    )
    found = load_text(text)
    edu, med = found.project.accounts
    assert (edu.endpoint, med.endpoint) == ("https://rtc.example.com", "")
    assert [part.project.app_quota for part in found.parts()] == [30, 50]


def test_of_several_accounts_one_has_to_be_chosen():
    found = load_text(TWO + app("a", "edu") + app("b", "med"))
    with pytest.raises(UsageError) as raised:
        found.project.account  # noqa: B018 - it raises
    assert raised.value.mend == "name one with --account"
    part = found.of("med")
    assert part.project.account.name == "med"
    assert [str(address) for address in part.resources] == ["App/b"]
    assert [str(each.address) for each in part.resources.values()] == ["App/b"]
    assert part.of("med") is part


def test_documents_of_several_accounts_are_judged_apart():
    twice = app("a", "edu") + app("a", "edu")
    (problem,) = faults(TWO + twice + app("a", "med"))
    assert "App/a is declared before" in problem.message


@pytest.mark.parametrize(
    ("text", "said", "mend"),
    [
        (app("a", "edu"), "account 'edu' is not declared", "declare it under spec.accounts of the Project"),
        (ONE + app("a", "edo"), "account 'edo' is not declared", "did you mean 'edu'?"),
        (ONE + app("a", "default"), "account 'default' is not declared", "one of: edu"),
        (TWO + app("a"), "App/a names none of the accounts", "add 'account: ...' to spec, one of: edu, med"),
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
