"""The accounts that the simulator knows: credentials and names, all of them fake."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class SimulatedAccount:
    """One Huawei Cloud account (the API also says domain or tenant) with one IAM user and one project."""

    name: str
    access_key: str
    secret_key: str
    user: str
    password: str
    domain: str
    project_id: str


ACCOUNT = SimulatedAccount(
    name="simulator",
    access_key="SIMULATEDACCESSKEY00",
    secret_key="simulated-secret-key",  # noqa: S106 - the documented fake key
    user="simulator",
    password="simulator",  # noqa: S106 - the documented fake password
    domain="simulator",
    project_id="01234567890123456789012345678901",
)


def opaque_id(text: str) -> str:
    """32 hex characters that are always the same for a text: ids of domains, users and projects in token answers."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
