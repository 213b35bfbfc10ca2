"""Recordings under way: a stream, the rule it follows, and the file of each format that is being written.

`wake` and `set_sending` say why a recording cannot go on, or None. The rule is the one in force when the recording
began: a change of a rule reaches recordings that begin from five minutes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtcctl.simulator import alarms, events, files

if TYPE_CHECKING:
    from rtcctl.simulator.scene import Scene
    from rtcctl.simulator.store import Document

KIND = "recording"
HISTORY = "rule_history"
RULE_DELAY_SECONDS = 300
MAX_GAP_SECONDS = 30 * 24 * 3600
MAX_CATCH_UP_SECONDS = 24 * 3600
NOT_AUTHORIZED = "the bucket is not authorized"


def remember_rule(scene: Scene, old: Document) -> None:
    """Keep a rule that is about to be replaced for the recordings that begin in the next five minutes."""
    history = scene.collection(HISTORY)
    row = history.get(old["rule_id"]) or {"versions": []}
    versions = [version for version in row["versions"] if version["until"] > scene.at]
    history.put(old["rule_id"], {"versions": [*versions, {"until": scene.at + RULE_DELAY_SECONDS, "rule": old}]})


def rule_in_force(scene: Scene, rule_id: str) -> Document | None:
    """The rule that a recording beginning now follows."""
    current = scene.collection("record_rule").get(rule_id)
    row = scene.collection(HISTORY).get(rule_id) or {"versions": []}
    for version in row["versions"] if current else ():
        if version["until"] > scene.at:
            old: Document = version["rule"]
            return old
    return current


def begin(
    scene: Scene,
    recording_id: str,
    room_id: str,
    stream_name: str,
    rule_id: str,
    picture: dict[str, int],
    job_kind: str | None = None,
) -> Document | None:
    """A new recording, which writes nothing yet; None when its rule is gone."""
    rule = rule_in_force(scene, rule_id)
    app = scene.app()
    if rule is None or app is None:
        return None
    recording = {
        "id": recording_id,
        "job_kind": job_kind,
        "room_id": room_id,
        "stream_name": stream_name,
        "domain": app["domain"],
        "rule": rule,
        "picture": picture,
        "files": {},
    }
    _save(scene, recording)
    return recording


def set_sending(scene: Scene, recording: Document, *, sending: bool) -> str | None:
    """Let files begin, go on, or pause, as somebody sends or nobody does."""
    authorized = _authorized(scene, recording)
    failure = None
    for record_format in recording["rule"]["record_formats"]:
        file = recording["files"].get(record_format)
        if sending and file is None and not authorized:
            failure = NOT_AUTHORIZED
        elif sending and file is None:
            _open(scene, recording, record_format, scene.at)
        elif sending:
            files.resume(file, scene.at)
            _publish(scene, recording, file)
        elif file is not None:
            files.interrupt(file, scene.at)
            _publish(scene, recording, file)
            if _merge_seconds(file) == 0:
                _close(scene, recording, record_format)
    _save(scene, recording)
    return _told(scene, failure)


def wake(scene: Scene, recording_id: str) -> str | None:
    """Split files that are long enough, and end those whose interruption has lasted too long."""
    recording = scene.collection(KIND).get(recording_id)
    if recording is None:
        return None
    failure = None
    for record_format, file in list(recording["files"].items()):
        due = _due(file)
        if due is None or due > scene.at + 1e-6:
            continue
        interrupted = file["resumed_at"] is None
        files.interrupt(file, scene.at)
        _close(scene, recording, record_format)
        if not interrupted and not _authorized(scene, recording):
            failure = NOT_AUTHORIZED
        elif not interrupted:
            # After a long time without the simulator only the last day is made up for.
            until = scene.until.timestamp() if scene.until else scene.at
            _open(scene, recording, record_format, max(scene.at, until - MAX_CATCH_UP_SECONDS))
    _save(scene, recording)
    return _told(scene, failure)


def end(scene: Scene, recording: Document, detail: str = "") -> None:
    """Finish every file and say that it is over; unconfirmed: what the detail says."""
    finish(scene, recording)
    events.queue(scene, recording, events.OVER, {"detail_message": detail} if detail else {})


def finish(scene: Scene, recording: Document) -> None:
    """Finish every file; the job may go on with another recording."""
    for record_format, file in list(recording["files"].items()):
        files.interrupt(file, scene.at)
        _close(scene, recording, record_format)
    alarms.put(scene, KIND, recording["id"], None)
    scene.collection(KIND).delete(recording["id"])


def _open(scene: Scene, recording: Document, record_format: str, at: float) -> None:
    file = files.new(recording, record_format, at)
    recording["files"][record_format] = file
    _publish(scene, recording, file)
    events.queue(scene, recording, events.FILE_START, {"record_format": record_format})


def _close(scene: Scene, recording: Document, record_format: str) -> None:
    file = recording["files"].pop(record_format)
    file["ended"] = True
    _publish(scene, recording, file)
    events.queue(scene, recording, events.FILE_COMPLETE, files.notification(file, recording["picture"]))


def _publish(scene: Scene, recording: Document, file: Document) -> None:
    """Show the file in its bucket; unconfirmed: MP4 is uploaded when complete, HLS slice by slice."""
    if file["ended"] or file["format"] == "HLS":
        address = recording["rule"]["obs_addr"]
        files.put(scene.store, scene.account, address["bucket"], address["location"], file)


def _told(scene: Scene, failure: str | None) -> str | None:
    return None if "unauthorized-ignored" in scene.options.variants else failure


def _authorized(scene: Scene, recording: Document) -> bool:
    # unconfirmed: a file under way when access is withdrawn is finished, the next one is refused
    address = recording["rule"]["obs_addr"]
    bucket = scene.account_collection("bucket").get(f"{address['location']}/{address['bucket']}")
    return bool(bucket and bucket["is_authorized"])


def _save(scene: Scene, recording: Document) -> None:
    scene.collection(KIND).put(recording["id"], recording)
    due = [moment for file in recording["files"].values() if (moment := _due(file)) is not None]
    alarms.put(scene, KIND, recording["id"], min(due) if due else None)


def _due(file: Document) -> float | None:
    """When a file is to be split, or, while it is interrupted, ended."""
    if file["resumed_at"] is None:
        return float(file["interrupted_at"] + _merge_seconds(file))
    cycle = file["config"]["record_cycle"]
    return float(file["resumed_at"] + cycle - file["recorded"]) if cycle else None


def _merge_seconds(file: Document) -> Any:
    merge = file["config"]["record_max_duration_to_merge_file"]
    return MAX_GAP_SECONDS if merge == -1 else merge
