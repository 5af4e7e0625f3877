"""A worker: trains the members that the coordinator lends it."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, SupportsIndex

from murmuration._alone import OneThread, alone
from murmuration._checkpoints import Checkpoints
from murmuration._connection.address import address_from
from murmuration._connection.connection import Connection
from murmuration._connection.deadline import Deadline
from murmuration._connection.sockets import new_key
from murmuration._connection.timing import Timing
from murmuration._holder import Explore, Holder
from murmuration._naming import default_name
from murmuration._paths import AnyPath, checkpoint_address
from murmuration._place import place_of
from murmuration._preemption import forget, register, undisturbed
from murmuration._ranks import Ranks, check_rank, rank_of
from murmuration._reporting import Reporting
from murmuration._scalars import count, number
from murmuration._space_text import text_of
from murmuration._texts import clipped
from murmuration._values import (
    REASON_BYTES,
    WORKER_BYTES,
    Directive,
    Entry,
    Leaderboard,
    Value,
    leaderboard_from_wire,
)
from murmuration.errors import MalformedError, MurmurationError
from murmuration.v1 import murmuration_pb2 as wire


class Worker:
    """Joins a population and trains its members, one at a time.

    ```python
    with Worker() as worker:
        model = restored(worker, load, Model)
        while worker.training:
            score = train(model, worker.hyperparameters, worker.step, worker.target_step)
            path = worker.checkpoint_path()
            with writing(path) as temporary:
                model.save(temporary)
            directive = worker.report(worker.target_step, score, checkpoint=path)
            if directive.loads:
                model = restored(worker, load, Model)
    ```

    `url` (`murmur://[SECRET@]HOST:PORT[/POPULATION]`) and `population` come from the environment
    variables MURMUR_URL and MURMUR_POPULATION unless they are given; `murmur run` sets both. With
    `file:PATH` the address is what the file says. It is waited for, and read again when nobody
    answers, so that a coordinator that comes back on another machine is found there.
    `name` names the worker on boards; without one it is `HOST[:JOB]/NUMBER`, of the scheduler's job
    and of the number that `murmur run` sets in MURMUR_WORKER, the rank of a task or the process's
    number. `space`, the path of a search space's file (or its text), makes sure that the
    population searches exactly there. With `keeps`, the worker is given a member that it keeps: no
    directive switches it to another one.

    `place` is a text that stays the same when the worker is started again, also on another host.
    A worker that joins with a place gets the member of its place's earlier worker at once, without
    waiting until that one's lease has lapsed. An earlier worker that still runs is shut out: its
    next report raises `ConflictError`. Without `place`, MURMUR_PLACE names it, or what Slurm and an
    indexed Job of Kubernetes say of the task; such a place belongs to one worker of the host at a
    time, and further ones have none. `place=""` is none.

    `checkpoints` is the directory for checkpoints, which all workers see: a path, or an address
    that fsspec reaches, such as `s3://bucket/run` (`pip install 'murmuration[fsspec]'`). Without it
    MURMUR_CHECKPOINTS names it, and `murmur run` has one. With `delete_released` the worker
    deletes the checkpoints in it that nothing needs any more; otherwise it deletes nothing.

    `explore` is a function of your own that explores on, where a member copied another one: it gets
    the hyperparameters that the coordinator explored, and returns all of them or those that it
    changes. `worker.hyperparameters` and the directive have the result, the next report says that
    it was in effect, and `murmur explain` tells it. It is called once for each copy, by whichever
    worker trains it first. What it raises, `report` raises, whose report is recorded; the next call
    asks it again.

    Making a worker connects and joins, and waits until there is a member to train. One background
    thread sends heartbeats, asks again and finds the way back to a coordinator that was away;
    everything else happens in the calling thread. A worker does not survive a fork. Leaving the
    `with` block gives the member back; so does SIGTERM within `with preemptible():`, the end of the
    interpreter, and, in the background, the end of the last reference to the worker. The end of the
    interpreter waits for that for a few seconds at most; `os._exit` and other signals skip it.

    A worker trains one member at a time and belongs to one thread at a time: one that reports or
    declines while another one does gets `BusyError`, and nothing is sent for it. Give each thread
    a worker of its own. What a worker holds may be read by any thread, `leaderboard` too, and any
    may call `leave`.

    In a distributed training (RANK above 0, with WORLD_SIZE and MASTER_ADDR, as torchrun and
    others set them) all ranks train one model. Make the worker in rank 0 alone and broadcast what
    it is told; in another rank it raises `RankError`. With `ranks="each"` every rank trains a
    member of its own.
    """

    def __init__(
        self,
        url: str | None = None,
        population: str | None = None,
        space: AnyPath | None = None,
        *,
        name: str | None = None,
        keeps: bool = False,
        place: str | None = None,
        checkpoints: AnyPath | None = None,
        delete_released: bool = False,
        explore: Explore | None = None,
        ranks: Ranks = "first",
        timing: Timing | None = None,
    ) -> None:
        check_rank(ranks, "Worker")
        address = address_from(url, population)
        if name is None or name == "":
            rank = rank_of() if ranks == "each" else None
            name = default_name(None if rank is None else rank.number)
        text = text_of(space)
        self._one = OneThread("Worker")
        self._checkpoints = Checkpoints(checkpoints, delete_released=delete_released)
        own = place_of(place, ranks)
        try:
            self._connection = Connection(address, timing)
        except BaseException:
            own.give_up()
            raise
        self._holder = Holder(
            self._connection,
            self._connection.address.population,
            clipped(name, WORKER_BYTES),
            text,
            keeps=keeps,
            place=own,
            explore=explore,
        )
        self._reporting = Reporting(self._connection, self._holder, self._checkpoints)
        self._abandon = weakref.finalize(self, self._reporting.abandon)
        # At the end of the interpreter an answer is waited for (`leave_at_exit`).
        self._abandon.atexit = False
        register(self)
        try:
            self._holder.join(self._holder.new_join(), Deadline(None))
        except MurmurationError:
            self._connection.close()
            own.give_up()
            raise
        except BaseException:
            self.leave()
            raise

    # ---------------------------------------------------------------------------- what to train

    @property
    def training(self) -> bool:
        """Whether there is something to train; false once a directive said `stop`."""
        return self._holder.training

    @property
    def stop_reason(self) -> str | None:
        """Why there is nothing more to train, or `None` while there is."""
        return self._holder.stop_reason

    @property
    def population(self) -> str:
        """The name of the population."""
        return self._holder.population

    @property
    def member(self) -> int:
        """The member to train, from 0."""
        return self._holder.assigned().member

    @property
    def hyperparameters(self) -> dict[str, Value]:
        """The hyperparameters to train with. Changing this copy changes nothing: say what was in
        effect instead with `report(…, hyperparameters=…)`.

        What does not count, because of conditions of the search space, is not among them.
        """
        return dict(self._holder.assigned().trained_with)

    @property
    def _conditional(self) -> tuple[str, ...]:
        """Those that count only where others have some values."""
        lease = self._holder.lease
        return lease.conditional if lease is not None else ()

    @property
    def checkpoint(self) -> str | None:
        """The checkpoint to train on from; `None` means a fresh start, or nothing to train."""
        lease = self._holder.lease
        return lease.checkpoint if lease is not None else None

    @property
    def step(self) -> int:
        """The step to train on from, 0 at the start."""
        return self._holder.assigned().step

    @property
    def target_step(self) -> int:
        """The step to report at."""
        return self._holder.assigned().target_step

    @property
    def max_steps(self) -> int | None:
        """The step at which a member is finished, or `None` when it trains for ever."""
        return self._holder.assigned().max_steps

    @property
    def checkpoint_directory(self) -> Path | str:
        """The directory for checkpoints, a path, or the text of an address; raises
        `CheckpointError` when none is chosen."""
        return self._checkpoints.directory

    def checkpoint_path(self, suffix: str = "") -> Path | str:
        """A path for the checkpoint at the target step, which was never used and never will be; the
        text of an address when the directory is one.

        It is in the directory for checkpoints, which is made when it is missing, and its name
        tells people the population, the member and the step. Write it within `writing(path)`.
        """
        lease = self._holder.assigned()
        return self._checkpoints.path(self.population, lease.member, lease.target_step, suffix)

    # --------------------------------------------------------------------------------- requests

    @alone
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
        """Says that the member scored `score` at `step`, and returns what to do next.

        `score` and the values of `metrics` are numbers, or scalars and arrays with one element of
        numpy, torch and the like. Metrics are named by any printable text of up to 256 bytes, and
        there are at most 1024; one that cannot be taken is left out, with one warning in the log.
        `checkpoint` is where the model was saved, complete, before this call: a path, which becomes
        absolute, or an address such as `s3://…`; without one the report is history only.
        `hyperparameters` names those that were in effect and differ from `worker.hyperparameters`;
        they win.

        `declined` says that the exploit before this report was not taken over: the member went on
        from its own state and, but for `hyperparameters`, with its own ones. Without an exploit
        it says nothing.

        This waits until the coordinator has decided, however long it is away, and logs now and
        then that it waits; with a `timeout` in seconds it raises `UnreachableError`, and may be
        called again: the same report is recorded once.
        """

        def request() -> wire.Request:
            report = wire.Report(
                step=count(step, "step"),
                score=number(score, "score"),
                checkpoint=checkpoint_address(checkpoint),
                released=self._checkpoints.dealt_with(),
            )
            self._reporting.complete(report, metrics, hyperparameters or {}, declined=declined)
            return wire.Request(report=report)

        return self._reporting.ask(request, timeout)

    @alone
    def decline(self, reason: str, *, timeout: float | None = None) -> Directive:
        """Says that what there is to load cannot be loaded; returns another directive.

        The member goes back to its state before that; when there is none, it goes on from another
        member's, or starts anew, with `checkpoint` `None`. That may be declined as well: at the
        third time at the latest there is nothing to load. `restored()` does all this.
        """

        def request() -> wire.Request:
            return wire.Request(
                decline=wire.Decline(
                    key=new_key(),
                    lease=self._holder.assigned().token,
                    reason=clipped(reason, REASON_BYTES),
                )
            )

        return self._reporting.ask(request, timeout)

    def leaderboard(self, limit: int = 50, *, timeout: float | None = None) -> Leaderboard:
        """The population's best members, at most `limit` of them, best first."""
        self._holder.check()
        deadline = Deadline(timeout)
        board: Leaderboard | None = None
        entries: list[Entry] = []
        while board is None or (len(entries) < min(limit, board.summary.members)):
            page = wire.GetLeaderboard(
                population=self._holder.population,
                offset=len(entries),
                limit=max(1, limit - len(entries)),
            )
            request = wire.Request(get_leaderboard=page)
            reply = self._connection.call(request, deadline.remaining)
            if not reply.HasField("leaderboard"):
                raise MalformedError("The coordinator answered with something else than a board.")
            found = leaderboard_from_wire(reply.leaderboard, reply.epoch, reply.committed)
            board = board or found
            if not found.entries:
                break
            entries += found.entries
        return replace(board, entries=tuple(entries[:limit]))

    def leave(self) -> None:
        """Gives the member back and closes the connection; it is safe to call this again.

        The member keeps its committed state, and another worker goes on from there.
        """
        try:
            self._connection.check_process()
        except MurmurationError:
            # In a forked child there is nothing to close: the parent goes on.
            return
        with undisturbed():
            self._reporting.leave()
            self._abandon.detach()
            forget(self)

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
