"""The lease that a worker holds, and what joining and directives make of it."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from murmuration._connection.connection import Connection
from murmuration._connection.deadline import Deadline
from murmuration._connection.reminder import Reminder
from murmuration._connection.sockets import new_key
from murmuration._place import Place
from murmuration._shown import escaped
from murmuration._values import (
    Action,
    Assignment,
    Directive,
    Value,
    assignment_from_wire,
    changed,
    hyperparameters_from_wire,
    in_effect,
)
from murmuration.errors import (
    InvalidError,
    LeaseLapsedError,
    MalformedError,
    NothingToTrainError,
    UnknownLeaseError,
    UnreachableError,
)
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

#: Makes hyperparameters of those that the coordinator explored.
Explore = Callable[[dict[str, Value]], Mapping[str, Any]]

_LOCK = threading.Lock()
# All of this process that somebody still has.
_HOLDERS: weakref.WeakSet[Holder] = weakref.WeakSet()


class Holder:
    """Holds one lease after another, and knows what is to be trained under it.

    It joins, waits when the coordinator says so, and takes over what a directive says. With
    `keeps` it asks for a member of its own, and for the same one after its lease ended.
    """

    def __init__(
        self,
        connection: Connection,
        population: str,
        name: str,
        space: str,
        *,
        keeps: bool,
        place: Place,
        explore: Explore | None = None,
    ) -> None:
        self.population = population
        self.lease: Assignment | None = None
        self.stop_reason: str | None = None
        self.left = threading.Event()
        # A Join that is due: it may be under way already, and is repeated under its own key.
        self.joining: wire.Request | None = None
        self._connection = connection
        self._name = name
        self._space = space
        self._keeps = keeps
        self.place = place
        self._explore = explore
        # There while no member is.
        self._reminder: Reminder | None = None
        with _LOCK:
            _HOLDERS.add(self)

    @property
    def training(self) -> bool:
        return self.stop_reason is None and not self.left.is_set()

    def assigned(self) -> Assignment:
        """What to train, or was trained last; raises when there never was anything."""
        if self.lease is None:
            raise NothingToTrainError(self._nothing())
        return self.lease

    def check(self) -> None:
        if not self.training:
            raise NothingToTrainError(self._nothing())

    # ------------------------------------------------------------------------------------ joining

    def new_join(self, lease: int = 0) -> wire.Request:
        """A Join under a key of its own: for `lease` again, or for whatever there is."""
        join = self._join_message()
        join.key = new_key()
        join.lease = lease
        if lease == 0 and self.lease is not None:
            join.former = self.lease.token
        return wire.Request(join=join)

    def join(self, join: wire.Request, deadline: Deadline) -> wire.Exploit | None:
        """Joins, and joins again as long as the coordinator has nothing to train yet.

        Returns what was decided meanwhile for the member that it held, when it is that one again.
        """
        while True:
            self.joining = join
            try:
                reply = self._connection.call(join, deadline.remaining)
            except (UnknownLeaseError, LeaseLapsedError):
                # The lease is over that was to be taken up again, or that an answer gave which was
                # too long under way.
                join = self.new_join()
                continue
            directive = directive_of(reply)
            assignment = directive.WhichOneof("assignment")
            # What is due stays so until the lease is held: who is interrupted before that asks
            # again for what to give back.
            if assignment == "lease":
                self.joining = None
                self._hold(_as_known(assignment_from_wire(directive.lease), self.lease))
                return directive.exploit if directive.HasField("exploit") else None
            if assignment == "stop":
                self._stop(directive.stop.reason)
                self.joining = None
                return None
            self.joining = None
            if assignment != "wait":
                raise MalformedError("The coordinator answered a Join without an assignment.")
            join = self.new_join()
            self._sleep(directive.wait, join, deadline)

    def join_again(self, join: wire.Request, deadline: Deadline) -> Directive:
        """Joins after a lease ended. What the call wanted to report under it is not recorded."""
        return self._join_again(join, self.lease or _NONE, None, deadline, recorded=False)

    def _join_again(
        self,
        join: wire.Request,
        lease: Assignment,
        exploit: wire.Exploit | None,
        deadline: Deadline,
        *,
        recorded: bool,
    ) -> Directive:
        """Joins after `lease`, which ended with an `exploit` or without."""
        self._connection.hold(0)
        try:
            decided = self.join(join, deadline)
        except UnreachableError as error:
            raise deadline.missed(error) from None
        if not self.training:
            return self._told("stop", recorded=recorded)
        exploit = decided or exploit
        given = self.assigned()
        if exploit is not None and _is_of(exploit, lease, given):
            return replace(self._take(given, lease, exploit), recorded=recorded)
        # Whoever has its member again as it reported it has nothing to load.
        action: Action = "continue" if recorded and _is_as_left(given, lease) else "switch"
        return self._told(action, recorded=recorded)

    # ----------------------------------------------------------------------- following directives

    def follow(
        self, request: wire.Request, directive: wire.Directive, deadline: Deadline
    ) -> Directive:
        """Takes over what a directive says; what is to be trained next is in effect afterwards."""
        lease = self.assigned()
        exploit = directive.exploit if directive.HasField("exploit") else None
        assignment = directive.WhichOneof("assignment")
        if request.HasField("report"):
            lease = self.lease = _after(request.report, lease)
        if assignment == "stop":
            self._stop(directive.stop.reason)
            return self._told("stop")
        if assignment == "wait":
            return self._return(directive.wait, lease, exploit, deadline)
        if assignment == "lease":
            given = assignment_from_wire(directive.lease)
            return self._take(given, lease, exploit if given.token == lease.token else None)
        if assignment != "same":
            raise MalformedError("The coordinator's directive has no assignment that is known.")
        lease = changed(lease, target_step=directive.same.target_step)
        if exploit is None:
            self._hold(lease)
            return self._told("continue")
        given = changed(
            lease,
            step=exploit.step,
            checkpoint=exploit.checkpoint or None,
            hyperparameters=hyperparameters_from_wire(exploit.hyperparameters),
            unconfirmed=True,
            own=None,
        )
        return self._take(given, lease, exploit)

    def _return(
        self,
        wait: wire.Wait,
        lease: Assignment,
        exploit: wire.Exploit | None,
        deadline: Deadline,
    ) -> Directive:
        """Waits as told and joins anew; an exploit that came with it still counts afterwards."""
        join = self.new_join()
        self._sleep(wait, join, deadline)
        return self._join_again(join, lease, exploit, deadline, recorded=True)

    def _take(
        self, given: Assignment, lease: Assignment, exploit: wire.Exploit | None
    ) -> Directive:
        """Holds what is given after `lease`: its exploit, or a state to load."""
        if exploit is None:
            self._hold(given)
            return self._told("switch")
        self._hold(changed(given, before=lease.hyperparameters))
        return self._told("exploit", exploit)

    def _told(
        self, action: Action, exploit: wire.Exploit | None = None, *, recorded: bool = True
    ) -> Directive:
        lease = self.lease or _NONE
        told = Directive(
            action=action,
            member=lease.member,
            step=lease.step,
            target_step=lease.target_step,
            hyperparameters=dict(lease.trained_with),
            checkpoint=lease.checkpoint,
            reason=self.stop_reason or "",
            recorded=recorded,
        )
        if exploit is None:
            return told
        return replace(
            told,
            donor=exploit.donor,
            donor_step=exploit.step,
            donor_score=exploit.score,
            donor_hyperparameters=hyperparameters_from_wire(exploit.donor_hyperparameters),
        )

    # ---------------------------------------------------------------------------------- the lease

    def _sleep(self, wait: wire.Wait, join: wire.Request, deadline: Deadline) -> None:
        """Waits as the coordinator told, before `join` is due."""
        self.joining = join
        self._connection.hold(0)
        seconds = wait.milliseconds / 1000
        self._reminder = self._reminder or Reminder()
        if self._reminder.is_due():
            logger.warning(
                "There is no member to train yet: each has a worker, or the population is paused. "
                "%sAsking again every %g s.",
                self._who_else(),
                seconds,
            )
        remaining = deadline.remaining
        if self.left.wait(seconds if remaining is None else min(seconds, remaining)):
            raise NothingToTrainError(self._nothing())
        if remaining is not None and remaining < seconds:
            raise UnreachableError("The coordinator has no member to train yet.")

    def _who_else(self) -> str:
        """How many members this process holds itself, in a sentence, when it holds any."""
        place = self._connection.address.place
        own = [
            holder.lease.member
            for holder in _holders()
            if holder is not self
            and holder.lease is not None
            and holder._connection.held != 0
            and (holder._connection.address.place, holder.population) == (place, self.population)
        ]
        if not own:
            return ""
        return (
            f"Other workers of this very process hold {len(own)} of them: call leave() on those "
            "that are done, such as one from a notebook's cell that was run before. "
        )

    def _join_message(self) -> wire.Join:
        return wire.Join(
            population=self.population,
            worker=self._name,
            space=self._space,
            keeps=self._keeps,
            place=self.place.name,
        )

    def _hold(self, lease: Assignment) -> None:
        self.lease = lease
        self._reminder = None
        self.population = lease.population or self.population
        if self._connection.held != lease.token:
            self._connection.hold(lease.token, self._join_message())
        self.explore()

    def explore(self) -> None:
        """Lets the user's own function explore on from a copy, once for each."""
        lease = self.assigned()
        if self._explore is None or not lease.unconfirmed or lease.own is not None:
            return
        found = self._explore(dict(lease.hyperparameters))
        if not isinstance(found, Mapping):
            raise InvalidError(
                f"explore returned {type(found).__name__}: let it return hyperparameters by name."
            )
        own = in_effect(lease.hyperparameters, found, lease.conditional)
        self.lease = changed(lease, own=own)

    def _stop(self, reason: str) -> None:
        self.stop_reason = escaped(reason) or "The coordinator has nothing more to train."
        if self.lease is not None:
            self.lease = changed(self.lease, token=0)
        self._connection.hold(0)

    def _nothing(self) -> str:
        if self.left.is_set():
            return "The worker has left: make a new Worker to train on."
        return f"There is nothing to train: {self.stop_reason}"


_NONE = Assignment(0, 0, "", 0, 0, 0, None)


def _holders() -> list[Holder]:
    with _LOCK:
        return list(_HOLDERS)


def directive_of(reply: wire.Reply) -> wire.Directive:
    """The directive that a reply holds; raises when it holds something else."""
    if not reply.HasField("directive"):
        raise MalformedError(
            "The coordinator answered with something else than a directive: install a package "
            "that fits the coordinator."
        )
    return reply.directive


def _after(report: wire.Report, lease: Assignment) -> Assignment:
    """What a lease stands for once a report was accepted under it, before anything is decided."""
    hyperparameters = lease.hyperparameters
    if report.hyperparameters:
        hyperparameters = hyperparameters_from_wire(report.hyperparameters)
    elif report.effect == wire.EFFECT_DECLINED and lease.before is not None:
        hyperparameters = lease.before
    # The member is its donor until it commits a state of its own.
    is_donor = lease.unconfirmed and report.effect == wire.EFFECT_APPLIED and not report.checkpoint
    return changed(
        lease,
        sequence=report.sequence,
        step=report.step,
        hyperparameters=hyperparameters,
        checkpoint=report.checkpoint or lease.checkpoint,
        unconfirmed=is_donor,
        before=lease.before if is_donor else None,
        own=hyperparameters if is_donor and lease.own is not None else None,
    )


def _as_known(given: Assignment, lease: Assignment | None) -> Assignment:
    """What is given, explored as before where it is the very copy that was held already."""
    if lease is None or lease.own is None or not given.unconfirmed:
        return given
    same = (given.population, given.member, given.checkpoint, given.hyperparameters) == (
        lease.population,
        lease.member,
        lease.checkpoint,
        lease.hyperparameters,
    )
    return changed(given, own=lease.own) if same else given


def _is_as_left(given: Assignment, lease: Assignment) -> bool:
    """Whether what is given is the member of `lease` just as the worker has it."""
    return (
        given.population == lease.population
        and given.member == lease.member
        and not given.unconfirmed
        and given.checkpoint is not None
        and (given.step, given.checkpoint) == (lease.step, lease.checkpoint)
        and given.hyperparameters == lease.hyperparameters
    )


def _is_of(exploit: wire.Exploit, lease: Assignment, given: Assignment) -> bool:
    """Whether what is given is the exploit that the member of `lease` was told to make."""
    return (
        given.member == lease.member
        and given.unconfirmed
        and (given.step, given.checkpoint) == (exploit.step, exploit.checkpoint)
    )
