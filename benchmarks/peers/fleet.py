"""Several accounts, one after the other, each with ten apps at once: `python -m benchmarks.peers.fleet LIST.json`.

The list is of accounts: `[{"prefix": "EDU_", "apps": […]}]`; the prefix is that of its credentials' variables.
"""

from __future__ import annotations

from benchmarks.peers.account import connect, wanted
from benchmarks.peers.threads import bring_all


def main() -> None:
    """Bring every account to its list."""
    for account in wanted():
        bring_all(connect(account["prefix"]), account["apps"])


if __name__ == "__main__":
    main()
