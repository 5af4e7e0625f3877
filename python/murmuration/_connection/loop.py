"""The driver of a connection: it does the input and output that its machine decides on."""

from __future__ import annotations

import contextlib
import logging
import random
import selectors
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

import zmq

from murmuration._connection import handshake
from murmuration._connection.address import Address
from murmuration._connection.call import Call
from murmuration._connection.frames import MESSAGE_BYTES
from murmuration._connection.link import Happening, Link
from murmuration._connection.machine import NEVER, Machine, Phase
from murmuration._connection.mailbox import Mailbox
from murmuration._connection.sockets import client_name, new_key
from murmuration._connection.timing import Timing
from murmuration.errors import (
    AddressError,
    LimitError,
    MurmurationError,
    RefusedError,
    UnreachableError,
)
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

# How long a caller looks for the answer itself, before it leaves that to the thread. Meanwhile the
# thread and other callers wait.
_MOMENT_MILLISECONDS = 20
_REFUSALS = 3
# How often the file of an address is looked at while nobody is there.
_LOOK_SECONDS = 1.0
_WAKES = 4096
# A selector takes no longer one than 24 days; waking in vain once an hour costs nothing.
_LONGEST_SLEEP = 3600.0


class Loop:
    """A machine and its link.

    Whoever asks sends the request and takes the answer in its own thread, which saves two changes
    of threads. All else is done by a thread of the loop's: what is not answered in a moment,
    heartbeats, and ways back to a coordinator that was lost. One lock is held by whoever uses the
    machine or the link.
    """

    def __init__(self, address: Address, timing: Timing) -> None:
        self.welcomed: Future[None] = Future()
        self.mailbox = Mailbox()
        self.held = 0
        self.address = address
        # Deriving them takes a while.
        self._keys = address.keys
        # When the address's file is looked at again, and what was wrong with it.
        self._look_at = 0.0
        self._fault: str | None = None
        # Why whoever listens there refuses this client, until somebody welcomes it.
        self.obstacle: str | None = None
        self._timing = timing
        self._lock = threading.Lock()
        self._machine = Machine(
            self, timing, client=client_name(), chance=random.random, new_key=new_key
        )
        self._machine.want()
        # A caller was interrupted amid what must be done as a whole.
        self._is_amid = False
        self._is_subscribed = False
        self._stopping = False
        self._error: MurmurationError | None = None
        self._errands: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._context = zmq.Context()
        self._link: Link | None = None
        # Whether the thread wakes when something comes over the link.
        self._is_watching = False

    # ------------------------------------------------------------------------ from other threads

    @property
    def broadcast_port(self) -> int:
        return self._machine.broadcast_port

    @property
    def welcomes(self) -> int:
        return self._machine.welcomes

    def submit(self, request: wire.Request) -> Call:
        """Has the thread ask."""
        with self._lock:
            call = self._new_call(request)
        self._wake()
        return call

    def ask(self, request: wire.Request) -> Call:
        """Asks, and looks for the answer for a moment; what it does not find the thread does."""
        with self._lock:
            self._mend()
            call = self._new_call(request)
            if self._machine.phase is Phase.READY and call.outcome is None:
                try:
                    self._look_for(call)
                except BaseException:
                    # Nobody has it yet.
                    self._machine.give_up(call)
                    self._wake()
                    raise
            is_done = call.outcome is not None and self._machine.phase is Phase.READY
            # The thread may have missed what came for it meanwhile.
            if is_done and not self._machine.is_expecting and not self._is_subscribed:
                return call
        self._wake()
        return call

    def give_up(self, call: Call) -> None:
        with self._lock:
            self._machine.give_up(call)

    def hold(self, token: int, rejoin: wire.Join | None) -> None:
        """Keeps this lease alive from now on, and no other one; 0 for none."""
        with self._lock:
            if self.held != 0 and self.held != token:
                self._machine.forget(self.held)
            self.held = token
            if token != 0:
                self._machine.hold(token, rejoin, time.monotonic())
        self._wake()

    def subscribe(self) -> None:
        """Has what comes unasked put into the mailbox from now on."""
        if not self._is_subscribed:
            self._is_subscribed = True
            self._wake()

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

    def _new_call(self, request: wire.Request) -> Call:
        request.id = self._machine.next_id()
        call = Call(request)
        if len(call.frame) > MESSAGE_BYTES:
            raise LimitError(
                f"The request has {len(call.frame)} bytes; a message has at most "
                f"{MESSAGE_BYTES}: send less in one."
            )
        if self._error is not None:
            call.end(self._error)
        elif self._stopping:
            call.end(_closed())
        else:
            self._machine.ask(call)
        return call

    def _look_for(self, call: Call) -> None:
        machine = self._machine
        now = time.monotonic()
        end = now + _MOMENT_MILLISECONDS / 1000
        self._is_amid = True
        machine.tick(now)
        self._is_amid = False
        while call.outcome is None and self._link is not None and now < end:
            frame = self._link.receive_within(_MOMENT_MILLISECONDS)
            if frame is None:
                return
            now = time.monotonic()
            self._is_amid = True
            machine.received(frame, now)
            machine.beat(now)
            self._is_amid = False

    def _mend(self) -> None:
        """What was interrupted may be half done: a new link begins from what is certain."""
        if self._is_amid:
            self._is_amid = False
            self.disconnect()
            self._machine.broke(time.monotonic())

    # -------------------------------------------------------------------------------- the thread

    def run(self) -> None:
        try:
            while not self._stopping and self._error is None:
                self._turn()
        except MurmurationError as error:
            self._fail(error)
        except Exception as error:
            logger.exception("The thread of the connection ended by a fault of this package.")
            self._fail(MurmurationError(f"The connection failed by a fault of its own: {error}"))
        finally:
            self._close()

    def _turn(self) -> None:
        with self._lock:
            self._mend()
            may_be_refused = self._step()
            self._watch()
            patience = min(self._machine.due(), self._look_again()) - time.monotonic()
            if self._link is not None and self._is_watching and self._link.has_come():
                patience = 0.0
        if may_be_refused:
            # This takes a while, in which nobody is to wait for the lock.
            reason = handshake.diagnose(self.address)
            if reason is not None:
                self._refused(reason)
        if self._error is not None:
            return
        self._selector.select(min(max(0.0, patience), _LONGEST_SLEEP))
        with contextlib.suppress(BlockingIOError):
            self._wake_out.recv(_WAKES)
        while not self._errands.empty():
            errand = self._errands.get()
            threading.Thread(target=errand, name="murmuration-errand", daemon=True).start()

    def _refused(self, reason: str) -> None:
        """Ends the conversation, unless the address's file may say something else later: what it
        said before may have led to somebody else by now."""
        if self.address.file is None:
            raise RefusedError(reason)
        if reason != self.obstacle:
            logger.warning("%s Looking into %s again.", reason, self.address.file)
        self.obstacle = reason

    def _look_again(self) -> float:
        """Looks into the address's file while nobody is there; returns when it does next."""
        if self._machine.phase is not Phase.CONNECTING or self.address.file is None:
            return NEVER
        if time.monotonic() >= self._look_at and self._follow():
            self.disconnect()
            self.connect()
        return self._look_at

    def _follow(self) -> bool:
        """Takes over what the address's file says, and returns whether that is new."""
        self._look_at = time.monotonic() + _LOOK_SECONDS
        try:
            found = self.address.current()
        except AddressError as error:
            # It may be written at this moment.
            if str(error) != self._fault:
                logger.warning("%s Looking again.", error)
            self._fault = str(error)
            return False
        self._fault = None
        if found == self.address:
            return False
        logger.info("The coordinator is at %s now.", found.place)
        self.address, self._keys = found, found.keys
        return True

    def _step(self) -> bool:
        """Takes all that came, and does what is due.

        Every call into libzmq may let go of the interpreter, and a training thread that holds it
        for seconds at a time then takes it again. So a heartbeat is sent first, and looked after
        between such calls. Nothing else is sent again before all that came was looked at.

        Returns whether the coordinator may refuse this client for good.
        """
        machine = self._machine
        machine.beat(time.monotonic())
        may_be_refused = False
        for happening in self._link.happenings() if self._link is not None else ():
            may_be_refused |= self._take(happening, time.monotonic())
            if self._link is None:
                break
        while self._link is not None:
            frame = self._link.receive()
            if frame is None:
                break
            now = time.monotonic()
            machine.received(frame, now)
            machine.beat(now)
        machine.tick(time.monotonic())
        return may_be_refused

    def _take(self, happening: Happening, now: float) -> bool:
        machine = self._machine
        match happening:
            case Happening.SHAKEN_HANDS:
                machine.shaken_hands(now)
                return False
            case Happening.BROKE:
                if machine.phase is not Phase.CONNECTING:
                    logger.info("The connection to the coordinator was lost.")
                machine.broke(now)
            case Happening.FAILED | Happening.REFUSED:
                machine.handshake_failed(now)
        return happening is Happening.REFUSED or machine.refusals >= _REFUSALS

    def _watch(self) -> None:
        """Has the thread wake by what comes, when it comes for nobody who looks for it."""
        if self._link is None:
            return
        is_wanted = self._machine.is_expecting or self._is_subscribed
        if is_wanted and not self._is_watching:
            self._selector.register(self._link.descriptor, selectors.EVENT_READ)
        elif self._is_watching and not is_wanted:
            self._selector.unregister(self._link.descriptor)
        self._is_watching = is_wanted

    def _fail(self, error: MurmurationError) -> None:
        with self._lock:
            self._machine.fail(error)
            self.failed(error)

    def _close(self) -> None:
        with self._lock:
            self._stopping = True
            self._machine.fail(_closed())
            self.disconnect()
        self._context.term()
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    # ------------------------------------------------------------------- what the machine wants

    def connect(self) -> None:
        self._follow()
        if not self.address.is_known:
            return
        self._link = Link(self._context, self.address, self._keys, self._timing, random.random())
        self._selector.register(self._link.events_descriptor, selectors.EVENT_READ)
        # A descriptor of libzmq's tells nothing before its socket was once found empty.
        self._wake()

    def disconnect(self) -> None:
        if self._link is None:
            return
        if self._is_watching:
            self._selector.unregister(self._link.descriptor)
            self._is_watching = False
        self._selector.unregister(self._link.events_descriptor)
        self._link.close()
        self._link = None

    def send(self, frame: bytes) -> None:
        if self._link is not None:
            self._link.send(frame)

    def became_ready(self) -> None:
        self.obstacle = None
        if not self.welcomed.done():
            self.welcomed.set_result(None)

    def unavailable(self, call: Call) -> None:
        logger.warning("%s Trying again.", call.refusal)

    def unasked(self, reply: wire.Reply) -> None:
        self.mailbox.put(reply)

    def lease_gone(self, token: int, refusal: str | None) -> None:
        if refusal is not None:
            logger.warning("%s The next report fails by that.", refusal)
        else:
            logger.warning(
                "The lease is gone: the coordinator heard nothing of this worker for too long, "
                "or was told to end it; the next report gets another assignment."
            )

    def failed(self, error: MurmurationError) -> None:
        if self._error is None:
            self._error = error
        if not self.welcomed.done():
            self.welcomed.set_exception(error)


def _closed() -> UnreachableError:
    return UnreachableError("The connection to the coordinator was closed.")
