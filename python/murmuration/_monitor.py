"""A monitor: follows a population's leaderboard while it trains."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from types import TracebackType

from murmuration._connection import handshake
from murmuration._connection.address import address_from
from murmuration._connection.broadcast import Source, source
from murmuration._connection.connection import Connection
from murmuration._connection.timing import Timing
from murmuration._shown import escaped
from murmuration._values import Leaderboard, leaderboard_from_wire
from murmuration.errors import (
    ForkedError,
    MalformedError,
    NoPopulationError,
    UnreachableError,
)
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

# A board comes each second, so this long without one means that something is wrong.
_SILENCE_SECONDS = 5.0


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
    may do. By an invitation it reads what that lets it read, over its connection, whose background
    thread does all input and output; `UnauthorizedError` says that the invitation has ended.
    Otherwise it runs no thread while it is read.
    """

    def __init__(
        self,
        url: str | None = None,
        population: str | None = None,
        *,
        timeout: float | None = None,
        timing: Timing | None = None,
    ) -> None:
        address = address_from(url, population)
        self._timeout = timeout
        self._timing = timing or Timing()
        self._pid = os.getpid()
        self._closed = threading.Event()
        self._last = (0, 0)
        # Whether it was said that the coordinator is gone; once is enough.
        self._missed = False
        connection = Connection(address, self._timing)
        self._address = connection.address
        try:
            self._population = self._meant(connection)
            topic = f"{self._population}/leaderboard"
            self._source: Source = source(self._address, connection, topic, self._timing)
        except BaseException:
            connection.close()
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
        self._source.close()

    def __enter__(self) -> Monitor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _meant(self, connection: Connection) -> str:
        """The population that is named, or the only one."""
        if self._address.population:
            return self._address.population
        request = wire.Request(list_populations=wire.ListPopulations())
        reply = connection.call(request, self._timing.connect)
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
        try:
            self._source.look_again()
        except UnreachableError as error:
            if not self._missed:
                logger.warning("%s Waiting for it.", error)
            self._missed = True
        else:
            self._missed = False

    def _newest(self) -> Leaderboard | None:
        """The newest board that has arrived, after waiting a moment for one."""
        newest: Leaderboard | None = None
        for broadcast in self._source.receive():
            newest = self._read(broadcast) or newest
        return newest

    def _read(self, broadcast: wire.Broadcast) -> Leaderboard | None:
        # A subscription is a prefix, and a name may begin like another one.
        if broadcast.leaderboard.population != self._population:
            return None
        moment = (broadcast.epoch, broadcast.counter)
        if moment <= self._last:
            return None
        self._last = moment
        return leaderboard_from_wire(broadcast.leaderboard, broadcast.epoch, broadcast.committed)
