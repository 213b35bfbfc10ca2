"""An object store on loopback that misbehaves as a test wants it to: what no real server can be made to do."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class FakeStore(ThreadingHTTPServer):
    """Keeps objects by path. `honours` are the headers of conditions that it looks at.

    `failing` maps a method to the status and code of its answer; `deaf` counts the writes that it takes and answers
    with 500.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.honours: frozenset[str] = frozenset()
        self.failing: dict[str, tuple[int, str]] = {}
        self.deaf = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeStore

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        content = self.server.objects.get(path)
        if "GET" in self.server.failing:
            self._fail(*self.server.failing["GET"])
        elif "list-type" in self.path:
            self._answer(200, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
        elif content is None:
            self._fail(404, "NoSuchKey")
        else:
            self._answer(200, content, _tag(content))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if "PUT" in self.server.failing:
            self._fail(*self.server.failing["PUT"])
        elif not self._fits():
            self._fail(412, "PreconditionFailed")
        else:
            self.server.objects[self.path] = content
            if self.server.deaf:
                self.server.deaf -= 1
                self._fail(500, "InternalError")
            else:
                self._answer(200, b"", _tag(content))

    def _fits(self) -> bool:
        standing = self.server.objects.get(self.path)
        if standing is not None and "If-None-Match" in self.headers and "If-None-Match" in self.server.honours:
            return False
        wanted = self.headers["If-Match"] if "If-Match" in self.server.honours else None
        return wanted is None or (standing is not None and wanted == _tag(standing))

    def _fail(self, status: int, code: str) -> None:
        said = "<Error><Code>%s</Code><Message>told of fake-object-store-secret</Message></Error>"
        self._answer(status, (said % code).encode())

    def _answer(self, status: int, content: bytes, tag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Last-Modified", formatdate(usegmt=True))
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()}"'


@contextlib.contextmanager
def fake_store() -> Iterator[FakeStore]:
    """A store that runs for the time of the block."""
    with FakeStore() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
