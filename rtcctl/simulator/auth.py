"""Who is calling: a token from the IAM call, else an AK/SK signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator import signature, tokens
from rtcctl.simulator.errors import UNAUTHENTICATED, Refused
from rtcctl.simulator.throttle import CATEGORY_OF

if TYPE_CHECKING:
    from datetime import datetime

    from rtcctl.simulator.accounts import SimulatedAccount
    from rtcctl.simulator.call import Incoming, Simulator
    from rtcctl.simulator.routes import Operation


def authenticate(simulator: Simulator, operation: Operation, incoming: Incoming, now: datetime) -> SimulatedAccount:
    """The caller's account; refuses with the gateway's 401. unconfirmed: a token wins over a signature."""
    variants = simulator.options.variants
    # unconfirmed: the pages of these operations list a token only; a signature is taken all the same
    token_only = "token-only-for-buckets" in variants and CATEGORY_OF[operation.name] == "rtc-ops"
    token = incoming.headers.get("x-auth-token")
    if token is not None:
        return _by_token(simulator, token, now)
    if "authorization" in incoming.headers and not token_only:
        return signature.verify(incoming, simulator.accounts, now)
    raise Refused(UNAUTHENTICATED, "x-auth-token not found")


def _by_token(simulator: Simulator, token: str, now: datetime) -> SimulatedAccount:
    name = tokens.account_name(simulator.store, token, now)
    for account in simulator.accounts:
        if account.name == name:
            return account
    raise Refused(UNAUTHENTICATED, "decrypt token fail")
