"""Where a monitor's broadcast comes from: a socket of its own, or the connection."""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

import zmq

from murmuration._connection import handshake
from murmuration._connection.address import Address
from murmuration._connection.call import Call
from murmuration._connection.connection import Connection
from murmuration._connection.frames import FRAME_BYTES, decode
from murmuration._connection.mailbox import QUEUED_BOARDS
from murmuration._connection.sockets import keep_alive, secure
from murmuration._connection.timing import Timing
from murmuration.errors import (
    CoordinatorError,
    MalformedError,
    UnreachableError,
    UnsupportedError,
    error_from_wire,
)
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

_WAIT_SECONDS = 0.1
_LOOK_SECONDS = 1.0
# A board comes each second, so this long without one means that the coordinator knows nothing of
# the subscription any more.
_SILENCE_SECONDS = 3.0
# A subscription is asked for again after this part of the time for which it lasts.
_RENEWAL = 1 / 3


class Source(Protocol):
    """What a monitor reads. All but `close` is for one thread."""

    def receive(self) -> list[wire.Broadcast]:
        """What has come, oldest first, after waiting a moment for it; raises when it has ended."""

    def look_again(self) -> None:
        """Does what helps when nothing came for long; raises when the coordinator is away."""

    def close(self) -> None:
        """Ends it, for any thread; it is safe to call this again."""


def source(address: Address, connection: Connection, topic: str, timing: Timing) -> Source:
    """The broadcast's messages whose topics begin with `topic`.

    The coordinator says which way they come. It takes over the connection, which it closes.
    """
    if connection.broadcast_port == 0:
        return Subscription(address, connection, topic, timing)
    port = connection.broadcast_port
    connection.close()
    return Channel(address, port, topic)


class Channel:
    """The coordinator's own channel for the broadcast, to who may read everything."""

    def __init__(self, address: Address, port: int, topic: str) -> None:
        self._address = address
        self._port = port
        self._topic = topic
        # Held while the socket is used, so that closing waits for the turn to end.
        self._lock = threading.Lock()
        self._context = zmq.Context()
        self._socket: zmq.Socket[bytes] | None = None
        self._closed = False
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def receive(self) -> list[wire.Broadcast]:
        with self._lock:
            if self._socket is None or not self._socket.poll(int(1000 * _WAIT_SECONDS)):
                return []
            found: list[wire.Broadcast] = []
            for _ in range(QUEUED_BOARDS):
                try:
                    frames = self._socket.recv_multipart(zmq.DONTWAIT)
                except zmq.Again:
                    break
                try:
                    found.append(decode(wire.Broadcast, frames[-1]))
                except CoordinatorError as error:
                    logger.warning("A message of the broadcast was left out: %s", error)
            return found

    def look_again(self) -> None:
        """A coordinator that was restarted may broadcast at another port."""
        connection = Connection(self._address, Timing(connect=_LOOK_SECONDS))
        port, address = connection.broadcast_port, connection.address
        connection.close()
        if port == 0:
            raise UnsupportedError(
                f"The coordinator at {self._address.place} broadcasts nothing any more: make a "
                "new Monitor."
            )
        if (port, address) != (self._port, self._address):
            self._port, self._address = port, address
            self._open()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._socket is not None:
                self._socket.close()
                self._socket = None
            self._context.term()

    def _open(self) -> None:
        with self._lock:
            if self._closed:
                return
            if self._socket is not None:
                self._socket.close()
            subscriber: zmq.Socket[bytes] = self._context.socket(zmq.SUB)
            self._socket = subscriber
            secure(subscriber, self._address.keys)
            subscriber.setsockopt(zmq.LINGER, 0)
            subscriber.setsockopt(zmq.RCVHWM, QUEUED_BOARDS)
            subscriber.setsockopt(zmq.MAXMSGSIZE, FRAME_BYTES)
            subscriber.setsockopt(zmq.IPV6, int(self._address.needs_ipv6))
            subscriber.setsockopt(zmq.RECONNECT_IVL, 100)
            subscriber.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
            keep_alive(subscriber)
            subscriber.setsockopt(zmq.SUBSCRIBE, self._topic.encode())
            subscriber.connect(self._address.endpoint(self._port))


class Subscription:
    """The broadcast over a connection, to who has a key of its own.

    It ends by itself, so it is asked for again: in time, after each welcome, and after silence.
    """

    def __init__(
        self, address: Address, connection: Connection, topic: str, timing: Timing
    ) -> None:
        self._address = address
        self._connection = connection
        self._topic = topic
        # The request under way. The first one is waited for, so that a refusal is known at once.
        self._asked: Call | None = None
        self._asked_at = self._heard_at = time.monotonic()
        self._welcomes = connection.welcomes
        self._renew_at = self._renewal(connection.call(self._request(), timing.connect))

    def receive(self) -> list[wire.Broadcast]:
        self._renew()
        found: list[wire.Broadcast] = []
        for reply in self._connection.unasked(_WAIT_SECONDS):
            if reply.HasField("error"):
                raise error_from_wire(reply.error)
            if reply.HasField("broadcast"):
                found.append(reply.broadcast)
        if found:
            self._heard_at = time.monotonic()
        return found

    def look_again(self) -> None:
        """The connection looks for the coordinator by itself; this only says how that stands."""
        if self._asked is not None:
            raise UnreachableError(handshake.unreachable(self._address))

    def close(self) -> None:
        self._connection.close()

    def _renew(self) -> None:
        if self._asked is not None:
            if self._asked.outcome is None:
                return
            asked, self._asked = self._asked, None
            try:
                self._renew_at = self._renewal(asked.reply())
            except UnreachableError:
                # The monitor was closed.
                return
        now, welcomes = time.monotonic(), self._connection.welcomes
        is_silent = now - max(self._heard_at, self._asked_at) >= _SILENCE_SECONDS
        if now >= self._renew_at or welcomes != self._welcomes or is_silent:
            self._asked_at, self._welcomes = now, welcomes
            self._asked = self._connection.ask(self._request())

    def _renewal(self, reply: wire.Reply) -> float:
        """When to ask for it again. Its time is counted from the question, to be safe."""
        if not reply.HasField("subscribed"):
            raise MalformedError(
                "The coordinator answered with something else than a subscription: install a "
                "package that fits the coordinator."
            )
        return self._asked_at + _RENEWAL * reply.subscribed.milliseconds / 1000

    def _request(self) -> wire.Request:
        return wire.Request(subscribe=wire.Subscribe(topics=[self._topic]))
