"""What happens on disk: checkpoints appear complete or not at all, and only released ones go."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from support.coordinator import Coordinator, lease, same

from murmuration import CheckpointError, InvalidError, Timing, Worker, restored, writing
from murmuration import _checkpoints as module
from murmuration.v1 import murmuration_pb2 as wire


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


# ------------------------------------------------------------------------------------ writing


def test_a_file_appears_under_its_name_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    with writing(path) as temporary:
        temporary.write_bytes(b"weights")
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".npz")
        assert not path.exists()
    assert path.read_bytes() == b"weights"
    assert names(tmp_path) == ["model.npz"]


def test_a_directory_appears_with_all_that_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with writing(path) as temporary:
        (temporary / "shards").mkdir(parents=True)
        (temporary / "shards" / "0").write_text("weights")
    assert (path / "shards" / "0").read_text() == "weights"
    assert names(tmp_path) == ["model"]


def test_all_that_was_saved_is_synced_before_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    sync, rename = os.fsync, Path.rename

    def noted_sync(descriptor: int) -> None:
        is_directory = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        happened.append("directory" if is_directory else "shard")
        sync(descriptor)

    def noted_rename(path: Path, target: Path) -> Path:
        happened.append("renamed")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    with writing(tmp_path / "model") as temporary:
        temporary.mkdir()
        (temporary / "shard").write_text("weights")
    assert happened == ["shard", "directory", "renamed", "directory"]


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_an_exception_leaves_nothing(kind: str, tmp_path: Path) -> None:
    def write_half() -> None:
        with writing(tmp_path / "model") as temporary:
            if kind == "directory":
                temporary.mkdir()
                (temporary / "shard").write_text("half")
            else:
                temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert names(tmp_path) == []


def test_nothing_saved_under_the_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="save under the very name"), writing(tmp_path / "m"):
        pass


def test_a_missing_directory_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(CheckpointError, match="its directory is missing"),
        writing(tmp_path / "no" / "m"),
    ):
        pass


@pytest.mark.parametrize("links", [True, False])
def test_a_checkpoint_that_exists_is_never_written_over(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", no_link)
    path = tmp_path / "model"

    def write_beside_another_one() -> None:
        with writing(path) as temporary:
            temporary.write_text("second")
            path.write_text("first")

    with pytest.raises(CheckpointError, match="exists, and others may be loading it"):
        write_beside_another_one()
    with pytest.raises(CheckpointError, match="exists"), writing(path):
        pass
    assert path.read_text() == "first"
    assert names(tmp_path) == ["model"]


def test_a_file_system_without_links_is_served_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no links here")

    monkeypatch.setattr(os, "link", no_link)
    with writing(tmp_path / "model") as temporary:
        temporary.write_text("weights")
    assert (tmp_path / "model").read_text() == "weights"
    assert names(tmp_path) == ["model"]


# -------------------------------------------------------------------------------------- paths


def test_a_path_names_population_member_and_step_and_is_used_once(
    coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    coordinator.answers += [lease(member=3, target=10)]
    folder = tmp_path / "deep" / "checkpoints"
    with Worker(coordinator.url, checkpoints=folder, timing=quick) as worker:
        paths = {Path(worker.checkpoint_path(".npz")) for _ in range(100)}
        with pytest.raises(InvalidError, match="suffix"):
            worker.checkpoint_path("/../../x")
    assert len(paths) == 100
    assert folder.is_dir()
    for path in paths:
        assert path.parent == folder
        assert path.name.startswith("digits-3-10-")
        assert path.suffix == ".npz"


@pytest.mark.parametrize(
    ("argument", "variable", "data", "expected"),
    [
        ("argument", "variable", "data", "argument"),
        (None, "variable", "data", "variable"),
        (None, None, "data", "data/checkpoints"),
    ],
)
def test_the_directory_is_the_argument_or_the_environments(
    argument: str | None,
    variable: str | None,
    data: str | None,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (("MURMUR_CHECKPOINTS", variable), ("MURMUR_DATA", data)):
        if value is not None:
            monkeypatch.setenv(name, value)
    chosen = module.Checkpoints(argument)
    assert Path(chosen.path("p", 0, 1)).parent == tmp_path / expected


def test_without_a_directory_it_is_said_how_to_choose_one() -> None:
    with pytest.raises(CheckpointError, match=r"Worker\(checkpoints=DIR\), or set MURMUR_CHECK"):
        module.Checkpoints().path("p", 0, 1)
    with pytest.raises(CheckpointError, match="No directory"):
        module.Checkpoints(delete_released=True)


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="choose another one"):
        module.Checkpoints(tmp_path / "file").path("p", 0, 1)


# ------------------------------------------------------------------------------------ loading


def test_a_checkpoint_that_cannot_be_loaded_is_declined(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(checkpoint="/broken"), lease(checkpoint="/whole")]

    def load(path: str) -> str:
        if path == "/broken":
            raise CheckpointError("it is broken")
        return f"model of {path}"

    with Worker(coordinator.url, timing=quick) as worker:
        assert restored(worker, load, lambda: "fresh") == "model of /whole"
    decline = coordinator.next("decline").request.decline
    assert decline.reason == "/broken cannot be loaded: it is broken"


def test_without_a_checkpoint_the_model_is_fresh(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [lease()]

    def load(path: str) -> str:
        raise AssertionError(f"{path} is loaded")

    with Worker(coordinator.url, timing=quick) as worker:
        assert restored(worker, load, lambda: "fresh") == "fresh"


def test_a_mistake_in_loading_is_no_reason_to_decline(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(checkpoint="/whole")]

    def load(path: str) -> str:
        raise NameError(path)

    with Worker(coordinator.url, timing=quick) as worker, pytest.raises(NameError):
        restored(worker, load, lambda: "fresh")
    assert coordinator.count("decline") == 0


# ----------------------------------------------------------------------------------- releases


def release(*checkpoints: str | Path, first: int = 1) -> Callable[[wire.Request], wire.Reply]:
    """Continues, and tells so many releases."""
    reply = same(20)
    for number, checkpoint in enumerate(checkpoints, first):
        reply.directive.released.add(number=number, checkpoint=str(checkpoint))
    return lambda request: reply


def acknowledged(coordinator: Coordinator) -> list[list[int]]:
    reports = [each for each in coordinator.received if each.kind == "report"]
    return [list(each.request.report.released) for each in reports]


def test_releases_are_acknowledged_once_and_nothing_is_deleted_unasked(
    coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "digits-3-10-x.npz"
    checkpoint.touch()
    coordinator.answers += [lease(), release(checkpoint, "s3://b/2"), same(30), same(40)]
    with Worker(coordinator.url, checkpoints=tmp_path, timing=quick) as worker:
        for step in (10, 20, 30):
            worker.report(step, 0.5)
    assert acknowledged(coordinator) == [[], [1, 2], []]
    assert checkpoint.exists()


def test_released_files_and_directories_are_deleted_and_missing_ones_are_fine(
    coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    file, folder, kept = tmp_path / "1.npz", tmp_path / "2", tmp_path / "3"
    file.touch()
    kept.touch()
    (folder / "shards").mkdir(parents=True)
    (folder / "shards" / "0").touch()
    coordinator.answers += [lease(), release(file, folder, tmp_path / "gone"), same(30)]
    with Worker(
        coordinator.url, checkpoints=tmp_path, delete_released=True, timing=quick
    ) as worker:
        worker.report(10, 0.5)
        assert names(tmp_path) == ["3"]
        worker.report(20, 0.5)
    assert acknowledged(coordinator) == [[], [1, 2, 3]]


def test_what_is_not_inside_the_directory_is_left_alone_with_one_warning(
    coordinator: Coordinator,
    quick: Timing,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, outside = tmp_path / "checkpoints", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    for name in ("model", "target"):
        (outside / name).touch()
    (folder / "link").symlink_to(outside / "target")
    (folder / "out").symlink_to(outside)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "relative").touch()
    monkeypatch.chdir(folder)
    left: list[str | Path] = [
        outside / "model",
        folder / "link",
        folder / "out" / "model",
        f"{folder}/../outside/model",
        f"{folder}/relative/..",
        folder,
        f"{folder}/.",
        "/",
        "relative",
        "",
        f"{folder}/zero\0byte",
        "s3://bucket/model",
        f"file://{folder}/relative",
    ]
    coordinator.answers += [lease(), release(*left), same(30)]
    with (
        caplog.at_level(logging.WARNING, "murmuration"),
        Worker(coordinator.url, checkpoints=folder, delete_released=True, timing=quick) as worker,
    ):
        worker.report(10, 0.5)
        worker.report(20, 0.5)
    assert names(folder) == ["link", "loop", "out", "relative"]
    assert names(outside) == ["model", "target"]
    assert acknowledged(coordinator)[1] == list(range(1, len(left) + 1))
    assert [record.message for record in caplog.records] == [
        f"The released checkpoint {str(outside / 'model')!r} is not inside {str(folder)!r}; it is "
        "left alone, and so are others like it."
    ]


def test_a_link_is_deleted_and_not_what_it_leads_to(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "checkpoints").symlink_to(real)
    (real / "held").touch()
    (real / "alias").symlink_to(real / "held")
    chosen = module.Checkpoints(tmp_path / "checkpoints", delete_released=True)
    chosen.take([wire.Release(number=4, checkpoint=str(tmp_path / "checkpoints" / "alias"))])
    assert names(real) == ["held"]
    assert chosen.dealt_with() == [4]


def test_what_cannot_be_deleted_is_told_again_a_few_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, other = tmp_path / "stuck", tmp_path / "other"
    stuck.touch()
    other.touch()
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "stuck":
            raise PermissionError(errno.EACCES, "Permission denied")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    chosen = module.Checkpoints(tmp_path, delete_released=True)
    told = [
        wire.Release(number=1, checkpoint=str(stuck)),
        wire.Release(number=2, checkpoint=str(other)),
    ]
    said = []
    for _ in range(3):
        chosen.take(told)
        said.append(chosen.dealt_with())
        chosen.acknowledged(said[-1])
    assert said == [[2], [2], [1, 2]]
    assert names(tmp_path) == ["stuck"]
    messages = [record.message for record in caplog.records]
    assert len(messages) == 2
    assert "is not deleted: [Errno 13] Permission denied" in messages[0]
    assert "delete it yourself" in messages[1]


def test_a_report_that_is_repeated_acknowledges_the_same(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), release("/1", "/2"), None, same(30), same(40)]
    with Worker(coordinator.url, timing=quick) as worker:
        for step in (10, 20, 30):
            worker.report(step, 0.5)
    assert acknowledged(coordinator) == [[], [1, 2], [1, 2], []]
