"""A receiver of notifications on loopback for the tests: keeps what comes in, answers as it is told."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Receiver:
    """What came in, and the raw answers to give, the last one again and again; None keeps the sender waiting."""

    answers: list[bytes | None] = field(default_factory=lambda: [OK])
    url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The notifications, in the order of their arrival."""
        return [json.loads(body) for body in self.bodies]

    def header(self, name: str) -> str | None:
        """A header of the last request."""
        fields = dict(line.split(": ", 1) for line in self.heads[-1].splitlines()[1:] if line)
        return fields.get(name)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(int(line[16:]) for line in head.splitlines() if line.startswith("Content-Length: "))
        self.bodies.append(await reader.readexactly(length))
        self.heads.append(head)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            await reader.read()  # until the sender gives up
        else:
            writer.write(answer)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving(*answers: bytes | None, host: str = "127.0.0.1") -> AsyncIterator[Receiver]:
    """A receiver that listens while the block runs."""
    receiver = Receiver(list(answers) or [OK])
    server = await asyncio.start_server(receiver.handle, host, 0)
    name = f"[{host}]" if ":" in host else host
    receiver.url = f"http://{name}:{server.sockets[0].getsockname()[1]}/callback?a=b c"
    async with server:
        yield receiver
