"""The service that everything is measured against: the simulator on loopback, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks._measure import environment, module
from rtcctl.simulator.accounts import ACCOUNT, SimulatedAccount, account_named

LATENCY = 0.03
"""Seconds that each call takes."""
_WAIT = 30


def accounts(count: int) -> tuple[SimulatedAccount, ...]:
    """Return the one account that the simulator has by itself, or several that are called acc01 and so on."""
    if count == 1:
        return (ACCOUNT,)
    return tuple(account_named(f"acc{number + 1:02}") for number in range(count))


@dataclass(frozen=True, slots=True)
class Service:
    """A simulator that is being served."""

    url: str

    def clear(self) -> None:
        """Forget the calls that were made."""
        self._ask("DELETE", "/_simulator/requests")

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls of the API since they were forgotten, tokens left out; oldest first."""
        entries = json.loads(self._ask("GET", "/_simulator/requests"))
        return [each for each in entries if each["path"] != "/v3/auth/tokens"]

    def snapshot(self) -> bytes:
        """Return everything that it holds."""
        return self._ask("GET", "/_simulator/snapshot")

    def restore(self, snapshot: bytes) -> None:
        """Let everything be as it was then, with no calls made."""
        self._ask("POST", "/_simulator/restore", snapshot)
        self.clear()

    def hold_limits(self, scope: str = "category") -> None:
        """Hold the documented limits from now on, counted from nothing."""
        self._ask("PUT", "/_simulator/throttle", json.dumps({"scope": scope, "window": "sliding"}).encode())

    def lift_limits(self) -> None:
        """Hold no limits any more."""
        self._ask("DELETE", "/_simulator/throttle")

    def refused(self) -> int:
        """Return how many calls the limits have refused."""
        return sum(counter["refused"] for counter in json.loads(self._ask("GET", "/_simulator/throttle"))["counters"])

    def token(self, account: SimulatedAccount = ACCOUNT) -> str:
        """Return a token of IAM."""
        user = {"name": account.user, "password": account.password, "domain": {"name": account.domain}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = json.dumps({"auth": {"identity": identity, "scope": {}}}).encode()
        with urllib.request.urlopen(self._request("POST", "/v3/auth/tokens", body), timeout=_WAIT) as answer:  # noqa: S310 - loopback
            return str(answer.headers["X-Subject-Token"])

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        with urllib.request.urlopen(self._request(method, path, body), timeout=_WAIT) as answer:  # noqa: S310 - loopback
            content: bytes = answer.read()
            return content

    def _request(self, method: str, path: str, body: bytes | None) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"}
        return urllib.request.Request(self.url + path, body, headers, method=method)  # noqa: S310 - loopback


@contextmanager
def served(latency: float = LATENCY, count: int = 1) -> Iterator[Service]:
    """Serve a simulator with `count` accounts and no limits, until the block ends."""
    with subprocess.Popen(  # noqa: S603 - our own
        module("_serve", str(latency), str(count)),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            if not url:
                raise RuntimeError("the simulator did not start")
            yield Service(url)
        finally:
            process.terminate()


def keys(service: Service, account: SimulatedAccount = ACCOUNT, prefix: str = "") -> dict[str, str]:
    """Return the variables with which rtcctl and the SDK's scripts call an account."""
    return {
        "RTCCTL_ENDPOINT": service.url,
        f"{prefix}HUAWEICLOUD_SDK_AK": account.access_key,
        f"{prefix}HUAWEICLOUD_SDK_SK": account.secret_key,
        f"{prefix}HUAWEICLOUD_SDK_PROJECT_ID": account.project_id,
    }
