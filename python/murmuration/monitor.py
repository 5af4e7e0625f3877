"""A monitor: follows a population's leaderboard while it trains."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from types import TracebackType

import zmq

from murmuration import handshake
from murmuration.address import Keys, address_from
from murmuration.connection import Connection
from murmuration.errors import (
    CoordinatorError,
    ForkedError,
    MalformedError,
    NoPopulationError,
    UnreachableError,
    UnsupportedError,
)
from murmuration.frames import MESSAGE_BYTES, decode
from murmuration.shown import escaped
from murmuration.sockets import Timing, keep_alive, secure
from murmuration.v1 import murmuration_pb2 as wire
from murmuration.values import Leaderboard, leaderboard_from_wire

logger = logging.getLogger("murmuration")

_QUEUED_BOARDS = 16
_POLL_MILLISECONDS = 100
# A board comes each second, so this long without one means that something is wrong.
_SILENCE_SECONDS = 5.0
_LOOK_SECONDS = 1.0


class Monitor:
    """Yields the leaderboard whenever it changed, and once a second anyway.

    ```python
    with Monitor() as boards:
        for board in boards:
            print(board.best)
            if board.finished:
                break
    ```

    Where the coordinator is comes from the arguments or from the environment, as with `Worker`.
    Boards that come faster than they are read are left out; each is complete. The monitor goes on
    through a restart of the coordinator; with a `timeout` in seconds it raises `UnreachableError`
    when no board came for so long. Iteration ends when the monitor is closed, which any thread
    may do. It runs no thread while it is read.
    """

    def __init__(
        self,
        url: str | None = None,
        population: str | None = None,
        *,
        timeout: float | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._address = address_from(url, population)
        self._timeout = timeout
        self._timing = timing or Timing()
        self._pid = os.getpid()
        self._closed = threading.Event()
        # Held while the socket is used, so that closing waits for the turn to end.
        self._lock = threading.Lock()
        self._context = zmq.Context()
        self._socket: zmq.Socket[bytes] | None = None
        self._port = 0
        self._last = (0, 0)
        # Whether it was said that the coordinator is gone; once is enough.
        self._missed = False
        try:
            self._population = self._look_up(self._timing)
            self._subscribe()
        except BaseException:
            self.close()
            raise

    @property
    def population(self) -> str:
        """The name of the population that is watched."""
        return self._population

    def __iter__(self) -> Iterator[Leaderboard]:
        return self

    def __next__(self) -> Leaderboard:
        if os.getpid() != self._pid:
            raise ForkedError(
                f"This Monitor belongs to the process {self._pid}: make a new one in this process."
            )
        began = heard = time.monotonic()
        while not self._closed.is_set():
            with self._lock:
                board = self._newest()
            if board is not None:
                return board
            now = time.monotonic()
            if self._timeout is not None and now - began >= self._timeout:
                raise UnreachableError(
                    f"No board of {self._population!r} came for {self._timeout:g} s. "
                    f"{handshake.unreachable(self._address)}"
                )
            if now - heard >= _SILENCE_SECONDS:
                self._look_again()
                heard = time.monotonic()
        raise StopIteration

    def close(self) -> None:
        """Ends the subscription, and an iteration in another thread; it is safe to call again."""
        if os.getpid() != self._pid:
            return
        self._closed.set()
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None
            self._context.term()

    def __enter__(self) -> Monitor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _look_up(self, timing: Timing) -> str:
        """Asks the coordinator where it broadcasts, and which population is meant by none."""
        connection = Connection(self._address, timing)
        try:
            self._port = connection.broadcast_port
            if self._address.population:
                return self._address.population
            request = wire.Request(list_populations=wire.ListPopulations())
            reply = connection.call(request, timing.connect)
        finally:
            connection.close()
        if not reply.HasField("populations"):
            raise MalformedError("The coordinator answered with something else than populations.")
        names = [population.name for population in reply.populations.populations]
        if not names:
            raise NoPopulationError("The coordinator has no population yet: create one first.")
        if len(names) > 1 or reply.populations.more:
            raise NoPopulationError(
                f"The coordinator has several populations; name one of {escaped(', '.join(names))}."
            )
        return names[0]

    def _look_again(self) -> None:
        """A coordinator that was restarted may broadcast at another port."""
        before = self._port
        try:
            self._look_up(Timing(connect=_LOOK_SECONDS))
        except UnreachableError as error:
            if not self._missed:
                logger.warning("%s Waiting for it.", error)
            self._missed = True
            return
        self._missed = False
        if self._port != before:
            self._subscribe()

    def _subscribe(self) -> None:
        if self._port == 0:
            raise UnsupportedError(
                f"The coordinator at {self._address.place} broadcasts nothing: start it with a "
                "broadcast port."
            )
        secret = self._address.secret
        with self._lock:
            if self._closed.is_set():
                return
            if self._socket is not None:
                self._socket.close()
            subscriber: zmq.Socket[bytes] = self._context.socket(zmq.SUB)
            self._socket = subscriber
            secure(subscriber, Keys.derive(secret) if secret is not None else None)
            subscriber.setsockopt(zmq.LINGER, 0)
            subscriber.setsockopt(zmq.RCVHWM, _QUEUED_BOARDS)
            subscriber.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES)
            subscriber.setsockopt(zmq.IPV6, int(self._address.needs_ipv6))
            subscriber.setsockopt(zmq.RECONNECT_IVL, 100)
            subscriber.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
            keep_alive(subscriber)
            subscriber.setsockopt(zmq.SUBSCRIBE, f"{self._population}/leaderboard".encode())
            subscriber.connect(self._address.endpoint(self._port))

    def _newest(self) -> Leaderboard | None:
        """The newest board that has arrived, after waiting a moment for one."""
        if self._socket is None or not self._socket.poll(_POLL_MILLISECONDS):
            return None
        newest: Leaderboard | None = None
        for _ in range(_QUEUED_BOARDS):
            try:
                frames = self._socket.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                break
            newest = self._read(frames) or newest
        return newest

    def _read(self, frames: list[bytes]) -> Leaderboard | None:
        try:
            broadcast = decode(wire.Broadcast, frames[-1])
        except CoordinatorError as error:
            logger.warning("A message of the broadcast was left out: %s", error)
            return None
        # A subscription is a prefix, and a name may begin like another one.
        if broadcast.leaderboard.population != self._population:
            return None
        moment = (broadcast.epoch, broadcast.counter)
        if moment <= self._last:
            return None
        self._last = moment
        return leaderboard_from_wire(broadcast.leaderboard, broadcast.epoch, broadcast.committed)
