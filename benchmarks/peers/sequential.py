"""One app after the other: `python -m benchmarks.peers.sequential APPS.json`."""

from __future__ import annotations

from benchmarks.peers.account import bring, connect, listed, wanted


def main() -> None:
    """Bring the account to the list."""
    client = connect()
    live = listed(client)
    for app in wanted():
        bring(client, app, live.get(app["app_name"]))


if __name__ == "__main__":
    main()
