"""Places for states that are not folders: what the tests start on loopback, at once or as far away as a network is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from queue import Queue
from threading import Thread
from typing import TypeAlias
from urllib.parse import urlsplit

Places: TypeAlias = Mapping[str, tuple[str, Mapping[str, str]]]
"""Backends and the variables they need, by what they are called."""

_PIECE = 65_536


def served(stack: ExitStack, away: float = 0.0) -> Places:
    """Start what is installed; it runs until the stack ends. An answer takes `away` seconds longer."""
    import pytest

    from tests.state import servers

    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    with suppress(pytest.skip.Exception):
        endpoint = _moved(stack, stack.enter_context(servers.object_store()), away)
        keys = {"AWS_ACCESS_KEY_ID": servers.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": servers.SECRET_KEY}
        found["S3"] = (f"s3://{servers.BUCKET}/of{{size}}", {**keys, "RTCCTL_S3_ENDPOINT": endpoint})
    with suppress(pytest.skip.Exception):
        found["PostgreSQL"] = (_moved(stack, stack.enter_context(servers.postgres()), away), {})
    return found


def _moved(stack: ExitStack, url: str, away: float) -> str:
    """Return a URL with the port of a proxy, if the server is to be away."""
    port = urlsplit(url).port
    if not away or port is None:
        return url
    return url.replace(f":{port}", f":{stack.enter_context(_delayed(port, away))}")


@contextmanager
def _delayed(port: int, seconds: float) -> Iterator[int]:
    """Yield another port of the same server, from which each piece of an answer comes later by so many seconds."""
    started: Queue[tuple[int, Callable[[], object]]] = Queue()

    async def serve() -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        server = await asyncio.start_server(partial(_pass_on, port, seconds), "127.0.0.1", 0)
        started.put((server.sockets[0].getsockname()[1], partial(loop.call_soon_threadsafe, ended.set)))
        await ended.wait()
        server.close()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    own, end = started.get()
    try:
        yield own
    finally:
        end()
        thread.join()


async def _pass_on(port: int, seconds: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", port)
    with suppress(asyncio.CancelledError):
        await asyncio.gather(_pump(reader, back, 0.0), _pump(there, writer, seconds))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float) -> None:
    with suppress(OSError):
        while piece := await source.read(_PIECE):
            await asyncio.sleep(seconds)
            target.write(piece)
            await target.drain()
    target.close()
