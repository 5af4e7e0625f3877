"""Reports and declines: what they say, what becomes of them, and what is given back at the end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from murmuration._checkpoints import Checkpoints
from murmuration._connection.connection import Connection
from murmuration._connection.deadline import Deadline
from murmuration._connection.sockets import new_key
from murmuration._holder import Holder, directive_of
from murmuration._leaving import leave_at_exit
from murmuration._metrics import Metrics
from murmuration._values import Directive, Value, hyperparameters_to_wire, in_effect
from murmuration.errors import (
    ConflictError,
    LeaseLapsedError,
    MurmurationError,
    StaleSequenceError,
    UnknownLeaseError,
    UnreachableError,
)
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")


class Reporting:
    """What a worker says of the member that it holds. It goes on without the worker itself, whose
    member it gives back when nobody has the worker any more."""

    def __init__(self, connection: Connection, holder: Holder, checkpoints: Checkpoints) -> None:
        self._connection = connection
        self._holder = holder
        self._checkpoints = checkpoints
        self._metrics = Metrics()
        self._warned_of_step = False
        # A request whose answer the user stopped waiting for; it may have been accepted.
        self._unanswered: wire.Request | None = None
        # Taken by who leaves; set when all that this takes is done.
        self._leaving = threading.Lock()
        self._gone = threading.Event()
        leave_at_exit(self)

    def ask(self, make: Callable[[], wire.Request], timeout: float | None) -> Directive:
        """What the coordinator says to a request, which is made again for another lease."""
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

    def complete(
        self,
        report: wire.Report,
        metrics: Mapping[Any, Any] | None,
        given: Mapping[str, Any],
        *,
        declined: bool,
    ) -> None:
        """Says under which lease, and with which hyperparameters, a report was trained."""
        if not declined:
            # It was asked in vain, if it has not explored this copy yet.
            self._holder.explore()
        lease = self._holder.assigned()
        assigned: dict[str, Value] | None = lease.hyperparameters
        is_declined = lease.unconfirmed and declined
        if lease.unconfirmed:
            report.effect = wire.EFFECT_DECLINED if declined else wire.EFFECT_APPLIED
            # A worker that took over another one's exploit does not know what was before it.
            assigned = lease.before if declined else assigned
        report.lease = lease.token
        report.sequence = lease.sequence + 1
        if declined:
            trained = lease.hyperparameters if assigned is None else assigned
        else:
            trained = lease.trained_with
        effective = in_effect(trained, given, lease.conditional)
        # What was before the exploit may be known otherwise there, when it was told twice.
        if is_declined or effective != assigned:
            report.hyperparameters.extend(hyperparameters_to_wire(effective))
        # A member that went on from its own state may be behind its donor.
        if report.step < lease.step and not is_declined:
            self._warn_of_step(report.step, lease.step)
        if metrics is not None:
            sent = hyperparameters_to_wire(effective)
            self._metrics.add(metrics, report, beside=sum(each.ByteSize() for each in sent))

    def _warn_of_step(self, step: int, earlier: int) -> None:
        if not self._warned_of_step:
            logger.warning(
                "The report at step %d comes after step %d and is made all the same: count a "
                "member's steps on from worker.step.",
                step,
                earlier,
            )
        self._warned_of_step = True

    # ------------------------------------------------------------------------------ one decision

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
            return self._holder.join_again(self._rejoin(), deadline)
        except ConflictError:
            self._unanswered = None
            if request.HasField("report"):
                # Any report under this sequence would meet the other one again, so that the next
                # call asks first where the lease stands.
                self._holder.joining = self._rejoin()
            raise
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

    def _rejoin(self) -> wire.Request:
        return self._holder.new_join(self._holder.assigned().token)

    # ----------------------------------------------------------------------------------- leaving

    def abandon(self) -> None:
        """Leaves in a thread of its own; garbage collection may call this at any moment."""
        self._connection.dispatch(self.leave)

    def leave(self) -> None:
        """Gives the member back and closes the connection; it is safe to call this again."""
        # Once, whichever thread comes first.
        if self._leaving.acquire(blocking=False):
            self._leave(self._connection.timing.leave)

    def leave_within(self, seconds: float) -> None:
        """Leaves, or waits for the thread that does; gives up after that time."""
        if self._leaving.acquire(blocking=False):
            self._leave(min(seconds, self._connection.timing.leave))
        else:
            self._gone.wait(seconds)

    def _leave(self, seconds: float) -> None:
        self._holder.left.set()
        try:
            self._give_back(seconds)
        finally:
            self._holder.place.give_up()
            self._gone.set()

    def _give_back(self, seconds: float) -> None:
        deadline = Deadline(seconds)
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
