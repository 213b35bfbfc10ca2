"""What a plan is limited to, from what was typed."""

from __future__ import annotations

from collections.abc import Sequence

from rtcctl.model.plan import Refresh
from rtcctl.model.resource import Project
from rtcctl.operations.ledgers import address_of
from rtcctl.planner.context import Options


def scoped(
    project: Project,
    *,
    start_unknown_jobs: bool = False,
    targets: Sequence[str] = (),
    replace: Sequence[str] = (),
    refresh: Refresh = "all",
) -> Options:
    """Return the options of a plan; addresses are `[ACCOUNT:]ADDRESS`.

    Raises:
        UsageError: one is no address, or of another account.
    """
    account = project.account.name
    return Options(
        start_unknown_jobs=start_unknown_jobs,
        targets=frozenset(address_of(text, account) for text in targets),
        replace=frozenset(address_of(text, account) for text in replace),
        refresh=refresh,
    )
