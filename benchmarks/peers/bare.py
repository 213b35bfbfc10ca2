"""The same calls with nothing around them: `python -m benchmarks.peers.bare LIST.json`.

An httpx client for each account, kept alive, ten calls under way at once, no signing but a ready token. (One client for
many accounts is slower: its pool looks at every connection for every call.) It looks at one member only, so as to know
which rule has to be put: what is measured is the calls.

The list is of accounts: `[{"token": "…", "apps": […]}]`.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
from pathlib import Path
from typing import Any

import httpx

PAGE = 100
UNDER_WAY = 10


class Account:
    """One account; `client` has its token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._turns = asyncio.Semaphore(UNDER_WAY)

    async def call(self, method: str, path: str, body: object = None, **query: int) -> Any:
        """Make one call when its turn comes."""
        async with self._turns:
            content = None if body is None else json.dumps(body).encode()
            answer = await self._client.request(method, path, content=content, params=query or None)
        answer.raise_for_status()
        return answer.json()

    async def bring(self, wanted: list[dict[str, Any]]) -> None:
        """Bring all apps to what they shall be."""
        live: dict[str, str] = {}
        page = 0
        while True:
            answer = await self.call("GET", "/v2/apps", offset=page, limit=PAGE)
            live |= {app["app_name"]: app["app_id"] for app in answer["apps"]}
            page += 1
            if len(live) >= answer["count"]:
                break
        async with asyncio.TaskGroup() as group:
            for app in wanted:
                app_id = live.get(app["app_name"])
                group.create_task(self._create(app) if app_id is None else self._update(app_id, app))

    async def _create(self, app: dict[str, Any]) -> None:
        path = "/v2/apps/" + (await self.call("POST", "/v2/apps", {"app_name": app["app_name"]}))["app_id"]
        rule = await self.call("POST", f"{path}/record-rules", app["record_rule"])
        callback = {**app["record_callback"], "auth_key": os.environ["RTC_CALLBACK_KEY"]}
        await self.call("PUT", f"{path}/record-callback", callback)
        mode = {"mode": app["auto_record_mode"], "record_rule_id": rule["rule_id"]}
        await self.call("PUT", f"{path}/auto-record-mode", mode)

    async def _update(self, app_id: str, app: dict[str, Any]) -> None:
        path = f"/v2/apps/{app_id}/record-rules"
        [live] = (await self.call("GET", path, offset=0, limit=PAGE))["rules"]
        if live["mp4_config"]["record_cycle"] != app["record_rule"]["mp4_config"]["record_cycle"]:
            await self.call("PUT", f"{path}/{live['rule_id']}", app["record_rule"])


async def main(accounts: list[dict[str, Any]]) -> None:
    """Bring every account to its list, all at once."""
    context = ssl.create_default_context()  # one for all: making it costs as much as many calls

    async def one(account: dict[str, Any]) -> None:
        async with httpx.AsyncClient(
            base_url=os.environ["RTCCTL_ENDPOINT"],
            headers={"Content-Type": "application/json", "X-Auth-Token": account["token"]},
            limits=httpx.Limits(max_connections=UNDER_WAY),
            timeout=60,
            verify=context,
        ) as client:
            await Account(client).bring(account["apps"])

    async with asyncio.TaskGroup() as group:
        for account in accounts:
            group.create_task(one(account))


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
