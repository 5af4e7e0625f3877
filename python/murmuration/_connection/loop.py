"""The thread behind a connection: it owns the DEALER, and repeats, rejoins and keeps alive."""

from __future__ import annotations

import contextlib
import enum
import logging
import random
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

import zmq
from zmq.utils.monitor import recv_monitor_message

from murmuration._connection import handshake
from murmuration._connection.address import Address
from murmuration._connection.frames import FRAME_BYTES, decode
from murmuration._connection.mailbox import Mailbox
from murmuration._connection.sockets import Timing, client_name, keep_alive, new_key, secure
from murmuration._shown import escaped
from murmuration.errors import (
    MalformedError,
    MurmurationError,
    RefusedError,
    UnreachableError,
    error_from_wire,
)
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

MIN_VERSION = 1
MAX_VERSION = 1

_HEARTBEAT_SECONDS = 10.0
_REFUSALS = 3
_ZAP_REFUSED = 400
_DOUBLINGS = 10
_WAKES = 4096
# A selector takes no longer one than 24 days; waking in vain once an hour costs nothing.
_LONGEST_SLEEP = 3600.0
_READABLE = int(zmq.POLLIN)
# Requests are numbered from 1.
_UNASKED = 0

_FAILED = {
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
    zmq.EVENT_HANDSHAKE_FAILED_AUTH,
}


class _Phase(enum.Enum):
    # There is no socket until `connect_at`. Next: CONNECTING.
    ABSENT = enum.auto()
    # The socket connects and shakes hands. Next: GREETING, or ABSENT when it is refused.
    CONNECTING = enum.auto()
    # Hello is under way. Next: REJOINING if a lease outlived a restart, else READY.
    GREETING = enum.auto()
    # A Join with the lease that is held is under way. Next: READY.
    REJOINING = enum.auto()
    # Requests flow. Next: GREETING at a new epoch, ABSENT when the connection is lost.
    READY = enum.auto()


class Call:
    """A request under way; every attempt sends the same bytes."""

    def __init__(self, request: wire.Request) -> None:
        self.id = request.id
        self.payload = request.SerializeToString()
        self.is_given_up = False
        self.attempts = 0
        self.misses = 0
        self.due = 0.0
        # What the coordinator said last, when it was there and could not answer.
        self.refusal: str | None = None
        self._answers: SimpleQueue[wire.Reply | MurmurationError] = SimpleQueue()

    def answer(self, answer: wire.Reply | MurmurationError) -> None:
        """Ends it, with a reply or with why there is none; this comes once."""
        self._answers.put(answer)

    @property
    def is_answered(self) -> bool:
        return not self._answers.empty()

    def reply(self, seconds: float) -> wire.Reply:
        """The reply, to be taken once; raises `queue.Empty` when none comes for so long."""
        answer = self._answers.get(timeout=seconds)
        if isinstance(answer, MurmurationError):
            raise answer
        return answer


class Loop:
    """What the thread does. All but `submit`, `hold`, `stop`, `dispatch` and `next_id` run on it
    alone."""

    def __init__(self, address: Address, timing: Timing) -> None:
        self.ready: Future[None] = Future()
        self.broadcast_port = 0
        self.mailbox = Mailbox()
        # What a connection was asked for does not outlive the next welcome.
        self.welcomes = 0
        self._address = address
        self._timing = timing
        self._keys = address.keys

        # Shared with the callers, under the lock; the pair of sockets wakes the thread.
        self._lock = threading.Lock()
        self._inbox: deque[Call] = deque()
        self._errands: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._held: tuple[int, wire.Join | None] = (0, None)
        self._stopping = False
        self._error: MurmurationError | None = None
        self._ids = 0
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_out, selectors.EVENT_READ)

        self._context = zmq.Context()
        self._dealer: zmq.Socket[bytes] | None = None
        self._events: zmq.Socket[bytes] | None = None
        self._phase = _Phase.ABSENT
        self._connect_at = 0.0
        self._refusals = 0
        self._losses = 0
        # Greetings in a row that were not answered, over all sockets.
        self._greetings = 0
        self._epoch = 0
        self._return_seconds = 0.0
        self._heartbeat_seconds = _HEARTBEAT_SECONDS
        self._heartbeat_at = 0.0
        self._heartbeat_id = 0
        self._gone = 0
        self._opening: Call | None = None
        self._calls: dict[int, Call] = {}

    # ------------------------------------------------------------------- from other threads

    def next_id(self) -> int:
        with self._lock:
            self._ids += 1
            return self._ids

    def submit(self, call: Call) -> None:
        with self._lock:
            if self._error is not None:
                call.answer(self._error)
                return
            if self._stopping:
                call.answer(_closed())
                return
            self._inbox.append(call)
        self._wake()

    def hold(self, token: int, rejoin: wire.Join | None) -> None:
        with self._lock:
            self._held = (token, rejoin)
        self._wake()

    @property
    def held(self) -> int:
        with self._lock:
            return self._held[0]

    def stop(self) -> None:
        # Without the lock, which whoever collects garbage may hold at that moment.
        self._stopping = True
        self._wake()

    def dispatch(self, errand: Callable[[], None]) -> None:
        """Has the thread start `errand` in one of its own; garbage collection may call this."""
        self._errands.put(errand)
        self._wake()

    def _wake(self) -> None:
        # Full means that the thread is about to wake; closed, that it has ended.
        with contextlib.suppress(OSError):
            self._wake_in.send(b"\0")

    # ----------------------------------------------------------------------------- the loop

    def run(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        except MurmurationError as error:
            self._fail(error)
        except Exception as error:
            logger.exception("The thread of the connection ended by a fault of this package.")
            self._fail(MurmurationError(f"The connection failed by a fault of its own: {error}"))
        finally:
            self._close()

    def _turn(self) -> None:
        now = time.monotonic()
        if self._phase is _Phase.ABSENT and now >= self._connect_at:
            self._connect()
        # A descriptor of libzmq's tells once that something came, and any call into it may have
        # taken that in.
        has_come = self._dealer is not None and _is_readable(self._dealer)
        selected = self._selector.select(0 if has_come else self._patience(now))
        ready = {key.fileobj for key, _ in selected}
        self._beat()
        if self._wake_out in ready:
            self._drain_wakes()
            self._start_errands()
        self._take_inbox()
        if self._events in ready:
            self._watch()
        # Nothing is sent again before all that came was looked at.
        if has_come or self._dealer in ready:
            self._receive()
        else:
            self._send_what_is_due(time.monotonic())

    def _patience(self, now: float) -> float | None:
        """Seconds until something is due, or `None` when nothing is."""
        times = []
        if self._phase is _Phase.ABSENT:
            times.append(self._connect_at)
        if self._opening is not None:
            times.append(self._opening.due)
        if self._phase is _Phase.READY:
            times += [call.due for call in self._calls.values()]
            if self._lease() != 0:
                times.append(self._heartbeat_at)
        return min(max(0.0, min(times) - now), _LONGEST_SLEEP) if times else None

    def _drain_wakes(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake_out.recv(_WAKES)

    def _start_errands(self) -> None:
        while not self._errands.empty():
            errand = self._errands.get()
            threading.Thread(target=errand, name="murmuration-errand", daemon=True).start()

    def _take_inbox(self) -> None:
        with self._lock:
            calls = list(self._inbox)
            self._inbox.clear()
        self._calls.update((call.id, call) for call in calls)
        for call in list(self._calls.values()):
            if call.is_given_up:
                del self._calls[call.id]

    # ------------------------------------------------------------------------ the connection

    def _connect(self) -> None:
        dealer: zmq.Socket[bytes] = self._context.socket(zmq.DEALER)
        secure(dealer, self._keys)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.setsockopt(zmq.IMMEDIATE, 1)
        dealer.setsockopt(zmq.SNDTIMEO, 0)
        dealer.setsockopt(zmq.IPV6, int(self._address.needs_ipv6))
        dealer.setsockopt(zmq.MAXMSGSIZE, FRAME_BYTES)
        keep_alive(dealer)
        first, last = self._timing.reconnect, self._timing.reconnect_limit
        dealer.setsockopt(zmq.RECONNECT_IVL, max(1, int(1000 * _jittered(first))))
        dealer.setsockopt(zmq.RECONNECT_IVL_MAX, max(1, int(1000 * last)))
        self._events = dealer.get_monitor_socket()
        self._dealer = dealer
        for each in (dealer, self._events):
            self._selector.register(each, selectors.EVENT_READ)
        self._phase = _Phase.CONNECTING
        dealer.connect(self._address.endpoint())
        # A descriptor of libzmq's tells nothing before the socket was once found empty.
        self._watch()

    def _disconnect(self, pause: float) -> None:
        if self._dealer is not None and self._events is not None:
            self._selector.unregister(self._dealer)
            self._selector.unregister(self._events)
            self._dealer.disable_monitor()
            # The monitor's end stays open otherwise, and the context would wait for it.
            self._events.close()
            self._dealer.close()
        self._dealer = self._events = self._opening = None
        self._phase = _Phase.ABSENT
        self._connect_at = time.monotonic() + pause

    def _watch(self) -> None:
        """Drains the socket monitor."""
        while self._events is not None and _is_readable(self._events):
            happened = recv_monitor_message(self._events)
            self._beat()
            event, value = happened["event"], happened["value"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._shaken_hands()
            elif event in _FAILED:
                self._refused(certain=_is_certain(event, value))
            elif event == zmq.EVENT_DISCONNECTED:
                if self._phase is _Phase.CONNECTING:
                    self._refused(certain=False)
                else:
                    logger.info("The connection to the coordinator was lost.")
                    self._disconnect(_jittered(self._timing.reconnect))

    def _shaken_hands(self) -> None:
        self._refusals = 0
        # Thousands may have lost it at one moment, and come back at one moment. All ways back
        # lead through here, and nothing else is sent before the greeting.
        self._greet(after=random.uniform(0, self._return_seconds))

    def _refused(self, *, certain: bool) -> None:
        self._refusals += 1
        if certain or self._refusals >= _REFUSALS:
            reason = handshake.diagnose(self._address)
            if reason is not None:
                raise RefusedError(reason)
        pause = self._timing.reconnect * 2 ** min(self._refusals, _DOUBLINGS)
        self._disconnect(_jittered(min(pause, self._timing.reconnect_limit)))

    def _greet(self, after: float = 0.0) -> None:
        hello = wire.Hello(min_version=MIN_VERSION, max_version=MAX_VERSION, client=client_name())
        self._open(_Phase.GREETING, wire.Request(hello=hello))
        if self._opening is not None:
            self._opening.due = time.monotonic() + after
            # One that did not answer the greetings before is asked as rarely over this socket.
            self._opening.attempts = self._greetings

    def _open(self, phase: _Phase, request: wire.Request) -> None:
        self._phase = phase
        request.id = self.next_id()
        self._opening = Call(request)

    def _become_ready(self) -> None:
        self._opening = None
        self._phase = _Phase.READY
        # What was sent over a connection that is gone has to be sent again.
        for call in self._calls.values():
            call.due = 0.0
        if not self.ready.done():
            self.ready.set_result(None)

    # ------------------------------------------------------------------- requests and replies

    def _send_what_is_due(self, now: float) -> None:
        if self._opening is not None and now >= self._opening.due:
            self._send(self._opening, now)
        if self._phase is _Phase.READY:
            for call in list(self._calls.values()):
                if now >= call.due and self._phase is _Phase.READY:
                    self._send(call, now)
        self._beat()

    def _beat(self) -> None:
        """Sends a heartbeat if one is due.

        Every call into libzmq lets go of the interpreter, and a training thread that holds it for
        seconds at a time then takes it again. So this is asked first in a turn and after each such
        call: a heartbeat waits for one of them, not for all that a turn does.
        """
        now = time.monotonic()
        if self._phase is not _Phase.READY or now < self._heartbeat_at:
            return
        lease = self._lease()
        if lease != 0:
            self._heartbeat_id = self.next_id()
            beat = wire.Request(id=self._heartbeat_id, heartbeat=wire.Heartbeat(leases=[lease]))
            self._put(beat.SerializeToString(), now)

    def _send(self, call: Call, now: float) -> None:
        if call.misses >= self._timing.misses:
            call.misses = 0
            self._losses += 1
            logger.info("The coordinator at %s does not answer.", self._address.place)
            pause = self._timing.reconnect * 2 ** min(self._losses, _DOUBLINGS)
            self._disconnect(_jittered(min(pause, self._timing.reconnect_limit)))
            return
        wait = self._timing.retry * 2 ** min(call.attempts, _DOUBLINGS)
        call.due = now + _jittered(min(wait, self._timing.retry_limit))
        call.attempts += 1
        call.misses += 1
        if call is self._opening:
            self._greetings = call.attempts
        self._put(call.payload, now)

    def _put(self, payload: bytes, now: float) -> None:
        # Any request of a holder renews its lease.
        self._heartbeat_at = now + self._heartbeat_seconds
        try:
            if self._dealer is not None:
                self._dealer.send(payload, zmq.DONTWAIT)
        except zmq.Again:
            # The connection is about to be reported lost; what is due is sent over the next one.
            pass

    def _receive(self) -> None:
        """Takes one reply; the next turn begins by looking for another one."""
        if self._dealer is None:
            return
        try:
            payload = self._dealer.recv(zmq.DONTWAIT)
        except zmq.Again:
            return
        self._beat()
        # A reply that cannot be read ends the connection: it may be the answer to anything, and
        # would be the same to the same request again.
        self._handle(decode(wire.Reply, payload))

    def _handle(self, reply: wire.Reply) -> None:
        opening = self._opening
        if opening is not None and reply.id == opening.id:
            if _is_unavailable(reply):
                opening.misses = 0
            elif self._phase is _Phase.GREETING:
                self._welcomed(reply)
            else:
                self._rejoined(reply)
            return
        if self._phase is _Phase.READY and reply.epoch != self._epoch:
            # Requests are safe to repeat, and the lease has to be taken up first.
            self._greet()
            return
        if reply.id == _UNASKED:
            self.mailbox.put(reply)
            return
        if reply.id == self._heartbeat_id:
            self._heard_of_lease(reply)
            return
        call = self._calls.get(reply.id)
        if call is None:
            return
        if _is_unavailable(reply):
            call.misses = 0
            call.refusal = escaped(reply.error.message)
            if call.attempts == 1:
                logger.warning("%s Trying again.", call.refusal)
            return
        del self._calls[reply.id]
        call.answer(error_from_wire(reply.error) if reply.HasField("error") else reply)

    def _welcomed(self, reply: wire.Reply) -> None:
        if reply.HasField("error"):
            raise error_from_wire(reply.error)
        if not reply.HasField("welcome"):
            raise MalformedError(
                f"What listens at {self._address.place} answers a greeting with something else: "
                "correct the address, or install a package that fits the coordinator."
            )
        welcome = reply.welcome
        self.welcomes += 1
        self._losses = self._greetings = 0
        self.broadcast_port = welcome.broadcast_port
        self._heartbeat_seconds = welcome.heartbeat_milliseconds / 1000 or _HEARTBEAT_SECONDS
        self._return_seconds = welcome.return_milliseconds / 1000
        restarted = self._epoch not in (0, reply.epoch)
        self._epoch = reply.epoch
        with self._lock:
            token, rejoin = self._held
        if restarted and token != 0 and rejoin is not None:
            join = wire.Join()
            join.CopyFrom(rejoin)
            join.key = new_key()
            join.lease = token
            self._open(_Phase.REJOINING, wire.Request(join=join))
        else:
            self._become_ready()

    def _rejoined(self, reply: wire.Reply) -> None:
        lease = reply.directive.lease
        if lease.token == self._lease():
            logger.info("The coordinator was restarted; the lease goes on.")
        elif _is_unauthorized(reply):
            self._heard_of_lease(reply)
        else:
            # The next report is told that the lease is gone, and the worker then joins anew. A
            # lease that came instead would keep its member idle until then.
            self._note_gone([self._lease()])
            if lease.token != 0:
                leave = wire.Leave(key=new_key(), lease=lease.token)
                given_back = Call(wire.Request(id=self.next_id(), leave=leave))
                self._calls[given_back.id] = given_back
        self._become_ready()

    # ---------------------------------------------------------------------------------- ends

    def _lease(self) -> int:
        """The lease to keep alive; 0 when there is none."""
        with self._lock:
            token = self._held[0]
        return 0 if token == self._gone else token

    def _heard_of_lease(self, reply: wire.Reply) -> None:
        """The answer to a heartbeat, or a refusal to give the lease again."""
        if _is_unauthorized(reply) and self._lease() != 0:
            self._gone = self._lease()
            logger.warning("%s The next report fails by that.", reply.error.message)
        self._note_gone(list(reply.alive.gone))

    def _note_gone(self, gone: list[int]) -> None:
        lease = self._lease()
        if lease != 0 and lease in gone:
            self._gone = lease
            logger.warning(
                "The lease is gone: the coordinator heard nothing of this worker for too long, "
                "or was told to end it; the next report gets another assignment."
            )

    def _fail(self, error: MurmurationError) -> None:
        with self._lock:
            self._error = error
        if not self.ready.done():
            self.ready.set_exception(error)
        self._take_inbox()
        for call in self._calls.values():
            call.answer(error)
        self._calls.clear()

    def _close(self) -> None:
        with self._lock:
            self._stopping = True
        self._take_inbox()
        for call in self._calls.values():
            call.answer(_closed())
        self._disconnect(0)
        self._context.term()
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()


def _closed() -> UnreachableError:
    return UnreachableError("The connection to the coordinator was closed.")


def _is_readable(any_socket: zmq.Socket[bytes]) -> bool:
    return bool(int(any_socket.getsockopt(zmq.EVENTS)) & _READABLE)


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(0.5, 1.0)


def _is_unavailable(reply: wire.Reply) -> bool:
    return reply.HasField("error") and reply.error.code == wire.Error.CODE_UNAVAILABLE


def _is_unauthorized(reply: wire.Reply) -> bool:
    return reply.HasField("error") and reply.error.code == wire.Error.CODE_UNAUTHORIZED


def _is_certain(event: int, value: int) -> bool:
    """Whether a failed handshake will fail every time."""
    if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
        return value >= _ZAP_REFUSED
    mismatch = zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
    return event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL and value == mismatch
