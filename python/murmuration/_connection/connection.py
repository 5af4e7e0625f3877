"""One connection to a coordinator, kept by one thread of its own.

The thread negotiates the version, sends requests and sends them again, takes up the lease again
after the coordinator was restarted, and sends heartbeats meanwhile, so that none of it depends on
what the training thread does. It needs the interpreter for some microseconds at a time; a call
that holds the interpreter only delays it, and the time between two heartbeats is a fraction of a
lease.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from queue import Empty

from murmuration._connection import handshake
from murmuration._connection.address import Address
from murmuration._connection.frames import MESSAGE_BYTES
from murmuration._connection.loop import Call, Loop
from murmuration._connection.reminder import Reminder
from murmuration._connection.sockets import Timing
from murmuration._connection.training_mark import TrainingMark
from murmuration.errors import ForkedError, LimitError, UnreachableError
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

_STOP_SECONDS = 10.0
_SECONDS_BEFORE_WORD = 1.0


class Connection:
    """Sends requests and waits for their replies; any thread may call it."""

    def __init__(self, address: Address, timing: Timing | None = None) -> None:
        self.address = address
        self.timing = timing or Timing()
        self._pid = os.getpid()
        self._mark = TrainingMark()
        self._loop = Loop(address, self.timing)
        self._thread = threading.Thread(target=self._loop.run, name="murmuration", daemon=True)
        self._thread.start()
        # Nothing of the thread's holds this object, so that one that nobody closed ends with it.
        weakref.finalize(self, self._loop.stop).atexit = False
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    @property
    def broadcast_port(self) -> int:
        """The port of the broadcast on the coordinator's host; 0 when there is none."""
        return self._loop.broadcast_port

    @property
    def welcomes(self) -> int:
        """How often the coordinator welcomed it: at the start, over a new socket, in a new epoch.

        A subscription that was made before the last one may be forgotten there.
        """
        return self._loop.welcomes

    def unasked(self, seconds: float) -> list[wire.Reply]:
        """What came without a request, after waiting so long for it; the oldest may be left out."""
        return self._loop.mailbox.take(seconds)

    def call(self, request: wire.Request, timeout: float | None = None) -> wire.Reply:
        """The reply to a request, which is repeated until there is one or `timeout` is over."""
        call = self._submitted(request)
        self._mark.set(is_training=False)
        try:
            return self._result(call, timeout)
        except Empty:
            raise UnreachableError(self._obstacle(call)) from None
        finally:
            call.is_given_up = True
            self._mark.set(is_training=self.held != 0)

    def ask(self, request: wire.Request) -> Call:
        """A request under way, which is repeated until there is a reply."""
        return self._submitted(request)

    @property
    def held(self) -> int:
        """The lease that is kept alive; 0 when there is none."""
        return self._loop.held

    def hold(self, token: int, rejoin: wire.Join | None = None) -> None:
        """Says which lease to keep alive, and how to take it up again after a restart."""
        self._loop.hold(token, rejoin)
        self._mark.set(is_training=token != 0)

    def dispatch(self, errand: Callable[[], None]) -> None:
        """Runs `errand` in a thread of its own, if the connection is open; garbage collection may
        call this at any moment."""
        self._loop.dispatch(errand)

    def check_process(self) -> None:
        if os.getpid() != self._pid:
            raise ForkedError(
                f"This connection belongs to the process {self._pid}, and a fork does not carry "
                "it over: make a new Worker or Monitor in the child process."
            )

    def close(self) -> None:
        """Ends the thread and closes its sockets; requests under way are given up."""
        if os.getpid() != self._pid:
            return
        self._loop.stop()
        self._thread.join(_STOP_SECONDS)
        self._mark.set(is_training=False)

    def _submitted(self, request: wire.Request) -> Call:
        self.check_process()
        request.id = self._loop.next_id()
        call = Call(request)
        if len(call.payload) > MESSAGE_BYTES:
            raise LimitError(
                f"The request has {len(call.payload)} bytes; a message has at most "
                f"{MESSAGE_BYTES}: send less in one."
            )
        self._loop.submit(call)
        return call

    def _result(self, call: Call, timeout: float | None) -> wire.Reply:
        """Waits for a reply, and says so now and then when there is none for long."""
        reminder = Reminder()
        while timeout is None or reminder.waited + reminder.pause < timeout:
            try:
                return call.reply(reminder.pause)
            except Empty:
                if reminder.is_due():
                    logger.warning(
                        "%s Waiting for it, for %.0f s so far.",
                        self._obstacle(call),
                        reminder.waited,
                    )
        return call.reply(max(0.0, timeout - reminder.waited))

    def _obstacle(self, call: Call) -> str:
        """One sentence on why there is no answer yet."""
        return call.refusal or handshake.unreachable(self.address)

    def _wait_until_ready(self) -> None:
        ready, patience = self._loop.ready, self.timing.connect
        try:
            ready.result(min(_SECONDS_BEFORE_WORD, patience))
            return
        except FutureTimeoutError:
            if patience > _SECONDS_BEFORE_WORD:
                place = self.address.place
                logger.warning("No coordinator yet at %s; trying for %g s.", place, patience)
        try:
            ready.result(max(0.0, patience - _SECONDS_BEFORE_WORD))
        except FutureTimeoutError:
            raise UnreachableError(handshake.unreachable(self.address)) from None
