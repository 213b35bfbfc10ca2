"""Ten apps at once: `python -m benchmarks.peers.threads APPS.json`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.peers.account import bring, connect, listed, wanted

THREADS = 10


def bring_all(client: Any, apps: list[dict[str, Any]]) -> None:
    """Bring one account to its list."""
    live = listed(client)

    def each(app: dict[str, Any]) -> None:
        bring(client, app, live.get(app["app_name"]))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(each, apps))  # a failure is raised here


def main() -> None:
    """Bring the account to the list."""
    bring_all(connect(), wanted())


if __name__ == "__main__":
    main()
