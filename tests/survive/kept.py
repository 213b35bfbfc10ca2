"""Where the state of a run that is killed is kept: what rtcctl is told of it, and what is there afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from rtcctl.state.bucket import Bucket
from tests.state.servers import ACCESS_KEY, BUCKET, SECRET_KEY, options

Backend: TypeAlias = Literal["folder", "s3", "postgresql"]
_FOLDER, _PREFIX = ".rtcctl", "crash"


@dataclass(frozen=True)
class Kept:
    """`root` is a folder, the endpoint of an object store or a database's URL."""

    backend: Backend
    root: str

    @property
    def environ(self) -> Mapping[str, str]:
        """What says so to rtcctl."""
        if self.backend == "folder":
            return {"RTCCTL_STATE": _FOLDER}
        if self.backend == "postgresql":
            return {"RTCCTL_STATE": self.root}
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        return {**keys, "RTCCTL_S3_ENDPOINT": self.root, "RTCCTL_STATE": f"s3://{BUCKET}/{_PREFIX}"}

    def snapshot(self, project: str) -> str:
        """Return the snapshot's text, looked up without the code that wrote it."""
        if self.backend == "folder":
            return (Path(self.root) / _FOLDER / project / "default.state.json").read_text()
        if self.backend == "s3":
            bucket = Bucket(BUCKET, options(self.root), "the object store of the tests", patience=30)
            found = bucket.get(f"{_PREFIX}/{project}/default.state.json")
            assert found is not None
            return found.content.decode()
        import psycopg

        with psycopg.connect(self.root) as connection:
            row = connection.execute("SELECT document FROM rtcctl_state WHERE project = %s", (project,)).fetchone()
        assert row is not None
        return str(row[0])
