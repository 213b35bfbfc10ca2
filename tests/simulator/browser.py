"""Drives a headless Chromium over its debugging pipe: no network port, no library."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium; Debian: apt-get install chromium")

# The browser reads commands from descriptor 3 and writes to descriptor 4.
_ON_3_AND_4 = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip


class Page:
    """One tab. Console messages and exceptions gather in `complaints`."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = os.fdopen(commands, "wb", 0), os.fdopen(answers, "rb", 0)
        self._received = b""
        self._number = 0
        self._session = ""
        self._loads = 0
        self.complaints: list[str] = []
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._send(f"{domain}.enable")

    def open(self, url: str, width: int = 1400, height: int = 1000, *, dark: bool = False) -> None:
        """Show an address in a window of this size."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._send("Emulation.setEmulatedMedia", features=scheme)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._send("Emulation.setDeviceMetricsOverride", **metrics)
        self._send("Page.navigate", url=url)

    def load(self, url: str, width: int, *, dark: bool) -> None:
        """Show a page that does not change by itself, and wait until it is there."""
        before = self._loads
        self.open(url, width, dark=dark)
        while self._loads == before:
            self._note(self._next())

    def leave(self) -> None:
        """Show nothing any more, and forget all complaints."""
        self.open("about:blank")
        self.until("document.URL === 'about:blank'")
        self.complaints.clear()

    def value(self, expression: str) -> Any:
        """What an expression gives; a promise is awaited."""
        answer = self._send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, condition: str, seconds: float = 10) -> None:
        """Wait until an expression is true, looked at whenever the document changes."""
        promise = f"""new Promise((good, bad) => {{
            const holds = () => {{ try {{ return {condition}; }} catch {{ return false; }} }};
            if (holds()) return good(true);
            const end = setTimeout(() => {{ watch.disconnect(); bad(new Error("not so")); }}, {seconds * 1000});
            const watch = new MutationObserver(() => {{
                if (holds()) {{ clearTimeout(end); watch.disconnect(); good(true); }}
            }});
            watch.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
        }})"""
        answer = self._send("Runtime.evaluate", expression=promise, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, f"never so: {condition}\n{self.text()}"

    def text(self) -> str:
        """What is to be read."""
        return str(self.value("document.body ? document.body.innerText : ''"))

    def picture(self, path: Path) -> None:
        """Keep a picture of the window."""
        taken = self._send("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(taken["data"]))

    def close(self) -> None:
        """End the browser."""
        self._session = ""
        with self._commands, self._answers:
            self._send("Browser.close")

    def _send(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._note(answer)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            more = os.read(self._answers.fileno(), 1 << 16)
            assert more, "the browser has ended"
            self._received += more
        message, _, self._received = self._received.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def _note(self, event: dict[str, Any]) -> None:
        self._loads += event.get("method") == "Page.loadEventFired"
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(event["params"]["exceptionDetails"]))
        if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            self.complaints.append(str(event["params"]["entry"]))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A browser with a profile of its own, ended at the end of the block."""
    assert CHROMIUM is not None
    (to_browser, commands), (answers, from_browser) = os.pipe(), os.pipe()
    wrapper = [sys.executable, "-c", _ON_3_AND_4, str(to_browser), str(from_browser)]
    process = subprocess.Popen(
        [*wrapper, CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(to_browser, from_browser),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    try:
        page = Page(commands, answers)
        yield page
        page.close()
        process.wait(10)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
