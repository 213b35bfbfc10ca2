"""What a plan is limited to, from what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rtcctl.errors import UsageError
from rtcctl.model.address import Address, is_name
from rtcctl.model.resource import Desired
from rtcctl.operations.ledgers import address_of
from rtcctl.planner.options import Options

if TYPE_CHECKING:
    from rtcctl.model.remote import Refresh


def scoped(
    desired: Desired,
    *,
    start_unknown_jobs: bool = False,
    targets: Sequence[str] = (),
    replace: Sequence[str] = (),
    refresh: Refresh = "all",
) -> Options:
    """Return the options of a plan; addresses are `[ACCOUNT:]ADDRESS`.

    Raises:
        UsageError: one is no address, of an account that is not meant, or could be of several.
    """
    return Options(
        start_unknown_jobs=start_unknown_jobs,
        targets=frozenset(typed(text, desired) for text in targets),
        replace=frozenset(typed(text, desired) for text in replace),
        refresh=refresh,
    )


def typed(text: str, desired: Desired) -> Address:
    """Read `[ACCOUNT:]ADDRESS` as it is typed; where there are several accounts, find out of which it is.

    Raises:
        UsageError: it is no address, of an account that is not meant, or could be of several.
    """
    accounts = [each.name for each in desired.project.accounts]
    if len(accounts) == 1:
        return address_of(text, accounts[0])
    prefix, colon, _ = text.rpartition(":")
    if colon and prefix in accounts:
        return address_of(text, prefix).within(prefix)
    if colon and prefix and is_name(prefix):
        raise UsageError(f"{text}: no account is called {prefix}", mend=f"there are {', '.join(accounts)}")
    bare = address_of(text, accounts[0])  # with anything else before a colon this says what is wrong
    having = [name for name in accounts if bare.within(name) in desired.resources]
    if len(having) != 1:
        which = "several accounts declare it" if having else "no account declares it"
        mend = f"write it with its account, such as {(having or accounts)[0]}:{bare}"
        raise UsageError(f"{bare}: {which}", mend=mend)
    return bare.within(having[0])
