"""The plans of several accounts as one: named, counted together, judged together."""

from __future__ import annotations

import pytest

from rtcctl.errors import CredentialsError, Diagnostic
from rtcctl.model.address import Address
from rtcctl.model.budget import Budget, Calls
from rtcctl.model.call import Call
from rtcctl.model.plan import ALLOW_DESTROY, Broken, Change, Plan, Refusal, Step
from rtcctl.model.resource import Resource
from rtcctl.planner.blast import together
from rtcctl.planner.joining import joined, named_change, named_step
from tests.planner.support import app, desired, ledger, live, planned, rule

A = Address("App", "a")


def step(verb: str, **more: object) -> Step:
    return Step(f"{A} {verb}", A, verb, Call("POST", "/v2/apps", "apps"), "created", **more)  # type: ignore[arg-type]


def gone(count: int) -> tuple[Change, ...]:
    return tuple(Change(Address("App", f"gone{index}"), "delete", steps=(step("delete"),)) for index in range(count))


def fresh(*resources: Resource) -> Plan:
    """The plan of a manifest in an account with nothing in it."""
    return planned(desired(*resources), live(), ledger())


def test_nothing_joined_is_nothing() -> None:
    assert joined({}, (), max_deletes=3) == Plan()


def test_addresses_and_steps_bear_their_accounts_and_keep_their_order() -> None:
    found = joined({"edu": fresh(app(), rule()), "events": fresh(app())}, (), max_deletes=3)
    assert [str(each.address) for each in found.changes] == ["edu:App/a", "edu:RecordRule/a/default", "events:App/a"]
    ids = [each.id for each in found.steps()]
    assert len({*ids}) == len(ids)
    assert all(after in ids for each in found.steps() for after in each.after)
    assert {str(each.address) for each in found.steps()} == {str(each.address) for each in found.changes}


def test_a_remedy_names_the_step_of_its_own_account() -> None:
    found = named_step(step("disable", after=("x",), only_if_refused="App/a delete"), "edu")
    assert (found.id, found.after, found.only_if_refused) == ("edu:App/a disable", ("edu:x",), "edu:App/a delete")
    assert named_step(step("delete"), "edu").only_if_refused == ""


def test_a_former_address_is_of_the_same_account() -> None:
    former = Address("App", "old")
    assert named_change(Change(A, "no-op", moved_from=former), "edu").moved_from == Address("App", "old", "", "edu")
    assert named_change(Change(A, "no-op"), "edu").moved_from is None


def test_what_is_counted_is_counted_together() -> None:
    one = Plan(unmanaged={"App": 2}, sources=2, blast=("delete 1 app",), targets=(A,), left_out=1, assumed=3)
    other = Plan(unmanaged={"App": 1, "RecordRule": 4}, sources=3, blast=("delete 2 apps", "stop 1 running recording"))
    found = joined({"edu": one, "events": other}, (), max_deletes=3)
    assert found.unmanaged == {"App": 3, "RecordRule": 4}
    assert found.sources == 3
    assert found.blast == ("delete 3 apps", "stop 1 running recording")
    assert [str(each) for each in found.targets] == ["edu:App/a"]
    assert (found.left_out, found.assumed, found.refresh) == (1, 3, "all")
    assert joined({"edu": Plan(refresh="changed")}, (), max_deletes=3).refresh == "changed"


def test_calls_are_summed_and_times_are_those_of_the_slowest() -> None:
    one = Budget((Calls("apps", 1, 2, 10.0), Calls("callbacks", 3, 3, 0.0)), 10.0, 20.0, "shared")
    other = Budget((Calls("apps", 4, 4, 5.0),), 5.0, 30.0)
    found = joined({"edu": Plan(budget=one), "events": Plan(budget=other)}, (), max_deletes=3).budget
    assert found.categories == (Calls("apps", 5, 6, 10.0), Calls("callbacks", 3, 3, 0.0))
    assert (found.seconds, found.shared_seconds, found.assumes) == (10.0, 30.0, "shared")


def test_warnings_say_of_which_account_they_are_but_for_those_of_all() -> None:
    of_all, own = Diagnostic("of all", severity="warning"), Diagnostic("own", severity="warning")
    found = joined({"edu": Plan(warnings=(own,))}, (), max_deletes=3, warnings=(of_all,))
    assert [each.message for each in found.warnings] == ["of all", "edu: own"]


@pytest.mark.parametrize(
    ("message", "address", "told"),
    [
        (f"{A} is protected", A, "edu:App/a is protected"),
        ("too many apps", A, "edu: too many apps"),
        ("too many apps", None, "edu: too many apps"),
    ],
)
def test_a_refusal_says_of_which_account_it_is_once(message: str, address: Address | None, told: str) -> None:
    refused = Plan(refusals=(Refusal("some-rule", message, address),))
    [found] = joined({"edu": refused}, (), max_deletes=3).refusals
    assert found.message == told
    assert found.address == (address.within("edu") if address else None)


@pytest.mark.parametrize(("here", "there", "refused"), [(1, 1, False), (2, 1, True), (0, 3, True), (0, 0, False)])
def test_deletions_are_limited_over_all_accounts_together(here: int, there: int, refused: bool) -> None:
    own = Refusal("max_deletes", f"{there} objects", None, ALLOW_DESTROY)
    other = Plan(gone(there), refusals=(own,) if there > 2 else ())
    found = joined({"edu": Plan(gone(here)), "events": other}, (), max_deletes=2).refusals
    message = f"{here + there} objects would be deleted or replaced, max_deletes is 2"
    assert found == ((Refusal("max_deletes", message, None, ALLOW_DESTROY),) if refused else ())


def test_accounts_that_are_missing_stay_told() -> None:
    missing = Broken("events", CredentialsError("none", mend="set them"))
    assert joined({}, (missing,), max_deletes=3).broken == (missing,)
    assert missing.why == "none"


@pytest.mark.parametrize(
    ("several", "one"),
    [
        ([], ()),
        ([("delete 1 app",), ()], ("delete 1 app",)),
        ([("delete 1 app",), ("delete 1 app",)], ("delete 2 apps",)),
        (
            [
                ("stop 1 job that is not known to be over",),
                ("switch off automatic recording of 2 apps",),
                ("delete 3 apps",),
            ],
            ("delete 3 apps", "stop 1 job that is not known to be over", "switch off automatic recording of 2 apps"),
        ),
    ],
)
def test_what_is_taken_is_said_once_gravest_first(several: list[tuple[str, ...]], one: tuple[str, ...]) -> None:
    assert together(several) == one
