"""Several processes that are one worker."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from support.coordinator import Answer, Coordinator, error, exploit, lease, same, stop

from murmuration import (
    CheckpointError,
    InvalidError,
    RankError,
    RefusedError,
    Timing,
    UnreachableError,
    distributed,
    restored,
)
from murmuration.distributed import DistributedWorker, Group
from murmuration.v1 import murmuration_pb2 as wire

Result = TypeVar("Result")
RANKS = 3


class Threads:
    """Threads that tell each other things as processes do, by what pickle takes."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(RANKS, timeout=60)
        self._value = b""
        self.told = 0

    def group(self, rank: int) -> Group:
        def broadcast(value: Any, source: int) -> Any:
            if rank == source:
                self._value = pickle.dumps(value)
                self.told += 1
            self._barrier.wait()
            found = pickle.loads(self._value)
            self._barrier.wait()
            return found

        return Group(rank, RANKS, broadcast)

    def run(self, body: Callable[[Group], Result]) -> list[Result | BaseException]:
        """What each rank's body returned or raised."""
        found: dict[int, Result | BaseException] = {}

        def run(rank: int) -> None:
            try:
                found[rank] = body(self.group(rank))
            except BaseException as error:
                found[rank] = error

        threads = [threading.Thread(target=run, args=(rank,)) for rank in range(RANKS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return [found[rank] for rank in range(RANKS)]


def test_every_rank_is_told_the_same_at_the_same_step(
    coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    coordinator.answers += [lease(), exploit(20), stop("All is trained.")]

    def train(group: Group) -> list[object]:
        with DistributedWorker(
            coordinator.url, group=group, timing=quick, checkpoints=tmp_path
        ) as worker:
            seen: list[object] = [worker.rank, worker.member, worker.hyperparameters]
            # What other ranks than 0 say is not looked at.
            score = 0.5 if worker.rank == 0 else None
            first = worker.checkpoint_path(".pt")
            told = worker.report(worker.target_step, score, checkpoint=first)
            seen += [first, told, worker.step, worker.checkpoint, worker.hyperparameters]
            last = worker.report(worker.target_step, score)
            return [*seen, last, worker.training, worker.stop_reason]

    found = Threads().run(train)
    assert [each[0] for each in found if isinstance(each, list)] == list(range(RANKS))
    first, *others = [each[1:] for each in found if isinstance(each, list)]
    assert others == [first, first]
    assert first[-2:] == [False, "All is trained."]
    kinds = [each.kind for each in coordinator.received]
    # One worker, and its last report ended the lease.
    assert kinds.count("join") == 1
    assert kinds.count("report") == 2


def test_every_rank_knows_the_directory_for_checkpoints(
    coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign.pt"
    own = tmp_path / "own"
    coordinator.answers += [lease(checkpoint=str(foreign)), lease()]

    def train(group: Group) -> object:
        chosen = own if group.rank == 0 else None
        with DistributedWorker(
            coordinator.url, group=group, timing=quick, checkpoints=chosen
        ) as worker:
            # What is not there is loaded by no rank.
            inside = worker.checkpoint_directory
            model = restored(worker, lambda path: path, lambda: "fresh", inside=inside)
            return inside, model

    assert Threads().run(train) == [(own, "fresh")] * RANKS


def test_without_a_directory_for_checkpoints_every_rank_says_so(
    coordinator: Coordinator, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MURMUR_CHECKPOINTS", raising=False)
    coordinator.answers += [lease()]

    def train(group: Group) -> str:
        with DistributedWorker(coordinator.url, group=group, timing=quick) as worker:
            with pytest.raises(CheckpointError, match="No directory for checkpoints is chosen"):
                _ = worker.checkpoint_directory
            return "said"

    assert Threads().run(train) == ["said"] * RANKS


def test_an_error_of_rank_0_is_raised_in_every_rank(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), error(wire.Error.CODE_INVALID, "No such step."), same(20)]

    def train(group: Group) -> str:
        with DistributedWorker(coordinator.url, group=group, timing=quick) as worker:
            with pytest.raises(InvalidError, match="No such step"):
                worker.report(10, 0.5)
            # It goes on from there.
            return worker.report(10, 0.5).action

    assert Threads().run(train) == ["continue"] * RANKS


def test_a_mistake_in_rank_0_ends_no_rank_in_silence(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease()]

    def train(group: Group) -> None:
        with DistributedWorker(coordinator.url, group=group, timing=quick) as worker:
            worker.report(10, 0.5, metrics=Broken())  # type: ignore[arg-type]

    class Broken:
        def items(self) -> None:
            raise ZeroDivisionError("halves of nothing")

    first, *others = Threads().run(train)
    assert isinstance(first, ZeroDivisionError)
    for other in others:
        assert isinstance(other, RankError)
        assert "ZeroDivisionError: halves of nothing" in str(other)


def test_what_cannot_be_joined_is_raised_in_every_rank(quick: Timing) -> None:
    impatient = Timing(connect=0.1)
    found = Threads().run(
        lambda group: DistributedWorker("murmur://127.0.0.1:1", group=group, timing=impatient)
    )
    assert [type(each) for each in found] == [UnreachableError] * RANKS
    with Coordinator(secret="correct-horse_battery1") as coordinator:
        url = f"murmur://127.0.0.1:{coordinator.port}"
        found = Threads().run(lambda group: DistributedWorker(url, group=group, timing=quick))
    assert [type(each) for each in found] == [RefusedError] * RANKS


def test_ranks_hear_that_rank_0_still_waits(
    coordinator: Coordinator, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "_WORD_SECONDS", 0.1)
    answers: list[Answer] = [*[None] * 8, lease(), *[None] * 8, *[same(20)] * 10]
    coordinator.answers += answers
    threads = Threads()

    def train(group: Group) -> str:
        with DistributedWorker(coordinator.url, group=group, timing=quick) as worker:
            return worker.report(10, 0.5).action

    assert threads.run(train) == ["continue"] * RANKS
    # More than the two that say what came of it.
    assert threads.told > 4
    sequences = {
        each.request.report.sequence for each in coordinator.received if each.kind == "report"
    }
    assert sequences == {1}


def test_a_timeout_ends_the_wait_of_every_rank(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [lease(), *[None] * 100]

    def train(group: Group) -> None:
        with DistributedWorker(coordinator.url, group=group, timing=quick) as worker:
            worker.report(10, 0.5, timeout=0.3)

    assert [type(each) for each in Threads().run(train)] == [UnreachableError] * RANKS


def test_what_one_rank_cannot_load_is_declined_for_all(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [
        lease(checkpoint="/broken"),
        lease(checkpoint="/whole"),
        lease(checkpoint="/whole"),
    ]

    def train(group: Group) -> str:
        def load(path: str) -> str:
            if path == "/broken" and group.rank == 1:
                raise OSError("a shard is missing")
            return path

        with DistributedWorker(coordinator.url, group=group, timing=quick) as worker:
            return restored(worker, load, lambda: "fresh")

    assert Threads().run(train) == ["/whole"] * RANKS
    declines = [each.request.decline for each in coordinator.received if each.kind == "decline"]
    assert len(declines) == 1
    assert "a shard is missing" in declines[0].reason


def test_without_a_group_it_says_what_to_do() -> None:
    with pytest.raises(RankError, match="No group of processes is there"):
        DistributedWorker("murmur://127.0.0.1:1")
