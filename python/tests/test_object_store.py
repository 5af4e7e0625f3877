"""Checkpoints at addresses that fsspec reaches."""

from __future__ import annotations

import importlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.coordinator import Coordinator, lease, same
from support.libraries import installed

from murmuration import (
    CheckpointError,
    InvalidError,
    LibraryError,
    Timing,
    Worker,
    _object_store,
    restored,
    writing,
)
from murmuration._checkpoints import Checkpoints
from murmuration.v1 import murmuration_pb2 as wire

FSSPEC = "pip install fsspec"
S3 = "pip install s3fs 'moto[server]'"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MURMUR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def memory() -> Iterator[str]:
    """A directory that is in memory."""
    installed("fsspec", FSSPEC)
    directory = f"memory://{secrets.token_hex(4)}"
    yield directory
    store, path = _object_store._opened(directory)
    if store.exists(path):
        store.rm(path, recursive=True)


@pytest.fixture(params=["memory", "file"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A directory of each kind that needs no server; nobody has made it."""
    if request.param == "memory":
        return str(request.getfixturevalue("memory"))
    installed("fsspec", FSSPEC)
    return f"file://{tmp_path}/run/checkpoints"


def listed(directory: str) -> list[str]:
    store, path = _object_store._opened(directory)
    return sorted(each.removeprefix(path).lstrip("/") for each in store.find(path))


def test_a_file_or_a_directory_appears_whole(directory: str) -> None:
    with writing(f"{directory}/one.pt") as temporary:
        assert temporary.name == "one.pt"
        temporary.write_text("weights")
        # Not before the end.
        assert listed(directory) == []
    with writing(f"{directory}/two") as temporary:
        (temporary / "shards").mkdir(parents=True)
        (temporary / "shards" / "0").write_text("zero")
        (temporary / "index").write_text("all")
    assert listed(directory) == ["one.pt", "two/index", "two/shards/0"]
    assert _object_store.fetched(f"{directory}/one.pt").read_text() == "weights"
    copy = _object_store.fetched(f"{directory}/two")
    assert (copy / "shards" / "0").read_text() == "zero"
    assert (copy / "index").read_text() == "all"


def test_nothing_is_left_of_what_failed(directory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), writing(f"{directory}/one") as temporary:
        fail(temporary)
    with pytest.raises(CheckpointError, match="Nothing was saved"), writing(f"{directory}/one"):
        pass
    store, _ = _object_store._opened(directory)
    put = type(store).put_file

    def failing(self: Any, path: str, target: str, **given: Any) -> None:
        if target.endswith("second"):
            raise PermissionError("no more room")
        put(self, path, target, **given)

    monkeypatch.setattr(type(store), "put_file", failing)
    failure = pytest.raises(CheckpointError, match="cannot be written: PermissionError: no more")
    with failure, writing(f"{directory}/two") as temporary:
        temporary.mkdir()
        (temporary / "first").write_text("1")
        (temporary / "second").write_text("2")
    assert listed(directory) == []


def test_what_exists_is_never_written_over(directory: str) -> None:
    with writing(f"{directory}/one") as temporary:
        temporary.write_text("first")
    with pytest.raises(CheckpointError, match="exists"), writing(f"{directory}/one") as temporary:
        temporary.write_text("second")
    assert _object_store.fetched(f"{directory}/one").read_text() == "first"


def test_copies_are_fetched_once_and_go_when_they_take_too_much(
    memory: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        with writing(f"{memory}/{name}") as temporary:
            temporary.write_bytes(name.encode() * 1000)
    monkeypatch.setenv("MURMUR_CACHE_GIGABYTES", str(2000 / 1e9))
    first = _object_store.fetched(f"{memory}/a")
    _object_store.delete(f"{memory}/a")
    assert _object_store.fetched(f"{memory}/a") == first
    second = _object_store.fetched(f"{memory}/b")
    for age, copy in ((5000, first), (6000, second)):
        os.utime(copy.parent, (copy.stat().st_atime - age,) * 2)
    third = _object_store.fetched(f"{memory}/c")
    # The one that was used longest ago.
    assert [each.exists() for each in (first, second, third)] == [True, False, True]
    # One that was fetched just now may be being loaded: it stays, whatever it takes.
    again = _object_store.fetched(f"{memory}/b")
    assert [each.exists() for each in (first, again, third)] == [False, True, True]
    assert not list(cache.glob(".partial*"))
    monkeypatch.setenv("MURMUR_CACHE_GIGABYTES", "much")
    with pytest.raises(InvalidError, match="MURMUR_CACHE_GIGABYTES is 'much'"):
        _object_store.fetched(f"{memory}/c")


def test_what_is_missing_is_declined(memory: str, coordinator: Coordinator, quick: Timing) -> None:
    with writing(f"{memory}/there") as temporary:
        temporary.write_text("weights")
    coordinator.answers += [
        lease(checkpoint=f"{memory}/gone"),
        lease(checkpoint=f"{memory}/there"),
    ]
    with Worker(coordinator.url, checkpoints=memory, timing=quick) as worker:
        model = restored(worker, lambda path: Path(path).read_text(), str)
    assert model == "weights"
    reason = coordinator.next("decline").request.decline.reason
    assert f"{memory}/gone" in reason
    assert "cannot be fetched: FileNotFoundError" in reason


def test_what_lies_elsewhere_is_never_fetched(
    memory: str, coordinator: Coordinator, quick: Timing, cache: Path
) -> None:
    store, path = _object_store._opened(memory)
    store.pipe(f"{path}-other/evil", b"code")
    coordinator.answers += [
        lease(checkpoint=f"{memory}-other/evil"),
        lease(checkpoint=f"{memory}/../{Path(path).name}-other/evil"),
        lease(checkpoint="/etc/passwd"),
        lease(),
    ]
    with Worker(coordinator.url, checkpoints=memory, timing=quick) as worker:
        trusted = worker.checkpoint_directory
        assert restored(worker, lambda _: "loaded", lambda: "fresh", inside=trusted) == "fresh"
    assert coordinator.count("decline") == 3
    assert not list(cache.glob("*/*"))
    store.rm(f"{path}-other", recursive=True)


def test_released_ones_are_deleted_when_the_user_asked(memory: str) -> None:
    store, path = _object_store._opened(memory)
    for name in ("one", "two", "dir/part"):
        store.pipe(f"{path}/{name}", b"x")
    store.pipe(f"{path}-other/three", b"x")
    releases = [
        wire.Release(number=number, checkpoint=checkpoint)
        for number, checkpoint in enumerate(
            (f"{memory}/one", f"{memory}/dir", f"{memory}/gone", f"{memory}-other/three"), start=1
        )
    ]
    kept = Checkpoints(memory)
    kept.take(releases)
    assert listed(memory) == ["dir/part", "one", "two"]
    deleting = Checkpoints(memory, delete_released=True)
    deleting.take(releases)
    assert listed(memory) == ["two"]
    assert store.exists(f"{path}-other/three")
    assert deleting.dealt_with() == [1, 2, 3, 4]
    store.rm(f"{path}-other", recursive=True)


def test_what_is_not_installed_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    installed("fsspec", FSSPEC)
    with pytest.raises(InvalidError, match="cannot be reached: Protocol not known"):
        Checkpoints("nowhere://bucket/run")

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(LibraryError, match=r"pip install 'murmuration\[fsspec\]'"):
        Checkpoints("s3://bucket/run")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A directory of S3, as a server of its own has it."""
    installed("s3fs", S3)
    moto = installed("moto.server", S3)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody-knows")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    store = importlib.import_module("s3fs").S3FileSystem
    store.clear_instance_cache()
    store().mkdir("bucket")
    yield "s3://bucket/run"
    store.clear_instance_cache()
    server.stop()


def test_a_worker_trains_with_checkpoints_in_s3(
    bucket: str, coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), same(20)]
    with Worker(coordinator.url, checkpoints=bucket, timing=quick) as worker:
        path = worker.checkpoint_path(".pt")
        assert str(path).startswith(f"{bucket}/digits-")
        with writing(path) as temporary:
            temporary.write_bytes(b"weights" * 1000)
        worker.report(10, 0.5, checkpoint=path)
    assert coordinator.next("report").request.report.checkpoint == path
    released = same(30)
    released.directive.released.add(number=1, checkpoint=path)
    coordinator.answers += [lease(checkpoint=path), released, same(40)]
    with Worker(coordinator.url, checkpoints=bucket, delete_released=True, timing=quick) as worker:
        model = restored(worker, lambda found: Path(found).read_bytes(), bytes)
        assert model == b"weights" * 1000
        worker.report(20, 0.5)
        worker.report(30, 0.5)
    reports = [each.request.report for each in coordinator.received if each.kind == "report"]
    assert [list(each.released) for each in reports] == [[], [], [1]]
    assert listed(bucket) == []
    # What has no such bucket is a checkpoint that cannot be written, with the store's own reason.
    with (
        pytest.raises(CheckpointError, match="cannot be written"),
        writing("s3://nowhere/run/x") as temporary,
    ):
        temporary.write_text("x")
