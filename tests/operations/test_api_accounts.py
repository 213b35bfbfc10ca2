"""The Python API with two accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

import rtcctl
from rtcctl.errors import (
    ExitCode,
    RtcctlError,
    StalePlanError,
    UsageError,
)
from rtcctl.model.address import Address
from rtcctl.operations.accounts import open_fleet
from rtcctl.operations.settings import Settings
from rtcctl.planner.options import Options
from tests.e2e.accounts import HOOK, RULE, SECRETS, app, both

A = Address("App", "a")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "m.yaml").write_text(both(RULE + HOOK))
    return Settings(files=("m.yaml",), simulator=True, environ=SECRETS, folder=tmp_path)


def test_the_api_plans_applies_and_compares_two_accounts(settings: Settings, tmp_path: Path) -> None:
    desired = rtcctl.load(settings)
    saved = rtcctl.plan(desired, settings)
    rtcctl.write_plan(tmp_path / "plan.json", saved)
    again = rtcctl.read_plan(tmp_path / "plan.json")
    assert [str(each.address) for each in again.plan.changes] == [str(each.address) for each in saved.plan.changes]
    result = rtcctl.apply(again, settings)
    assert (result.exit_code, len(result.of("done"))) == (ExitCode.OK, 6)
    assert not rtcctl.plan(desired, settings).plan.has_changes
    assert rtcctl.drift(desired, settings).checked == 6
    with pytest.raises(StalePlanError, match="account edu: the state moved on"):
        rtcctl.apply(saved, settings)


def test_the_api_tells_of_an_account_that_is_missing(settings: Settings, tmp_path: Path) -> None:
    desired = rtcctl.load(settings)
    (tmp_path / ".rtcctl" / "simulator.db.state" / "fleet").mkdir(parents=True)
    rtcctl.apply(rtcctl.plan(desired.of("edu"), settings), settings)
    (tmp_path / ".rtcctl" / "simulator.db.state" / "fleet" / "events.state.json").write_text("{")
    saved = rtcctl.plan(desired, settings)
    assert [each.account for each in saved.broken] == [each.account for each in saved.plan.broken] == ["events"]
    with pytest.raises(RtcctlError, match="the plan lacks the account events"):
        rtcctl.write_plan(tmp_path / "plan.json", saved)
    result = rtcctl.apply(saved, settings)
    assert [each.account for each in result.broken] == ["events"]
    assert result.exit_code == ExitCode.FOREIGN
    with pytest.raises(RtcctlError, match="account events: "):
        rtcctl.plan(desired, settings, fail_fast=True)


@pytest.mark.parametrize("options", [Options(targets=frozenset({A})), Options(replace=frozenset({A.within("none")}))])
def test_the_api_wants_addresses_that_tell_their_account(settings: Settings, options: Options) -> None:
    with pytest.raises(UsageError, match="is of none of the accounts edu, events") as error:
        rtcctl.plan(rtcctl.load(settings), settings, options)
    assert error.value.mend == "write it with its account, such as edu:App/a"


def test_an_account_whose_state_is_damaged_is_not_taken_for_one_without_anything(settings: Settings) -> None:
    text = (settings.folder / "m.yaml").read_text().split("---\n")
    (settings.folder / "m.yaml").write_text("---\n".join([text[0], app("edu").removeprefix("---\n")]))
    simulator_state = settings.folder / ".rtcctl" / "simulator.db.state" / "fleet"
    rtcctl.apply(rtcctl.plan(rtcctl.load(settings), settings), settings)
    assert not (simulator_state / "events.state.json").exists()
    (simulator_state / "events.state.json").write_text("{")
    found = rtcctl.plan(rtcctl.load(settings), settings)
    assert [each.account for each in found.broken] == ["events"]


def test_targets_open_the_accounts_they_name_alone(settings: Settings) -> None:
    desired = rtcctl.load(settings)
    found = open_fleet(settings, desired, options=Options(targets=frozenset({A.within("events")})))
    assert found.target == "the embedded simulator in 1 account (events)"
