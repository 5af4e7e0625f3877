"""One worker of several processes, which train one model together.

Rank 0 talks to the coordinator, and every rank learns at the same point of its program what is
said: what to train, each directive, each path for a checkpoint, and that there is nothing more to
train.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, SupportsIndex

from murmuration._checkpoints import chosen
from murmuration._paths import AnyPath
from murmuration._ranks import Ranks, rank_of
from murmuration._values import Directive, Leaderboard, Value
from murmuration._worker import Worker
from murmuration.errors import (
    CheckpointError,
    MurmurationError,
    NothingToTrainError,
    RankError,
    UnreachableError,
)

__all__ = ["DistributedWorker", "Group", "mpi_group", "torch_group"]

# Ranks wait in a broadcast while rank 0 waits for the coordinator. Libraries give one up after some
# minutes, so that rank 0 says now and then that it still waits.
_WORD_SECONDS = 30.0


@dataclass(frozen=True)
class Group:
    """The processes that train one model together, and how they tell each other something."""

    rank: int
    """This process's number, from 0."""
    size: int
    """How many processes there are."""
    broadcast: Callable[[Any, int], Any]
    """Called in every rank with a value and the number of a rank, it returns that rank's value in
    all of them. Values are what pickle takes."""


def torch_group(group: Any = None) -> Group:
    """The processes of `torch.distributed`, or of one of its process groups.

    What is told travels over gloo, whatever the group's own backend, so that it needs no device and
    does not mix with what a model's processes say.
    """
    dist = importlib.import_module("torch.distributed")
    if not dist.is_initialized():
        raise RankError("Call torch.distributed.init_process_group() before this.")
    world = dist.group.WORLD if group is None else group
    ranks = [dist.get_global_rank(world, each) for each in range(dist.get_world_size(group))]
    apart = dist.new_group(ranks, backend="gloo", use_local_synchronization=group is not None)

    def broadcast(value: Any, source: int) -> Any:
        values = [value]
        dist.broadcast_object_list(values, src=ranks[source], group=apart)
        return values[0]

    return Group(dist.get_rank(group), len(ranks), broadcast)


def mpi_group(communicator: Any = None) -> Group:
    """The processes of `mpi4py`: of a communicator, or all of them."""
    comm = communicator or importlib.import_module("mpi4py.MPI").COMM_WORLD
    return Group(
        comm.Get_rank(), comm.Get_size(), lambda value, source: comm.bcast(value, root=source)
    )


@dataclass(frozen=True)
class _State:
    """What rank 0's worker holds."""

    training: bool = False
    stop_reason: str | None = None
    population: str = ""
    member: int | None = None
    hyperparameters: dict[str, Value] = field(default_factory=dict)
    checkpoint: str | None = None
    step: int = 0
    target_step: int = 0
    max_steps: int | None = None
    checkpoint_directory: Path | str | None = None


@dataclass(frozen=True)
class _Told:
    """What rank 0 says of a request: its answer or an error; neither while it still waits."""

    state: _State | None = None
    answer: Any = None
    error: BaseException | None = None


class DistributedWorker:
    """A `Worker` that all ranks of a distributed training are together.

    ```python
    torch.distributed.init_process_group()
    with DistributedWorker() as worker:
        model = restored(worker, load, Model)
        while worker.training:
            score = train(model, worker.hyperparameters, worker.step, worker.target_step)
            path = worker.checkpoint_path(".pt")
            if worker.rank == 0:
                with writing(path) as temporary:
                    torch.save(model.state_dict(), temporary)
            if worker.report(worker.target_step, score, checkpoint=path).loads:
                model = restored(worker, load, Model)
    ```

    Make it in every rank, and call `report`, `decline`, `checkpoint_path` and `leaderboard` in
    every rank in the same order: rank 0 asks, with what it was given there, and all return the same
    or raise the same. What is given in other ranks is not looked at, so that a score has to be
    reduced to rank 0 before. What the worker holds, such as `hyperparameters`, may be read at any
    time.

    `group` is the processes: by default those of `torch.distributed`, when it is initialised, or of
    `mpi4py`, when it is imported; any other library's by a `Group` of your own. The other arguments
    are `Worker`'s. A rank that dies ends the job, which its launcher sees to (torchrun, mpirun,
    srun); the member then goes on from its last checkpoint.
    """

    def __init__(
        self,
        url: str | None = None,
        population: str | None = None,
        space: AnyPath | None = None,
        *,
        group: Group | None = None,
        **options: Any,
    ) -> None:
        self._group = group or _found()
        self._worker: Worker | None = None
        self._state = _State()
        if self._group.rank != 0:
            self._heard()
            return
        # In a group that is a part of a job, its first process may have any rank.
        rank = rank_of()
        ranks: Ranks = "first" if rank is None or rank.number == 0 else "each"
        self._say(lambda: self._join(url, population, space, ranks, options))

    @property
    def rank(self) -> int:
        """This process's number among those that train the model, from 0."""
        return self._group.rank

    # ---------------------------------------------------------------------------- what to train

    @property
    def training(self) -> bool:
        """Whether there is something to train; false once a directive said `stop`."""
        return self._state.training

    @property
    def stop_reason(self) -> str | None:
        """Why there is nothing more to train, or `None` while there is."""
        return self._state.stop_reason

    @property
    def population(self) -> str:
        """The name of the population."""
        return self._state.population

    @property
    def member(self) -> int:
        """The member to train, from 0."""
        if self._state.member is None:
            raise NothingToTrainError(f"There is nothing to train: {self._state.stop_reason}")
        return self._state.member

    @property
    def hyperparameters(self) -> dict[str, Value]:
        """The hyperparameters to train with, as a copy."""
        return dict(self._state.hyperparameters)

    @property
    def checkpoint(self) -> str | None:
        """The checkpoint to train on from; `None` means a fresh start, or nothing to train."""
        return self._state.checkpoint

    @property
    def step(self) -> int:
        """The step to train on from, 0 at the start."""
        return self._state.step

    @property
    def target_step(self) -> int:
        """The step to report at."""
        return self._state.target_step

    @property
    def max_steps(self) -> int | None:
        """The step at which a member is finished, or `None` when it trains for ever."""
        return self._state.max_steps

    @property
    def checkpoint_directory(self) -> Path | str:
        """Rank 0's directory for checkpoints, a path, or the text of an address; raises
        `CheckpointError` when none is chosen."""
        return chosen(self._state.checkpoint_directory)

    # --------------------------------------------------------------------------- in every rank

    def checkpoint_path(self, suffix: str = "") -> Path | str:
        """A path for the checkpoint at the target step, the same in every rank; rank 0 saves there,
        or all do, into a directory. See `Worker.checkpoint_path`."""
        path: Path | str = self._asked(lambda worker, _: worker.checkpoint_path(suffix), None)
        return path

    def report(
        self,
        step: SupportsIndex,
        score: Any,
        checkpoint: AnyPath | None = None,
        metrics: Mapping[Any, Any] | None = None,
        hyperparameters: Mapping[str, Any] | None = None,
        *,
        declined: bool = False,
        timeout: float | None = None,
    ) -> Directive:
        """Reports what rank 0 was given, and returns what to do next. See `Worker.report`."""

        def report(worker: Worker, seconds: float) -> Directive:
            return worker.report(
                step,
                score,
                checkpoint,
                metrics,
                hyperparameters,
                declined=declined,
                timeout=seconds,
            )

        directive: Directive = self._asked(report, timeout)
        return directive

    def decline(self, reason: str, *, timeout: float | None = None) -> Directive:
        """Says that what there is to load cannot be loaded. See `Worker.decline`."""

        def decline(worker: Worker, seconds: float) -> Directive:
            return worker.decline(reason, timeout=seconds)

        directive: Directive = self._asked(decline, timeout)
        return directive

    def leaderboard(self, limit: int = 50, *, timeout: float | None = None) -> Leaderboard:
        """The population's best members. See `Worker.leaderboard`."""

        def leaderboard(worker: Worker, seconds: float) -> Leaderboard:
            return worker.leaderboard(limit, timeout=seconds)

        board: Leaderboard = self._asked(leaderboard, timeout)
        return board

    def leave(self) -> None:
        """Gives the member back; in other ranks than 0 this does nothing. It asks no other rank, so
        that a rank may leave after another one has failed."""
        if self._worker is not None:
            self._worker.leave()

    def agreed(self, fault: str | None) -> str | None:
        """The fault of the lowest rank that has one, in every rank; `None` when none has."""
        found = [self._group.broadcast(fault, rank) for rank in range(self._group.size)]
        return next((each for each in found if each is not None), None)

    def __enter__(self) -> DistributedWorker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    # ------------------------------------------------------------------- telling the other ranks

    def _asked(self, ask: Callable[[Worker, float], Any], timeout: float | None) -> Any:
        """What rank 0 is answered, in every rank; raised in every rank when that is an error."""
        if self._worker is None:
            return self._heard()
        worker = self._worker
        end = None if timeout is None else time.monotonic() + timeout

        def in_turns() -> Any:
            while True:
                left = _WORD_SECONDS if end is None else max(0.0, end - time.monotonic())
                try:
                    return ask(worker, min(left, _WORD_SECONDS))
                except UnreachableError:
                    # The same request, which counts once.
                    if left < _WORD_SECONDS or not worker.training:
                        raise
                    self._tell(_Told())

        return self._say(in_turns)

    def _join(
        self,
        url: str | None,
        population: str | None,
        space: AnyPath | None,
        ranks: Ranks,
        options: Mapping[str, Any],
    ) -> None:
        """Makes rank 0's worker, which takes as long as no member is there for it."""
        joining: Future[Worker] = Future()

        def join() -> None:
            try:
                joining.set_result(Worker(url, population, space, ranks=ranks, **options))
            except BaseException as error:
                joining.set_exception(error)

        threading.Thread(target=join, name="murmuration-join", daemon=True).start()
        try:
            while not _is_done(joining, within=_WORD_SECONDS):
                self._tell(_Told())
            self._worker = joining.result()
        except BaseException:
            joining.add_done_callback(_leave)
            raise

    def _say(self, ask: Callable[[], Any]) -> Any:
        try:
            answer = ask()
        except BaseException as error:
            self._tell(_Told(self._snapshot(), error=_portable(error)))
            raise
        self._tell(_Told(self._snapshot(), answer))
        return answer

    def _tell(self, told: _Told) -> None:
        self._group.broadcast(told, 0)
        if told.state is not None:
            self._state = told.state

    def _heard(self) -> Any:
        while True:
            told: _Told = self._group.broadcast(None, 0)
            if told.state is None:
                continue
            self._state = told.state
            if told.error is not None:
                raise told.error
            return told.answer

    def _snapshot(self) -> _State:
        worker = self._worker
        if worker is None:
            return _State(stop_reason="Rank 0 has not joined.")
        held = _State(worker.training, worker.stop_reason, worker.population)
        with contextlib.suppress(CheckpointError):
            held = replace(held, checkpoint_directory=worker.checkpoint_directory)
        try:
            return replace(
                held,
                member=worker.member,
                hyperparameters=worker.hyperparameters,
                checkpoint=worker.checkpoint,
                step=worker.step,
                target_step=worker.target_step,
                max_steps=worker.max_steps,
            )
        except NothingToTrainError:
            # It never had a member.
            return held


def _found() -> Group:
    """The group of the library that this process has begun to use."""
    torch = sys.modules.get("torch.distributed")
    if torch is not None and torch.is_available() and torch.is_initialized():
        return torch_group()
    if "mpi4py.MPI" in sys.modules:
        return mpi_group()
    raise RankError(
        "No group of processes is there: call torch.distributed.init_process_group(), import "
        "mpi4py.MPI, or give group=Group(rank, size, broadcast)."
    )


def _portable(error: BaseException) -> BaseException:
    """What the other ranks raise: the same, when it is an error of ours."""
    if isinstance(error, MurmurationError):
        return error
    return RankError(f"Rank 0 was ended by {type(error).__name__}: {error}")


def _is_done(joining: Future[Worker], within: float) -> bool:
    return bool(wait([joining], within).done)


def _leave(joining: Future[Worker]) -> None:
    """Gives back what a worker got that nobody waits for any more."""
    if joining.exception() is None:
        joining.result().leave()
