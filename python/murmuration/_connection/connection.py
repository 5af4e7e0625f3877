"""One connection to a coordinator.

Whoever calls sends its request and takes the answer itself. What is not answered in a moment is
left to a thread of the connection's own, which sends it again, finds a way back to a coordinator
that was lost, takes the lease up again after a restart, and sends heartbeats, so that none of it
depends on what the training thread does. It needs the interpreter for some microseconds at a time;
a call that holds the interpreter only delays it, and the time between two heartbeats is a fraction
of a lease.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError

from murmuration._connection import handshake
from murmuration._connection.address import Address
from murmuration._connection.call import Call
from murmuration._connection.loop import Loop
from murmuration._connection.reminder import Reminder
from murmuration._connection.timing import Timing
from murmuration._connection.training_mark import TrainingMark
from murmuration.errors import ForkedError, UnreachableError
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

_STOP_SECONDS = 10.0
_SECONDS_BEFORE_WORD = 1.0


class Connection:
    """Sends requests and waits for their replies; any thread may call it."""

    def __init__(self, address: Address, timing: Timing | None = None) -> None:
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
    def address(self) -> Address:
        """Where the coordinator is, as far as is known."""
        return self._loop.address

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
        self._loop.subscribe()
        return self._loop.mailbox.take(seconds)

    def call(self, request: wire.Request, timeout: float | None = None) -> wire.Reply:
        """The reply to a request, which is repeated until there is one or `timeout` is over."""
        self.check_process()
        self._mark.set(is_training=False)
        try:
            call = self._loop.ask(request)
            try:
                if call.outcome is None:
                    self._wait(call, timeout)
            finally:
                if call.outcome is None:
                    self._loop.give_up(call)
        finally:
            self._mark.set(is_training=self.held != 0)
        return call.reply()

    def ask(self, request: wire.Request) -> Call:
        """A request under way, which is repeated until there is a reply."""
        self.check_process()
        return self._loop.submit(request)

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

    def _wait(self, call: Call, timeout: float | None) -> None:
        """Waits until a call has ended, and says so now and then when that takes long."""
        reminder = Reminder()
        while timeout is None or reminder.waited + reminder.pause < timeout:
            if call.wait(reminder.pause):
                return
            if reminder.is_due():
                logger.warning(
                    "%s Waiting for it, for %.0f s so far.", self._obstacle(call), reminder.waited
                )
        if not call.wait(max(0.0, timeout - reminder.waited)):
            raise UnreachableError(self._obstacle(call))

    def _obstacle(self, call: Call) -> str:
        """One sentence on why there is no answer yet."""
        return call.refusal or self._unreachable()

    def _unreachable(self) -> str:
        return self._loop.obstacle or handshake.unreachable(self.address)

    def _wait_until_ready(self) -> None:
        welcomed, patience = self._loop.welcomed, self.timing.connect
        try:
            welcomed.result(min(_SECONDS_BEFORE_WORD, patience))
            return
        except FutureTimeoutError:
            if patience > _SECONDS_BEFORE_WORD:
                place = self.address.place
                logger.warning("No coordinator yet at %s; trying for %g s.", place, patience)
        try:
            welcomed.result(max(0.0, patience - _SECONDS_BEFORE_WORD))
        except FutureTimeoutError:
            raise UnreachableError(self._unreachable()) from None
