"""An administrator: makes populations, steers them, asks about them, and invites."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Literal

from murmuration._connection.address import Address, address_from, is_loopback
from murmuration._connection.connection import Connection
from murmuration._connection.curve import KEY_BYTES, Invitation, new_secret, public_of
from murmuration._connection.sockets import new_key
from murmuration._connection.timing import Timing
from murmuration._keys import Key, Quota, Role, chosen, invite_from, key_from_wire
from murmuration._paths import AnyPath
from murmuration._populations import Population, population_from_wire
from murmuration._scalars import count
from murmuration._settings import GivenSetting, settings_to_wire
from murmuration._space_text import source_of, text_of, text_of_schedule
from murmuration._texts import checked
from murmuration._values import Entry, Leaderboard, leaderboard_from_wire
from murmuration.errors import InvalidError, MalformedError, NoPopulationError
from murmuration.events import Event, Segment, event_from_wire, segment_from_wire
from murmuration.v1 import murmuration_pb2 as wire

Answer = Literal[
    "population",
    "populations",
    "leaderboard",
    "history",
    "schedule",
    "invited",
    "keys",
    "key",
]

_UNFIT = (
    "The coordinator answered with something else than was asked: install a package that fits the "
    "coordinator."
)


class Administrator:
    """Makes populations, steers them, asks about them, and invites others.

    ```python
    with Administrator() as administrator:
        administrator.pause("digits")
        for population in administrator.populations():
            print(population.name, population.status)
    ```

    Where the coordinator is comes from the arguments or from the environment, as with `Worker`. A
    population's name that is left out, or `None`, means the one that is named there, or the only
    one that the coordinator has.

    A call waits at most `timeout` seconds for an answer, `None` for ever, and then raises
    `UnreachableError`. A change may still have been made then; see what the population says. One
    background thread asks again when there is no answer, until `close` or the end of the `with`
    block.
    """

    def __init__(
        self,
        url: str | None = None,
        population: str | None = None,
        *,
        timeout: float | None = 30.0,
        timing: Timing | None = None,
    ) -> None:
        self._timeout = timeout
        self._connection = Connection(address_from(url, population), timing)
        self._population = self._connection.address.population

    def close(self) -> None:
        """Ends the connection; it is safe to call this again."""
        self._connection.close()

    def __enter__(self) -> Administrator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------------- asking

    def populations(self) -> list[Population]:
        """All populations, by name."""
        found: list[Population] = []
        while True:
            page = wire.ListPopulations(after=found[-1].name if found else "")
            reply = self._ask(wire.Request(list_populations=page), "populations").populations
            found += [population_from_wire(each) for each in reply.populations]
            if not reply.more or not reply.populations:
                return found

    def population(self, name: str | None = None) -> Population:
        """How a population evolves, and how far it is."""
        # The coordinator knows which one is meant by none, and says it when there is no such one.
        known = self._board(self._meant(name), 0, 1).population
        for each in self.populations():
            if each.name == known:
                return each
        raise NoPopulationError(f"There is no population {known!r} any more: see which there are.")

    def leaderboard(self, name: str | None = None, limit: int = 50) -> Leaderboard:
        """The population's best members, at most `limit` of them, best first."""
        wanted = count(limit, "limit")
        meant = self._meant(name)
        board = self._board(meant, 0, max(1, wanted))
        entries: list[Entry] = list(board.entries)
        while 0 < len(entries) < min(wanted, board.summary.ranked):
            found = self._board(meant, len(entries), wanted - len(entries)).entries
            if not found:
                break
            entries += found
        return replace(board, entries=tuple(entries[:wanted]))

    def history(
        self, name: str | None = None, after: int = 0, member: int | None = None
    ) -> Iterator[Event]:
        """All that happened after a sequence of the journal, or to one member, oldest first.

        It is asked for by pages while it is read. Ask after the last event's sequence to go on.
        """
        last = count(after, "sequence")
        while True:
            page = wire.GetHistory(population=self._meant(name), after=last)
            if member is not None:
                page.member = count(member, "member")
            history = self._ask(wire.Request(get_history=page), "history").history
            for each in history.events:
                event = event_from_wire(each)
                if event is not None:
                    yield event
            if not history.more or not history.events or history.events[-1].sequence <= last:
                return
            last = history.events[-1].sequence

    def pruned_through(self, name: str | None = None) -> int:
        """The sequence of the journal up to which events were pruned; 0 when none were.

        The history has only those of them that tell who descends from whom.
        """
        page = wire.GetHistory(population=self._meant(name), limit=1)
        return self._ask(wire.Request(get_history=page), "history").history.pruned_through

    def schedule(self, name: str | None, member: int) -> list[Segment]:
        """The hyperparameters over steps along the member's line of descent."""
        return self._schedule(
            wire.GetSchedule(population=self._meant(name), member=count(member, "member"))
        )

    def best_schedule(self, name: str | None = None) -> list[Segment]:
        """The hyperparameters over steps that led to `Leaderboard.best`."""
        return self._schedule(wire.GetSchedule(population=self._meant(name), best=True))

    def _schedule(self, page: wire.GetSchedule) -> list[Segment]:
        found: list[Segment] = []
        while True:
            page.offset = len(found)
            schedule = self._ask(wire.Request(get_schedule=page), "schedule").schedule
            found += [segment_from_wire(each) for each in schedule.segments]
            if not schedule.more or not schedule.segments:
                return found

    # ------------------------------------------------------------------------ making and steering

    def create_population(
        self,
        name: str,
        space: AnyPath,
        *,
        minimize: bool | None = None,
        synchronous: bool | None = None,
        **settings: GivenSetting,
    ) -> Population:
        """Makes a population. `space` is the path of its space file, CSV or YAML, or its text.

        Settings that are given, by the names that a space file has for them, win over the file:
        `create_population("digits", "space.yaml", population_size=16, selection="t_test")`.
        `minimize` is the objective, and `synchronous` the mode. A name that is taken raises
        `ConflictError`, a setting that cannot be `InvalidError`.
        """
        if minimize is not None:
            settings = {"objective": "minimize" if minimize else "maximize", **settings}
        if synchronous is not None:
            settings = {"mode": "synchronous" if synchronous else "asynchronous", **settings}
        return self._create(name, text_of(space), source_of(space), settings)

    def replay(
        self, name: str, schedule: Iterable[Segment], **settings: GivenSetting
    ) -> Population:
        """Makes a population of one member that trains along a schedule, and copies nobody.

        `replay("again", administrator.best_schedule("digits"))` goes again what led to the best
        state. At the end of each segment the member's worker is given it again, with the next
        hyperparameters. Settings are as with `create_population`.
        """
        return self._create(name, text_of_schedule(schedule), "schedule.json", settings)

    def _create(
        self, name: str, space: str, source: str, settings: dict[str, GivenSetting]
    ) -> Population:
        create = wire.CreatePopulation(
            key=new_key(),
            name=checked(name, "population"),
            space=space,
            source=source,
            settings=settings_to_wire(settings),
        )
        return self._population_of(wire.Request(create_population=create))

    def pause(self, name: str | None = None) -> Population:
        """Lets the workers wait after their next report."""
        return self._change(name, wire.ChangePopulation(pause=wire.Pause()))

    def resume(self, name: str | None = None) -> Population:
        """Goes on after a pause or an end."""
        return self._change(name, wire.ChangePopulation(resume=wire.Resume()))

    def end(self, name: str | None = None) -> Population:
        """Lets the workers stop after their next report."""
        return self._change(name, wire.ChangePopulation(end=wire.End()))

    def add_members(self, name: str | None, members: int) -> Population:
        """Adds so many members with new hyperparameters."""
        add = wire.AddMembers(members=count(members, "number of members"))
        return self._change(name, wire.ChangePopulation(add_members=add))

    def remove_member(self, name: str | None, member: int) -> Population:
        """Takes a member out: it is neither trained nor copied again."""
        remove = wire.RemoveMember(member=count(member, "member"))
        return self._change(name, wire.ChangePopulation(remove_member=remove))

    def set(self, name: str | None = None, **settings: GivenSetting) -> Population:
        """Changes how a population evolves from now on; `None` stays as it is.

        Settings have the names that a space file has for them: `set("digits", fraction=0.3)`. With
        `max_steps=0` members train for ever. One that cannot be raises `InvalidError`.
        """
        change = wire.Settings(settings=settings_to_wire(settings))
        return self._change(name, wire.ChangePopulation(settings=change))

    # ---------------------------------------------------------------------------------------- keys

    def invite(
        self,
        role: Role,
        populations: str | Iterable[str] | None = None,
        *,
        all_populations: bool = False,
        expires: timedelta | float | None = None,
        label: str = "",
        quota: Quota | None = None,
        host: str | None = None,
    ) -> str:
        """Lets somebody in, and returns the address to give them. It holds their secret, which is
        made here, goes to nobody else and cannot be shown again.

        A worker or a monitor is for `populations`, or for `all_populations`; a single one is the
        address's population as well, and without any it is this administrator's. They need not be
        there yet. It is let in until it `expires`, in whole seconds, or until `revoke_key`.
        `label` says to people who has it. The address leads to `host`, by default where the
        coordinator listens or, when that is everywhere, the host by which this administrator
        reached it, or this machine's name.
        """
        names = [populations] if isinstance(populations, str) else populations
        if names is None:
            is_own = self._population and role != "admin" and not all_populations
            names = [self._population] if is_own else []
        names = [checked(each, "population") for each in names]
        host = None if host is None else checked(host, "host")
        secret = new_secret()
        invite = invite_from(
            public_of(secret),
            role,
            names,
            all_populations=all_populations,
            expires=expires,
            label=label,
            quota=quota or Quota(),
        )
        invited = self._ask(wire.Request(invite=invite), "invited").invited
        if len(invited.server_key) != KEY_BYTES or not 0 < invited.port < 2**16:
            raise MalformedError(_UNFIT)
        only = invite.populations[0] if len(invite.populations) == 1 else ""
        reached = self._connection.address.host
        return Address(
            host or invited.host or (socket.gethostname() if is_loopback(reached) else reached),
            invited.port,
            population=only,
            invitation=Invitation(secret, invited.server_key),
        ).url

    def keys(self) -> list[Key]:
        """All keys that were invited, by public key, also those that are let in no more."""
        found: list[Key] = []
        while True:
            page = wire.ListKeys(after=found[-1].public_key if found else b"")
            reply = self._ask(wire.Request(list_keys=page), "keys").keys
            found += [key_from_wire(each) for each in reply.keys]
            if not reply.more or not reply.keys:
                return found

    def revoke_key(self, key: Key | bytes | str) -> Key:
        """Lets a key in no more from now on, and ends its leases and subscriptions.

        The key is one of `keys()`, its public key, or an unambiguous beginning of its `id`.
        """
        if isinstance(key, str):
            key = chosen(key, self.keys())
        public = key.public_key if isinstance(key, Key) else key
        if not isinstance(public, bytes):
            raise InvalidError(f"The key is {key!r:.60}; give one of keys(), or its id.")
        revoke = wire.RevokeKey(key=new_key(), public_key=public)
        return key_from_wire(self._ask(wire.Request(revoke_key=revoke), "key").key)

    # ------------------------------------------------------------------------------------ requests

    def _meant(self, name: str | None) -> str:
        return checked(name, "population") if name else self._population

    def _board(self, name: str, offset: int, limit: int) -> Leaderboard:
        page = wire.GetLeaderboard(population=name, offset=offset, limit=min(limit, 2**32 - 1))
        reply = self._ask(wire.Request(get_leaderboard=page), "leaderboard")
        return leaderboard_from_wire(reply.leaderboard, reply.epoch, reply.committed)

    def _change(self, name: str | None, change: wire.ChangePopulation) -> Population:
        change.key = new_key()
        change.population = self._meant(name)
        return self._population_of(wire.Request(change_population=change))

    def _population_of(self, request: wire.Request) -> Population:
        return population_from_wire(self._ask(request, "population").population)

    def _ask(self, request: wire.Request, answer: Answer) -> wire.Reply:
        reply = self._connection.call(request, self._timeout)
        if not reply.HasField(answer):
            raise MalformedError(_UNFIT)
        return reply
