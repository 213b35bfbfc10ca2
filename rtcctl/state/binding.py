"""A state belongs to one project, one account and one endpoint; anything else is refused before any call."""

from __future__ import annotations

from rtcctl.errors import ForeignStateError
from rtcctl.model.ledger import Binding

_MEND = (
    "nothing was called. Give each environment its own Project name (metadata.name of a Project document), "
    "its own folder, or its own RTCCTL_STATE"
)


def check(owner: Binding, asked: Binding, where: str) -> None:
    """Compare what a state is bound to with what is asked for.

    Identities are compared where both sides know them: a token says nothing, an AK/SK the project, an IAM user the
    domain, the service the tenant_name.

    Raises:
        ForeignStateError: they differ; the message names every difference.
    """
    pairs = {
        "project": (owner.project, asked.project),
        "account": (owner.account, asked.account),
        "endpoint": (owner.endpoint, asked.endpoint),
    }
    for name, value in asked.identity.items():
        pairs[name] = (owner.identity.get(name, value), value)
    wrong = [f"{name} {mine!r}, not {asked_!r}" for name, (mine, asked_) in pairs.items() if mine != asked_]
    if wrong:
        raise ForeignStateError(f"the state {where} belongs to {'; '.join(wrong)}", mend=_MEND)
