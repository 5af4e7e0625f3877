"""A worker: trains the members that the coordinator lends it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, SupportsIndex

from murmuration.address import WORKER_VARIABLE, address_from
from murmuration.checkpoints import Checkpoints
from murmuration.connection import Connection
from murmuration.deadline import Deadline
from murmuration.errors import (
    LeaseLapsedError,
    MalformedError,
    MurmurationError,
    StaleSequenceError,
    UnknownLeaseError,
    UnreachableError,
)
from murmuration.holder import Holder, directive_of
from murmuration.preemption import forget, register, undisturbed
from murmuration.sockets import Timing, new_key
from murmuration.space_text import text_of
from murmuration.v1 import murmuration_pb2 as wire
from murmuration.values import (
    REASON_BYTES,
    WORKER_BYTES,
    Directive,
    Entry,
    Leaderboard,
    Value,
    checkpoint_address,
    clipped,
    count,
    hyperparameters_to_wire,
    in_effect,
    leaderboard_from_wire,
    metrics_to_wire,
    number,
)

logger = logging.getLogger("murmuration")


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

    `url` (`murmur://[SECRET@]HOST:PORT[/POPULATION]`), `population` and `name` come from the
    environment variables MURMUR_URL, MURMUR_POPULATION and MURMUR_WORKER unless they are given;
    `murmur run` sets all three. `space`, the path of a search space's file (or its text), makes
    sure that the population searches exactly there. With `keeps`, the worker is given a member
    that it keeps: no directive switches it to another one.

    `checkpoints` is the directory for checkpoints, which all workers see; without it
    MURMUR_CHECKPOINTS names it, and `murmur run` has one. With `delete_released` the worker
    deletes the checkpoints in it that nothing needs any more; otherwise it deletes nothing.

    Making a worker connects and joins, and waits until there is a member to train. One background
    thread does all input and output and sends heartbeats; everything else happens in the calling
    thread. A worker does not survive a fork. Leaving the `with` block gives the member back; so
    does SIGTERM within `with preemptible():`.
    """

    def __init__(
        self,
        url: str | None = None,
        population: str | None = None,
        space: str | os.PathLike[str] | None = None,
        *,
        name: str | None = None,
        keeps: bool = False,
        checkpoints: str | os.PathLike[str] | None = None,
        delete_released: bool = False,
        timing: Timing | None = None,
    ) -> None:
        address = address_from(url, population)
        name = name or os.environ.get(WORKER_VARIABLE) or f"{socket.gethostname()}:{os.getpid()}"
        text = text_of(space)
        self._checkpoints = Checkpoints(checkpoints, delete_released=delete_released)
        # A request whose answer the user stopped waiting for; it may have been accepted.
        self._unanswered: wire.Request | None = None
        self._connection = Connection(address, timing)
        self._holder = Holder(
            self._connection, address.population, clipped(name, WORKER_BYTES), text, keeps=keeps
        )
        register(self)
        try:
            self._holder.join(self._holder.new_join(), Deadline(None))
        except MurmurationError:
            self._connection.close()
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
        effect instead with `report(…, hyperparameters=…)`."""
        return dict(self._holder.assigned().hyperparameters)

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
    def checkpoint_directory(self) -> Path:
        """The directory for checkpoints; raises `CheckpointError` when none is chosen."""
        return self._checkpoints.directory

    def checkpoint_path(self, suffix: str = "") -> Path:
        """A path for the checkpoint at the target step, which was never used and never will be.

        It is in the directory for checkpoints, which is made when it is missing, and its name
        tells people the population, the member and the step. Write it within `writing(path)`.
        """
        lease = self._holder.assigned()
        return self._checkpoints.path(self.population, lease.member, lease.target_step, suffix)

    # --------------------------------------------------------------------------------- requests

    def report(
        self,
        step: SupportsIndex,
        score: Any,
        checkpoint: str | os.PathLike[str] | None = None,
        metrics: Mapping[str, Any] | None = None,
        hyperparameters: Mapping[str, Any] | None = None,
        *,
        declined: bool = False,
        timeout: float | None = None,
    ) -> Directive:
        """Says that the member scored `score` at `step`, and returns what to do next.

        `score` and the values of `metrics` are numbers or scalars of numpy, torch and the like.
        `checkpoint` is where the model was saved, complete, before this call; without one the
        report is history only. `hyperparameters` names those that were in effect and differ from
        `worker.hyperparameters`; they win.

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
                metrics=metrics_to_wire(metrics),
                released=self._checkpoints.dealt_with(),
            )
            self._complete(report, hyperparameters or {}, declined=declined)
            return wire.Request(report=report)

        return self._request(request, timeout)

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

        return self._request(request, timeout)

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
            if not self._holder.left.is_set():
                self._holder.left.set()
                self._give_back()
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

    def _give_back(self) -> None:
        deadline = Deadline(self._connection.timing.leave)
        try:
            self._connection.hold(0)
            token = self._last_lease(deadline)
            if token != 0:
                request = wire.Request(leave=wire.Leave(key=new_key(), lease=token))
                self._connection.call(request, deadline.remaining)
        except MurmurationError as error:
            # The lease lapses by itself; whatever ended the training matters more.
            logger.info("Leaving was not acknowledged: %s", error)
        finally:
            self._connection.close()

    def _last_lease(self, deadline: Deadline) -> int:
        """The lease to give back, or 0. A request that was interrupted may have changed it, which
        its answer tells when it is repeated."""
        pending = self._holder.joining or self._unanswered
        if pending is not None:
            try:
                reply = self._connection.call(pending, deadline.remaining)
            except UnreachableError:
                raise
            except MurmurationError as error:
                logger.info("What was asked before leaving was refused: %s", error)
            else:
                if reply.directive.HasField("lease"):
                    return reply.directive.lease.token
                # Whoever waits may have its lease meanwhile.
                if reply.directive.HasField("stop"):
                    return 0
        lease = self._holder.lease
        return lease.token if lease is not None else 0

    # ------------------------------------------------------------------------------- one decision

    def _complete(self, report: wire.Report, given: Mapping[str, Any], *, declined: bool) -> None:
        """Says under which lease, and with which hyperparameters, a report was trained."""
        lease = self._holder.assigned()
        assigned: dict[str, Value] | None = lease.hyperparameters
        is_declined = lease.unconfirmed and declined
        if lease.unconfirmed:
            report.effect = wire.EFFECT_DECLINED if declined else wire.EFFECT_APPLIED
            # A worker that took over another one's exploit does not know what was before it.
            assigned = lease.before if declined else assigned
        report.lease = lease.token
        report.sequence = lease.sequence + 1
        effective = in_effect(lease.hyperparameters if assigned is None else assigned, given)
        # What was before the exploit may be known otherwise there, when it was told twice.
        if is_declined or effective != assigned:
            report.hyperparameters.extend(hyperparameters_to_wire(effective))

    def _request(self, make: Callable[[], wire.Request], timeout: float | None) -> Directive:
        self._holder.check()
        deadline = Deadline(timeout)
        wanted = make()
        if self._holder.joining is not None or self._unanswered is not None:
            earlier = self._settle(wanted, deadline)
            if earlier is not None:
                return earlier
            # The lease may stand elsewhere by now.
            wanted = make()
        return self._ask(wanted, deadline)

    def _settle(self, wanted: wire.Request, deadline: Deadline) -> Directive | None:
        """Finishes what an earlier call left open.

        The earlier request may have been accepted, so it is asked for again under its own key.
        Its answer is the answer to `wanted` too if that says the same, or if the lease or the
        model to train changed by it.
        """
        if self._holder.joining is not None:
            return self._holder.join_again(self._holder.joining, deadline)
        pending = self._unanswered
        if pending is None:
            return None
        same = _same(pending, wanted)
        directive = self._ask(pending, deadline)
        if same:
            return directive
        return replace(directive, recorded=False) if directive.action != "continue" else None

    def _ask(self, request: wire.Request, deadline: Deadline) -> Directive:
        self._unanswered = request
        try:
            reply = self._connection.call(request, deadline.remaining)
        except UnreachableError as error:
            raise deadline.missed(error) from None
        except (UnknownLeaseError, LeaseLapsedError) as error:
            logger.warning("%s The worker joins anew.", error)
            self._unanswered = None
            return self._holder.join_again(self._holder.new_join(), deadline)
        except StaleSequenceError:
            # A newer report was accepted, so this one is dropped; the lease tells where it stands.
            self._unanswered = None
            token = self._holder.assigned().token
            return self._holder.join_again(self._holder.new_join(token), deadline)
        except MurmurationError:
            self._unanswered = None
            raise
        try:
            directive = directive_of(reply)
            self._checkpoints.acknowledged(request.report.released)
            self._checkpoints.take(directive.released)
            told = self._holder.follow(request, directive, deadline)
        except Exception:
            self._unanswered = None
            raise
        # Not before the lease that it brings is held: who is interrupted until then asks again for
        # what to give back.
        self._unanswered = None
        return told


def _same(pending: wire.Request, wanted: wire.Request) -> bool:
    """Whether two requests say the same, whatever their keys."""
    one, other = wire.Request(), wire.Request()
    one.CopyFrom(pending)
    other.CopyFrom(wanted)
    for request in (one, other):
        request.id = 0
        if request.HasField("decline"):
            request.decline.key = b""
    return one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)
