"""What a client says, and when.

The machine has no socket, clock, thread or chance of its own. It is told what happens and when, and
has its driver do what follows. Sessions that were recorded drive it and its sister in Swift alike
(Tests/Vectors/sessions).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import Protocol

from murmuration._connection.call import Call
from murmuration._connection.frames import decode
from murmuration._connection.timing import Timing
from murmuration._shown import escaped
from murmuration.errors import MalformedError, MurmurationError, error_from_wire
from murmuration.v1 import murmuration_pb2 as wire

MIN_VERSION = 1
MAX_VERSION = 1
HEARTBEAT_LEASES = 4096
"""Leases that one heartbeat names at most."""

_HEARTBEAT_SECONDS = 10.0
# Requests are numbered from 1.
_UNASKED = 0
NEVER = float("inf")


class Phase(enum.Enum):
    """How far a client is with its coordinator."""

    ABSENT = enum.auto()
    """There is no link until its time comes. Next: CONNECTING."""
    CONNECTING = enum.auto()
    """The link connects and shakes hands. Next: GREETING, or ABSENT when that fails."""
    GREETING = enum.auto()
    """Hello is due or under way. Next: REJOINING if leases outlived a restart, else READY."""
    REJOINING = enum.auto()
    """Joins with the leases that are held are under way. Next: READY."""
    READY = enum.auto()
    """Requests flow. Next: GREETING at a new epoch, ABSENT when the link is lost."""


class Driver(Protocol):
    """Does what the machine wants done, in the order in which it says so."""

    def connect(self) -> None: ...

    def disconnect(self) -> None: ...

    def send(self, frame: bytes) -> None: ...

    def became_ready(self) -> None:
        """The coordinator welcomed this client, and what it holds is taken up again."""

    def unavailable(self, call: Call) -> None:
        """The coordinator cannot answer for now, at the first attempt; it is asked again."""

    def unasked(self, reply: wire.Reply) -> None:
        """Something came that nobody asked for."""

    def lease_gone(self, token: int, refusal: str | None) -> None:
        """A lease that is held has ended: by the refusal, or because it lapsed or was ended."""

    def failed(self, error: MurmurationError) -> None:
        """Nothing can be asked of what is there; all calls have ended by this."""


class Machine:
    """A client's side of the wire, over one link after another. Times are in seconds."""

    def __init__(
        self,
        driver: Driver,
        timing: Timing,
        *,
        client: str,
        chance: Callable[[], float],
        new_key: Callable[[], bytes],
    ) -> None:
        self.phase = Phase.ABSENT
        self.broadcast_port = 0
        # What a link was asked for does not outlive the next welcome.
        self.welcomes = 0
        # Handshakes in a row that failed.
        self.refusals = 0
        self._driver = driver
        self._timing = timing
        self._client = client
        self._chance = chance
        self._new_key = new_key
        self._last_id = 0
        self._is_wanted = False
        self._calls: dict[int, Call] = {}
        # Hello, or the Joins that take leases up again; each with its lease.
        self._openings: dict[int, tuple[Call, int]] = {}
        self._held: dict[int, wire.Join | None] = {}
        # Leases that are still to be taken up again after a restart.
        self._untaken: set[int] = set()
        self._gone: set[int] = set()
        self._epoch = 0
        self._connect_at = 0.0
        self._has_failed = False
        self._losses = 0
        # Hellos in a row that were not answered, over all links.
        self._greetings = 0
        self._return_seconds = 0.0
        self._heartbeat_seconds = _HEARTBEAT_SECONDS
        self._heartbeat_at = 0.0
        self._heartbeats: set[int] = set()
        self._unheard_heartbeats = 0

    # ---------------------------------------------------------------------------- what is wanted

    def want(self) -> None:
        """A link is wanted, also while nothing is asked or held."""
        self._is_wanted = True

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def ask(self, call: Call) -> None:
        """Has a request sent, under an id of `next_id`, until it is answered or given up."""
        self._calls[call.id] = call
        if self._has_failed:
            # Whoever asks wants to know now.
            self._connect_at = 0.0

    def give_up(self, call: Call) -> None:
        """Nobody waits for its answer any more."""
        self._calls.pop(call.id, None)

    def hold(self, token: int, rejoin: wire.Join | None, now: float) -> None:
        """Keeps a lease alive; the Join takes it up again after a restart of the coordinator."""
        if not self._living():
            self._heartbeat_at = now + self._heartbeat_seconds
        self._held[token] = rejoin
        self._gone.discard(token)

    def forget(self, token: int) -> None:
        self._held.pop(token, None)
        self._gone.discard(token)
        self._untaken.discard(token)

    @property
    def is_expecting(self) -> bool:
        """Whether something is to come that nobody looks for."""
        return bool(self._calls or self._openings or self._heartbeats)

    # ------------------------------------------------------------------------------- what happens

    def shaken_hands(self, now: float) -> None:
        if self.phase is not Phase.CONNECTING:
            return
        self.refusals = 0
        # Thousands may have lost it at one moment, and come back at one moment. All ways back lead
        # through here, and nothing else is sent before the greeting.
        self._greet(now + self._return_seconds * self._chance())

    def handshake_failed(self, now: float) -> None:
        if self.phase is Phase.CONNECTING:
            self.refusals += 1
            self._disconnect(now + self._timing.pause(self.refusals, self._chance()))

    def broke(self, now: float) -> None:
        """The link was lost."""
        if self.phase is Phase.CONNECTING:
            self.handshake_failed(now)
        elif self.phase is not Phase.ABSENT:
            # One that hangs up after each Hello is asked ever more rarely.
            self._disconnect(now + self._timing.pause(self._greetings, self._chance()))

    def received(self, frame: bytes, now: float) -> None:
        try:
            reply = decode(wire.Reply, frame)
            self._unheard_heartbeats = 0
            self._take(reply, now)
        except MurmurationError as error:
            # What cannot be read may be the answer to anything, and would be the same again.
            self.fail(error)
            self._driver.failed(error)

    def fail(self, error: MurmurationError) -> None:
        """Ends all calls, and the link."""
        calls, self._calls = self._calls, {}
        for call in calls.values():
            call.end(error)
        self._has_failed = True
        if self.phase is not Phase.ABSENT:
            self._disconnect(NEVER)

    def connect_again(self, at: float) -> None:
        """After `fail`, for what is held or wanted; whoever asks connects at once."""
        self._connect_at = at

    def tick(self, now: float) -> None:
        """Does what is due."""
        if self.phase is Phase.READY:
            self.beat(now)
            for call in [each for each in self._calls.values() if each.due <= now]:
                self._send(call, now)
                if self.phase is not Phase.READY:
                    return
        elif self.phase is Phase.ABSENT:
            if now >= self._connect_at and self._is_needed:
                self.phase = Phase.CONNECTING
                self._has_failed = False
                self._driver.connect()
        else:
            for call, _ in list(self._openings.values()):
                if call.due <= now and self._openings:
                    self._send(call, now)

    def beat(self, now: float) -> None:
        """Sends a heartbeat if one is due, which is a part of `tick`."""
        # At fixed intervals, whatever else is sent: not every request renews a lease.
        if now < self._heartbeat_at or self.phase is not Phase.READY:
            return
        leases = self._living()
        if not leases:
            return
        if self._unheard_heartbeats >= self._timing.misses:
            self._lose(now)
            return
        self._unheard_heartbeats += 1
        self._heartbeat_at = now + self._heartbeat_seconds
        self._heartbeats = set()
        for first in range(0, len(leases), HEARTBEAT_LEASES):
            named = leases[first : first + HEARTBEAT_LEASES]
            beat = wire.Request(id=self.next_id(), heartbeat=wire.Heartbeat(leases=named))
            self._heartbeats.add(beat.id)
            self._driver.send(beat.SerializeToString())

    def due(self) -> float:
        """When `tick` has something to do; infinity while it has not."""
        if self.phase is Phase.READY:
            times = [call.due for call in self._calls.values()]
            if self._living():
                times.append(self._heartbeat_at)
        elif self.phase is Phase.ABSENT:
            times = [self._connect_at] if self._is_needed else []
        else:
            times = [call.due for call, _ in self._openings.values()]
        return min(times, default=NEVER)

    # ------------------------------------------------------------------------------------ sending

    @property
    def _is_needed(self) -> bool:
        return self._is_wanted or bool(self._calls or self._held)

    def _living(self) -> list[int]:
        if not self._held:
            return []
        return sorted(set(self._held) - self._gone)

    def _disconnect(self, again: float) -> None:
        self._openings = {}
        self._heartbeats = set()
        self._unheard_heartbeats = 0
        self.phase = Phase.ABSENT
        self._connect_at = again
        self._driver.disconnect()

    def _lose(self, now: float) -> None:
        """Makes a new link after a pause, for what is there does not answer."""
        self._losses += 1
        self._disconnect(now + self._timing.pause(self._losses, self._chance()))

    def _send(self, call: Call, now: float) -> None:
        if call.misses >= self._timing.misses:
            call.misses = 0
            self._lose(now)
            return
        call.due = now + self._timing.wait(call.attempts, self._chance())
        call.attempts += 1
        call.misses += 1
        if self.phase is Phase.GREETING:
            self._greetings = call.attempts
        self._driver.send(call.frame)

    def _greet(self, at: float) -> None:
        self.phase = Phase.GREETING
        hello = wire.Hello(min_version=MIN_VERSION, max_version=MAX_VERSION, client=self._client)
        call = Call(wire.Request(id=self.next_id(), hello=hello))
        call.due = at
        # One that did not answer the greetings before is asked as rarely over this link.
        call.attempts = self._greetings
        self._openings = {call.id: (call, 0)}

    def _rejoin(self, now: float) -> None:
        self.phase = Phase.REJOINING
        self._openings = {}
        for token in sorted(self._untaken):
            join = wire.Join()
            join.CopyFrom(self._held[token] or join)
            join.key = self._new_key()
            join.lease = token
            call = Call(wire.Request(id=self.next_id(), join=join))
            call.due = now
            self._openings[call.id] = (call, token)

    def _become_ready(self, now: float) -> None:
        self._openings = {}
        self.phase = Phase.READY
        # What was sent over a link that is gone has to be sent again.
        for call in self._calls.values():
            call.due = now
            call.misses = 0
        self._driver.became_ready()

    # ---------------------------------------------------------------------------------- receiving

    def _take(self, reply: wire.Reply, now: float) -> None:
        opening = self._openings.get(reply.id)
        if opening is not None:
            call, token = opening
            if _is_error(reply, wire.Error.CODE_UNAVAILABLE):
                call.misses = 0
            elif self.phase is Phase.GREETING:
                self._welcomed(reply, now)
            else:
                self._rejoined(reply, token, now)
            return
        if reply.epoch != self._epoch:
            # Requests are safe to repeat, and the leases have to be taken up first.
            if self.phase is Phase.READY:
                self._greet(now)
            return
        if reply.id == _UNASKED:
            self._driver.unasked(reply)
        elif reply.id in self._heartbeats:
            self._heard_of_leases(reply)
        else:
            call_or_none = self._calls.get(reply.id)
            if call_or_none is not None:
                self._answered(call_or_none, reply)

    def _answered(self, call: Call, reply: wire.Reply) -> None:
        if not reply.HasField("error"):
            call.end(reply)
        elif reply.error.code != wire.Error.CODE_UNAVAILABLE:
            call.end(error_from_wire(reply.error))
        else:
            call.misses = 0
            call.refusal = escaped(reply.error.message)
            if call.attempts == 1:
                self._driver.unavailable(call)
            return
        del self._calls[call.id]

    def _welcomed(self, reply: wire.Reply, now: float) -> None:
        if reply.HasField("error"):
            raise error_from_wire(reply.error)
        if not reply.HasField("welcome"):
            raise MalformedError(
                "What listens there answers a greeting with something else: correct the address, "
                "or install a package that fits the coordinator."
            )
        welcome = reply.welcome
        self.welcomes += 1
        self._losses = self._greetings = 0
        self.broadcast_port = welcome.broadcast_port
        self._heartbeat_seconds = welcome.heartbeat_milliseconds / 1000 or _HEARTBEAT_SECONDS
        self._return_seconds = welcome.return_milliseconds / 1000
        self._heartbeat_at = now
        if self._epoch not in (0, reply.epoch):
            self._untaken = {each for each in self._living() if self._held[each] is not None}
        self._epoch = reply.epoch
        if self._untaken:
            self._rejoin(now)
        else:
            self._become_ready(now)

    def _rejoined(self, reply: wire.Reply, token: int, now: float) -> None:
        given = reply.directive.lease.token
        self._untaken.discard(token)
        if given != token:
            # The next report is told that the lease is gone, and the worker then joins anew.
            is_refused = _is_error(reply, wire.Error.CODE_UNAUTHORIZED)
            self._note_gone([token], reply.error.message if is_refused else None)
            if given != 0:
                # It would keep its member idle until then.
                leave = wire.Leave(key=self._new_key(), lease=given)
                self.ask(Call(wire.Request(id=self.next_id(), leave=leave)))
        del self._openings[reply.id]
        if not self._openings:
            self._become_ready(now)

    def _heard_of_leases(self, reply: wire.Reply) -> None:
        self._heartbeats.discard(reply.id)
        if _is_error(reply, wire.Error.CODE_UNAUTHORIZED):
            self._note_gone(self._living(), reply.error.message)
        else:
            self._note_gone(reply.alive.gone, None)

    def _note_gone(self, tokens: Iterable[int], refusal: str | None) -> None:
        for token in tokens:
            if token in self._held and token not in self._gone:
                self._gone.add(token)
                self._driver.lease_gone(token, refusal)


def _is_error(reply: wire.Reply, code: int) -> bool:
    return reply.HasField("error") and reply.error.code == code
