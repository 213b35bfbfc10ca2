"""Object storage: stores that can't lock, answers that get lost, and what is said of failures."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from rtcctl.errors import CredentialsError, ExitCode, ForeignStateError, RtcctlError, StateLockedError, UsageError
from rtcctl.model.ledger import Delta, after
from rtcctl.state import bucket as buckets
from rtcctl.state.bucket import Bucket, ConflictError
from rtcctl.state.lease import Lease
from rtcctl.state.objects import ObjectState

from .fake_s3 import FakeStore, fake_store
from .places import Place
from .servers import BUCKET, SECRET_KEY, options
from .support import BINDING, full_ledger

BOTH = frozenset({"If-None-Match", "If-Match"})


@pytest.fixture
def fake() -> Iterator[FakeStore]:
    with fake_store() as server:
        yield server


@pytest.fixture
def real(endpoint: str) -> Bucket:
    return Bucket(BUCKET, options(endpoint), "s3://abc", patience=10)


def state_at(url: str, secret: str = SECRET_KEY, bucket: str = BUCKET) -> ObjectState:
    return ObjectState(bucket, "", options(url, secret), BINDING)


def bucket_at(url: str) -> Bucket:
    return Bucket(BUCKET, options(url), "s3://abc/x", patience=2)


@pytest.mark.parametrize("honours", [frozenset(), frozenset({"If-None-Match"}), frozenset({"If-Match"})])
def test_a_store_that_ignores_a_condition_is_refused_each_time_and_never_used_unlocked(
    fake: FakeStore, honours: frozenset[str]
) -> None:
    fake.honours = honours
    for _ in range(2):  # also where the first try has left its object
        with (
            pytest.raises(UsageError, match="ignores the conditions of a write") as caught,
            state_at(fake.url).locked(),
        ):
            raise AssertionError
        assert "PostgreSQL" in caught.value.mend
        assert "folder" in caught.value.mend
    assert [path for path in fake.objects if not path.endswith(".probe")] == []


def test_a_store_that_knows_no_conditions_is_refused(fake: FakeStore) -> None:
    fake.failing = {"PUT": (501, "NotImplemented")}
    with pytest.raises(UsageError, match="ignores the conditions of a write"), state_at(fake.url).locked():
        raise AssertionError


def test_a_store_that_honours_both_conditions_is_used(fake: FakeStore) -> None:
    fake.honours = BOTH
    with state_at(fake.url).locked() as before:
        assert before is None


@pytest.mark.parametrize("writing", ["create", "replace"])
def test_a_write_whose_answer_was_lost_is_found_to_have_arrived(fake: FakeStore, writing: str) -> None:
    fake.honours = BOTH
    bucket = bucket_at(fake.url)
    tag = bucket.create("other", b"before")
    fake.deaf = 1
    made = bucket.create("one", b"1") if writing == "create" else bucket.replace("other", b"1", tag)
    found = bucket.get("one" if writing == "create" else "other")
    assert found is not None
    assert (found.content, found.tag) == (b"1", made)


def test_a_write_whose_answer_was_lost_and_that_was_overtaken_is_a_conflict(fake: FakeStore) -> None:
    fake.honours = BOTH
    bucket = bucket_at(fake.url)
    bucket.create("one", b"theirs")
    with pytest.raises(ConflictError) as caught:
        bucket.create("one", b"ours")
    assert caught.value.standing is not None
    assert caught.value.standing.content == b"theirs"


def test_a_renewal_whose_answer_was_lost_keeps_the_lock(fake: FakeStore) -> None:
    fake.honours = BOTH
    lease = Lease(bucket_at(fake.url), "x.lock", seconds=0.6)
    lease.take()
    fake.deaf = 9  # more than are tried again
    path = "/abc/x.lock"

    def renewed() -> int:
        return int(json.loads(fake.objects[path])["renewed"])

    for count in (1, 2, 3):
        while renewed() < count:
            lease._ending.wait(0.02)
    fake.deaf = 0
    while renewed() < 5:
        lease._ending.wait(0.02)
    lease.check()
    assert not lease._lost
    lease.release()
    assert "ended" in json.loads(fake.objects[path])


@pytest.mark.parametrize("secret", ["fake-wrong-secret-key"])
def test_a_wrong_key_is_refused_with_exit_4_and_not_shown(endpoint: str, secret: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        state_at(endpoint, secret).load()
    assert caught.value.exit_code == ExitCode.NOT_ALLOWED
    assert caught.value.message == (
        "can't read the state s3://abc/classroom/default.state.json: 403 SignatureDoesNotMatch"
    )
    assert secret not in caught.value.message + caught.value.mend + repr(caught.value)


def test_a_bucket_that_is_not_there_is_told(endpoint: str) -> None:
    with pytest.raises(RtcctlError, match="there is no such bucket") as caught:
        state_at(endpoint, bucket="not-there").load()
    assert "create it" in caught.value.mend


@pytest.mark.parametrize(
    ("answer", "said"),
    [((404, "NoSuchBucket"), "there is no such bucket"), ((400, "BadDigest"), "answered 400 BadDigest")],
)
def test_a_failed_write_is_told_with_the_stores_code_alone(fake: FakeStore, answer: tuple[int, str], said: str) -> None:
    fake.failing = {"PUT": answer, "GET": answer}
    bucket = bucket_at(fake.url)
    for write in (
        lambda: bucket.put("x", b"1"),
        lambda: bucket.create("x", b"1"),
        lambda: bucket.replace("x", b"1", "t"),
    ):
        with pytest.raises(RtcctlError, match=said) as caught:
            write()
        assert "secret" not in caught.value.message + caught.value.mend
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_a_replacement_of_what_is_not_there_is_a_conflict(fake: FakeStore, real: Bucket) -> None:
    fake.failing = {"PUT": (404, "NoSuchKey")}
    for bucket in (bucket_at(fake.url), real):
        with pytest.raises(ConflictError) as caught:
            bucket.replace("absent", b"1", '"tag"')
        assert caught.value.standing is None


def test_a_store_that_does_not_answer_is_told(fake: FakeStore) -> None:
    url = fake.url
    fake.server_close()
    with pytest.raises(RtcctlError, match="the store gave no answer") as caught:
        bucket_at(url).get("x")
    assert "RTCCTL_S3_ENDPOINT" in caught.value.mend


def test_no_message_and_no_repr_holds_the_key(endpoint: str) -> None:
    state = state_at(endpoint)
    assert SECRET_KEY not in repr(state) + str(vars(state)) + repr(vars(state._bucket)) + state.place
    assert state.place == "s3://abc/classroom/default.state.json"
    assert not state.is_local


def test_settings_that_make_no_store_are_told_without_them() -> None:
    with pytest.raises(UsageError, match="settings are not usable"):
        Bucket(BUCKET, {**options("http://127.0.0.1:1"), "virtual_hosted_style_request": "perhaps"}, "", patience=1)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore.exceptions", None)
    with pytest.raises(UsageError) as caught:
        state_at("http://127.0.0.1:1")
    assert caught.value.mend == "pip install 'rtcctl[s3]'"
    assert caught.value.exit_code == ExitCode.INVALID


def test_each_append_is_an_object_of_its_own(endpoint: str, real: Bucket) -> None:
    store = Place("s3", endpoint, "objects").open()
    store.begin(store.load())
    for delta in (Delta(serial=1), Delta(serial=2)):
        store.append([delta])
    assert real.list("some/prefix/objects") == [
        "some/prefix/objects/default.journal/00000000.json",
        "some/prefix/objects/default.journal/00000001.json",
        "some/prefix/objects/default.journal/00000002.json",
        "some/prefix/objects/default.state.json",
    ]
    store.save(replace(full_ledger(), binding=Place("s3", endpoint, "objects").binding))
    assert real.list("some/prefix/objects") == [
        "some/prefix/objects/default.state.json",
        "some/prefix/objects/default.state.json.backup",
    ]


def test_a_journal_whose_removal_was_cut_off_after_its_head_is_over(endpoint: str, real: Bucket) -> None:
    place = Place("s3", endpoint, "headless")
    store = place.open()
    base = replace(full_ledger(), binding=place.binding)
    store.load()
    store.save(base)
    store.begin(base)
    for number in range(20):
        store.append([Delta(sources=number)])
    real.delete(["some/prefix/headless/default.journal/00000000.json"])
    assert place.open().load() == base
    again = place.open()
    again.begin(again.load())
    assert len(real.list("some/prefix/headless/default.journal")) == 1
    again.append([Delta(sources=99)])
    assert place.open().load() == after(base, [Delta(sources=99)])


def test_a_journal_that_vanishes_while_it_is_read_is_read_again(
    endpoint: str, real: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place("s3", endpoint, "vanishing")
    store = place.open()
    base = replace(full_ledger(), binding=place.binding)
    store.load()
    store.save(base)
    store.begin(base)
    listing = Bucket.list

    def folded_meanwhile(self: Bucket, prefix: str) -> list[str]:
        found = listing(self, prefix)
        monkeypatch.setattr(Bucket, "list", listing)
        store.save(replace(base, serial=8))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(buckets.Bucket, "get_all", lambda self, paths: [None for _ in paths])
        with pytest.raises(RtcctlError, match="changed whenever it was read"):
            place.open().load()
    monkeypatch.setattr(Bucket, "list", folded_meanwhile)
    assert place.open().load().serial == 8


def test_a_damaged_line_is_told_with_the_journals_place(endpoint: str, real: Bucket) -> None:
    place = Place("s3", endpoint, "damaged")
    store = place.open()
    store.begin(store.load())
    real.put("some/prefix/damaged/default.journal/00000001.json", b"00000000 {}\n")
    with pytest.raises(ForeignStateError, match="line 2: its checksum does not fit") as caught:
        place.open().load()
    assert "s3://abc/some/prefix/damaged/default.journal/" in caught.value.mend


@pytest.mark.parametrize(("content", "said"), [(b"\xff", "can't read the state"), (b"{", "is damaged")])
def test_a_damaged_snapshot_names_the_backup(endpoint: str, real: Bucket, content: bytes, said: str) -> None:
    real.put("some/prefix/broken/default.state.json", content)
    with pytest.raises(ForeignStateError, match=said) as caught:
        Place("s3", endpoint, "broken").open().load()
    assert "default.state.json.backup" in caught.value.mend


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"holder": 5, "lease": "long"}', b'{"holder": {"pid": "x"}}'])
def test_a_lock_that_can_not_be_read_is_another_runs_until_it_is_old(real: Bucket, content: bytes) -> None:
    real.put("odd.lock", content)
    with pytest.raises(StateLockedError, match="locked by another run") as caught:
        Lease(real, "odd.lock").take()
    assert caught.value.mend == "wait for that run to end (a crashed one loses it after 75 s)"
    assert Lease(real, "odd.lock").holder() is None


def test_a_lock_that_vanishes_when_it_is_looked_at_is_taken_for_locked(
    real: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanished(self: Bucket, path: str, content: bytes) -> str:
        raise ConflictError(None)

    lease = Lease(real, "vanishing.lock")
    monkeypatch.setattr(lease, "_probe", lambda: None)
    monkeypatch.setattr(Bucket, "create", vanished)
    with pytest.raises(StateLockedError, match="another run"):
        lease.take()


def test_of_two_that_find_a_free_lock_at_once_the_later_is_told_of_the_other(
    real: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = Lease(real, "both.lock"), Lease(real, "both.lock")
    one.take()
    one.release()
    replacing = Bucket.replace

    def overtaken(self: Bucket, path: str, content: bytes, tag: str) -> str:
        if path == "both.lock":
            monkeypatch.setattr(Bucket, "replace", replacing)
            one.take()
        return replacing(self, path, content, tag)

    monkeypatch.setattr(Bucket, "replace", overtaken)
    with pytest.raises(StateLockedError, match=r"locked by .*, process "):
        two.take()
    one.check()
    one.release()


def test_a_lock_that_is_renewed_while_it_is_unlocked_is_read_again(
    real: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = Lease(real, "renewed.lock")
    lease.take()
    holder = lease.holder()
    assert holder is not None
    replacing, renewals = Bucket.replace, iter(range(2))

    def renewed_before(self: Bucket, path: str, content: bytes, tag: str) -> str:
        for _ in renewals:
            with monkeypatch.context() as patch:
                patch.setattr(Bucket, "replace", replacing)
                lease._renew()
            break
        return replacing(self, path, content, tag)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "replace", renewed_before)
        Lease(real, "renewed.lock").unlock(holder.nonce)
    assert not lease._renew()
    lease._lost = True
    lease.release()
    assert Lease(real, "renewed.lock").holder() is None


def test_a_lock_that_changes_at_every_look_is_told(real: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = Lease(real, "restless.lock")
    lease.take()
    holder = lease.holder()
    assert holder is not None

    def changed(self: Bucket, path: str, content: bytes, tag: str) -> str:
        raise ConflictError(None)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "replace", changed)
        with pytest.raises(RtcctlError, match="changed whenever it was read"):
            Lease(real, "restless.lock").unlock(holder.nonce)
    lease.release()
