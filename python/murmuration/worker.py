"""A worker: trains the members that the coordinator lends it."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, SupportsIndex

from murmuration.address import WORKER_VARIABLE, address_from
from murmuration.connection import Connection
from murmuration.errors import (
    InvalidError,
    LeaseLapsedError,
    MalformedError,
    MurmurationError,
    NothingToTrainError,
    StaleSequenceError,
    UnknownLeaseError,
    UnreachableError,
)
from murmuration.sockets import Timing, new_key
from murmuration.v1 import murmuration_pb2 as wire
from murmuration.values import (
    REASON_BYTES,
    WORKER_BYTES,
    Action,
    Assignment,
    Directive,
    Entry,
    Leaderboard,
    Value,
    assignment_from_wire,
    checkpoint_address,
    clipped,
    count,
    hyperparameters_from_wire,
    hyperparameters_to_wire,
    in_effect,
    leaderboard_from_wire,
    metrics_to_wire,
    number,
)

logger = logging.getLogger("murmuration")

_TIMED_OUT = "The coordinator gave no answer within {:g} s: call again to go on waiting."


class Worker:
    """Joins a population and trains its members, one at a time.

    ```python
    with Worker() as worker:
        model = load(worker.checkpoint) if worker.checkpoint else Model()
        while worker.training:
            score = train(model, worker.hyperparameters, worker.step, worker.target_step)
            path = save(model)
            directive = worker.report(worker.target_step, score, checkpoint=path)
            if directive.loads:
                model = load(directive.checkpoint) if directive.checkpoint else Model()
    ```

    `url` (`murmur://[SECRET@]HOST:PORT[/POPULATION]`), `population` and `name` come from the
    environment variables MURMUR_URL, MURMUR_POPULATION and MURMUR_WORKER unless they are given;
    `murmur run` sets all three. `space`, the path of a search space's file (or its text), makes
    sure that the population searches exactly there.

    Making a worker connects and joins, and waits until there is a member to train. One background
    thread does all input and output and sends heartbeats; everything else happens in the calling
    thread. A worker does not survive a fork. Leaving the `with` block gives the member back.
    """

    def __init__(
        self,
        url: str | None = None,
        population: str | None = None,
        space: str | os.PathLike[str] | None = None,
        *,
        name: str | None = None,
        timing: Timing | None = None,
    ) -> None:
        address = address_from(url, population)
        self._name = (
            name or os.environ.get(WORKER_VARIABLE) or f"{socket.gethostname()}:{os.getpid()}"
        )
        self._name = clipped(self._name, WORKER_BYTES)
        self._population = address.population
        self._space = _text_of(space)
        self._lease: Assignment | None = None
        self._stop_reason: str | None = None
        # What became of the last exploit, said with the next report.
        self._effect: wire.Effect = wire.EFFECT_UNSPECIFIED
        # A request whose answer the user stopped waiting for; it may have been accepted.
        self._unanswered: wire.Request | None = None
        # A Join that is due: it may be under way already, and is repeated under its own key.
        self._joining: wire.Request | None = None
        self._left = threading.Event()
        self._connection = Connection(address, timing)
        try:
            self._join(self._new_join(), deadline=None)
        except BaseException:
            self._connection.close()
            raise

    # ---------------------------------------------------------------------------- what to train

    @property
    def training(self) -> bool:
        """Whether there is something to train; false once a directive said `stop`."""
        return self._stop_reason is None and not self._left.is_set()

    @property
    def stop_reason(self) -> str | None:
        """Why there is nothing more to train, or `None` while there is."""
        return self._stop_reason

    @property
    def population(self) -> str:
        """The name of the population."""
        return self._population

    @property
    def member(self) -> int:
        """The member to train, from 0."""
        return self._assigned().member

    @property
    def hyperparameters(self) -> dict[str, Value]:
        """The hyperparameters to train with. Changing this copy changes nothing: say what was in
        effect instead with `report(…, hyperparameters=…)`."""
        return dict(self._assigned().hyperparameters)

    @property
    def checkpoint(self) -> str | None:
        """The checkpoint to train on from; `None` means a fresh start, or nothing to train."""
        return self._lease.checkpoint if self._lease is not None else None

    @property
    def step(self) -> int:
        """The step to train on from, 0 at the start."""
        return self._assigned().step

    @property
    def target_step(self) -> int:
        """The step to report at."""
        return self._assigned().target_step

    @property
    def max_steps(self) -> int | None:
        """The step at which a member is finished, or `None` when it trains for ever."""
        return self._assigned().max_steps

    # --------------------------------------------------------------------------------- requests

    def report(
        self,
        step: SupportsIndex,
        score: Any,
        checkpoint: str | os.PathLike[str] | None = None,
        metrics: Mapping[str, Any] | None = None,
        hyperparameters: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> Directive:
        """Says that the member scored `score` at `step`, and returns what to do next.

        `score` and the values of `metrics` are numbers or scalars of numpy, torch and the like.
        `checkpoint` is where the model was saved, complete, before this call; without one the
        report is history only. `hyperparameters` names those that were in effect and differ from
        `worker.hyperparameters`; they win.

        This waits until the coordinator has decided, also through its restart; with a `timeout`
        in seconds it raises `UnreachableError`, and may be called again: the same report is
        recorded once.
        """
        lease = self._assigned()
        self._check()
        given = in_effect(lease.hyperparameters, hyperparameters or {})
        report = wire.Report(
            lease=lease.token,
            sequence=lease.sequence + 1,
            step=count(step, "step"),
            score=number(score, "score"),
            checkpoint=checkpoint_address(checkpoint),
            metrics=metrics_to_wire(metrics),
            effect=self._effect,
        )
        if given != lease.hyperparameters:
            report.hyperparameters.extend(hyperparameters_to_wire(given))
        deadline = _deadline(timeout)
        earlier = self._settle(wire.Request(report=report), deadline, timeout)
        if earlier is not None:
            return earlier
        if report.sequence <= self._assigned().sequence:
            report.sequence = self._assigned().sequence + 1
            report.effect = self._effect
        return self._ask(wire.Request(report=report), deadline, timeout)

    def decline(self, reason: str, *, timeout: float | None = None) -> Directive:
        """Says that what the last directive told could not be loaded; returns another one."""
        lease = self._assigned()
        self._check()
        decline = wire.Decline(
            key=new_key(), lease=lease.token, reason=clipped(reason, REASON_BYTES)
        )
        deadline = _deadline(timeout)
        earlier = self._settle(wire.Request(decline=decline), deadline, timeout)
        if earlier is not None:
            return earlier
        return self._ask(wire.Request(decline=decline), deadline, timeout)

    def leaderboard(self, limit: int = 50, *, timeout: float | None = None) -> Leaderboard:
        """The population's best members, at most `limit` of them, best first."""
        self._check()
        deadline = _deadline(timeout)
        board: Leaderboard | None = None
        entries: list[Entry] = []
        while board is None or (len(entries) < min(limit, board.summary.members)):
            page = wire.GetLeaderboard(
                population=self._population,
                offset=len(entries),
                limit=max(1, limit - len(entries)),
            )
            request = wire.Request(get_leaderboard=page)
            reply = self._connection.call(request, _remaining(deadline))
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
        if self._left.is_set():
            return
        self._left.set()
        lease = self._lease
        try:
            if lease is not None and lease.token != 0:
                request = wire.Request(leave=wire.Leave(key=new_key(), lease=lease.token))
                self._connection.hold(0)
                self._connection.call(request, self._connection.timing.leave)
        except MurmurationError as error:
            # The lease lapses by itself; whatever ended the training matters more.
            logger.info("Leaving was not acknowledged: %s", error)
        finally:
            self._connection.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    # ------------------------------------------------------------------------------- one decision

    def _settle(
        self, wanted: wire.Request, deadline: float | None, timeout: float | None
    ) -> Directive | None:
        """Finishes what an earlier call left open.

        The earlier request may have been accepted, so it is asked for again under its own key.
        Its answer is the answer to `wanted` too if that says the same, or if the lease or the
        model to train changed by it.
        """
        if self._joining is not None:
            return self._join_again(self._joining, deadline, timeout)
        pending = self._unanswered
        if pending is None:
            return None
        same = _same(pending, wanted)
        directive = self._ask(pending, deadline, timeout)
        return directive if same or directive.action != "continue" else None

    def _ask(
        self, request: wire.Request, deadline: float | None, timeout: float | None
    ) -> Directive:
        self._unanswered = request
        try:
            reply = self._connection.call(request, _remaining(deadline))
        except UnreachableError as error:
            raise _timed_out(error, timeout) from None
        except (UnknownLeaseError, LeaseLapsedError) as error:
            logger.warning("%s The worker joins anew.", error)
            self._unanswered = None
            return self._join_again(self._new_join(), deadline, timeout)
        except StaleSequenceError:
            # A newer report was accepted, so this one is dropped; the lease tells where it stands.
            self._unanswered = None
            return self._join_again(self._new_join(self._assigned().token), deadline, timeout)
        except MurmurationError:
            self._unanswered = None
            raise
        self._unanswered = None
        return self._follow(request, _directive(reply), deadline, timeout)

    def _join_again(
        self, join: wire.Request, deadline: float | None, timeout: float | None
    ) -> Directive:
        self._connection.hold(0)
        try:
            try:
                self._join(join, deadline)
            except (UnknownLeaseError, LeaseLapsedError):
                self._join(self._new_join(), deadline)
        except UnreachableError as error:
            raise _timed_out(error, timeout) from None
        return self._told("switch" if self.training else "stop")

    def _follow(
        self,
        request: wire.Request,
        directive: wire.Directive,
        deadline: float | None,
        timeout: float | None,
    ) -> Directive:
        """Takes over what a directive says; what is to be trained next is in effect afterwards."""
        lease = self._assigned()
        exploit = directive.exploit if directive.HasField("exploit") else None
        assignment = directive.WhichOneof("assignment")
        self._effect = wire.EFFECT_UNSPECIFIED
        if request.HasField("report"):
            report = request.report
            lease = replace(lease, sequence=report.sequence, step=report.step)
            if report.checkpoint:
                lease = replace(lease, checkpoint=report.checkpoint)
            if report.hyperparameters:
                given = hyperparameters_from_wire(report.hyperparameters)
                lease = replace(lease, hyperparameters=given)
            self._lease = lease
        if assignment == "stop":
            self._stop(directive.stop.reason)
            return self._told("stop")
        if assignment == "wait":
            join = self._new_join()
            self._sleep(directive.wait, join, deadline)
            return self._join_again(join, deadline, timeout)
        if assignment == "lease":
            given_lease = assignment_from_wire(directive.lease)
            same_member = given_lease.token == lease.token
            self._hold(given_lease)
            exploited = exploit is not None and same_member
            return self._told("exploit" if exploited else "switch", exploit)
        if assignment != "same":
            raise MalformedError("The coordinator's directive has no assignment that is known.")
        if exploit is not None:
            lease = replace(
                lease,
                step=exploit.step,
                checkpoint=exploit.checkpoint or None,
                hyperparameters=hyperparameters_from_wire(exploit.hyperparameters),
                unconfirmed=True,
            )
        else:
            lease = replace(lease, unconfirmed=False)
        self._hold(replace(lease, target_step=directive.same.target_step))
        return self._told("continue" if exploit is None else "exploit", exploit)

    def _told(self, action: Action, exploit: wire.Exploit | None = None) -> Directive:
        lease = self._lease or _NONE
        return Directive(
            action=action,
            member=lease.member,
            step=lease.step,
            target_step=lease.target_step,
            hyperparameters=dict(lease.hyperparameters),
            checkpoint=lease.checkpoint,
            donor=exploit.donor if exploit is not None and action == "exploit" else None,
            reason=self._stop_reason or "",
        )

    # ------------------------------------------------------------------------------------- leases

    def _join(self, join: wire.Request, deadline: float | None) -> None:
        """Joins, and joins again as long as the coordinator has nothing to train yet."""
        while True:
            self._joining = join
            directive = _directive(self._connection.call(join, _remaining(deadline)))
            self._joining = None
            assignment = directive.WhichOneof("assignment")
            if assignment == "lease":
                self._hold(assignment_from_wire(directive.lease))
                return
            if assignment == "stop":
                self._stop(directive.stop.reason)
                return
            if assignment != "wait":
                raise MalformedError("The coordinator answered a Join without an assignment.")
            join = self._new_join()
            self._sleep(directive.wait, join, deadline)

    def _sleep(self, wait: wire.Wait, join: wire.Request, deadline: float | None) -> None:
        """Waits as the coordinator told, before `join` is due."""
        self._joining = join
        self._connection.hold(0)
        seconds = wait.milliseconds / 1000
        remaining = _remaining(deadline)
        if self._left.wait(seconds if remaining is None else min(seconds, remaining)):
            raise NothingToTrainError(self._nothing())
        if remaining is not None and remaining < seconds:
            raise UnreachableError("The coordinator has no member to train yet.")

    def _new_join(self, lease: int = 0) -> wire.Request:
        join = self._join_message()
        join.key = new_key()
        join.lease = lease
        return wire.Request(join=join)

    def _join_message(self) -> wire.Join:
        return wire.Join(population=self._population, worker=self._name, space=self._space)

    def _hold(self, lease: Assignment) -> None:
        self._lease = lease
        self._population = lease.population or self._population
        self._effect = wire.EFFECT_APPLIED if lease.unconfirmed else wire.EFFECT_UNSPECIFIED
        self._connection.hold(lease.token, self._join_message())

    def _stop(self, reason: str) -> None:
        self._stop_reason = reason or "The coordinator has nothing more to train."
        if self._lease is not None:
            self._lease = replace(self._lease, token=0)
        self._connection.hold(0)

    def _assigned(self) -> Assignment:
        if self._lease is None:
            raise NothingToTrainError(self._nothing())
        return self._lease

    def _check(self) -> None:
        if not self.training:
            raise NothingToTrainError(self._nothing())

    def _nothing(self) -> str:
        if self._left.is_set():
            return "The worker has left: make a new Worker to train on."
        return f"There is nothing to train: {self._stop_reason}"


_NONE = Assignment(0, 0, "", 0, 0, 0, None)


def _directive(reply: wire.Reply) -> wire.Directive:
    if not reply.HasField("directive"):
        raise MalformedError(
            "The coordinator answered with something else than a directive: install a package "
            "that fits the coordinator."
        )
    return reply.directive


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


def _text_of(space: str | os.PathLike[str] | None) -> str:
    """The text of a search space, which a string with more than one line is already."""
    if space is None or (isinstance(space, str) and "\n" in space):
        return space or ""
    try:
        return Path(space).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidError(
            f"The search space {os.fspath(space)!r} cannot be read: give the path of a CSV or "
            "YAML file."
        ) from None


def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _remaining(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _timed_out(error: UnreachableError, timeout: float | None) -> UnreachableError:
    return error if timeout is None else UnreachableError(f"{error} ({_TIMED_OUT.format(timeout)})")
