"""Which accounts of a manifest a run is about, and the ways to them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from msgspec.structs import replace

from rtcctl.errors import RtcctlError, UsageError
from rtcctl.model.ledger import Binding
from rtcctl.model.resource import Desired
from rtcctl.operations.connection import embedded, state_of
from rtcctl.operations.fleet import Common, Fleet, Way
from rtcctl.operations.pace import Pace
from rtcctl.operations.settings import Settings
from rtcctl.operations.workflow import open_session
from rtcctl.planner.options import Options


def open_fleet(
    settings: Settings,
    desired: Desired,
    pace: Pace = Pace(),  # noqa: B008 - frozen
    *,
    options: Options = Options(),  # noqa: B008 - frozen
    fail_fast: bool = False,
) -> Fleet:
    """Open the ways to the accounts of a manifest that a plan with these options is about; nothing is called yet.

    An account in which nothing is declared and nothing owned is left alone: it needs no credentials. So is one of which
    `targets` say nothing.

    Raises:
        CredentialsError: no account has usable credentials.
        UsageError: an endpoint, or the simulator's data, is not usable; an address does not tell its account; or two
            accounts are one.
    """
    simulator = embedded(settings, desired.project) if settings.simulator else None
    parts = desired.parts()
    common = Common(len(parts) > 1, desired.project.max_deletes, desired.warnings, fail_fast)
    if common.several:
        _check_options(options, desired)
        parts = tuple(replace(part, warnings=()) for part in parts if _concerned(settings, part, options))
        pace = pace.together(len(parts))
    ways = [Way(part.project.account.name, partial(open_session, settings, part, pace, simulator)) for part in parts]
    fleet = Fleet(ways, settings.watcher, common)
    _check_distinct(fleet.bindings)
    return fleet


def _check_options(options: Options, desired: Desired) -> None:
    names = [each.name for each in desired.project.accounts]
    for address in sorted((*options.targets, *options.replace)):
        if address.account not in names:
            mend = f"write it with its account, such as {names[0]}:{address.within('')}"
            raise UsageError(f"{address} is of none of the accounts {', '.join(names)}", mend=mend)
    targeted = {each.account for each in options.targets}
    for address in sorted(options.replace):
        if targeted and address.account not in targeted:
            raise UsageError(f"--replace {address} is outside of --target", mend=f"add --target {address}")


def _concerned(settings: Settings, part: Desired, options: Options) -> bool:
    name = part.project.account.name
    if options.targets:
        return any(each.account == name for each in options.targets)
    if part.resources or any(each.account == name for each in options.replace):
        return True
    try:
        ledger = state_of(settings, part.project).load()
    except RtcctlError:
        return True  # what is wrong is told where the account is opened
    return bool(ledger.entries or ledger.pending)


def _check_distinct(bindings: Mapping[str, Binding]) -> None:
    """Refuse two names for one account: each would take the other's objects for its own, and delete them.

    Of a ready token nobody knows for which account it is.

    Raises:
        UsageError: two are one.
    """
    found: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
    for name, binding in bindings.items():
        if not binding.identity:
            continue
        other = found.setdefault((binding.endpoint, frozenset(binding.identity.items())), name)
        if other != name:
            what = ", ".join(f"{each} {value}" for each, value in binding.identity.items())
            raise UsageError(
                f"the accounts {other} and {name} are one: the credentials of both are for {what}",
                mend="nothing was called; give each its own credentials, or each part of one account its own Project",
            )
