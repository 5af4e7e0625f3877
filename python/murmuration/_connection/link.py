"""One DEALER to a coordinator, with its monitor."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator

import zmq
from zmq.utils.monitor import recv_monitor_message

from murmuration._connection.address import Address
from murmuration._connection.curve import ClientKeys
from murmuration._connection.frames import FRAME_BYTES
from murmuration._connection.sockets import keep_alive, secure
from murmuration._connection.timing import Timing

_READABLE = int(zmq.POLLIN)
_ZAP_REFUSED = 400
_FAILED = {
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
    zmq.EVENT_HANDSHAKE_FAILED_AUTH,
}


class Happening(enum.Enum):
    """What libzmq tells of a link."""

    SHAKEN_HANDS = enum.auto()
    FAILED = enum.auto()
    """The handshake failed, and may succeed the next time."""
    REFUSED = enum.auto()
    """The handshake failed, and will every time."""
    BROKE = enum.auto()


class Link:
    """A socket that connects, and what happens to it; for one thread at a time."""

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        address: Address,
        keys: ClientKeys | None,
        timing: Timing,
        chance: float,
    ) -> None:
        self._dealer: zmq.Socket[bytes] = context.socket(zmq.DEALER)
        dealer = self._dealer
        secure(dealer, keys)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.setsockopt(zmq.IMMEDIATE, 1)
        dealer.setsockopt(zmq.IPV6, int(address.needs_ipv6))
        dealer.setsockopt(zmq.MAXMSGSIZE, FRAME_BYTES)
        keep_alive(dealer)
        first = timing.pause(0, chance)
        dealer.setsockopt(zmq.RECONNECT_IVL, max(1, int(1000 * first)))
        dealer.setsockopt(zmq.RECONNECT_IVL_MAX, max(1, int(1000 * timing.reconnect_limit)))
        self._events: zmq.Socket[bytes] = dealer.get_monitor_socket()
        # Looking them up asks libzmq.
        self.descriptor = int(dealer.FD)
        self.events_descriptor = int(self._events.FD)
        self._patience = -1
        dealer.connect(address.endpoint())

    def send(self, frame: bytes) -> None:
        # One that takes nothing is about to be reported lost; what is due goes over the next one.
        with contextlib.suppress(zmq.Again):
            self._dealer.send(frame, zmq.DONTWAIT)

    def has_come(self) -> bool:
        """Whether something is there. The descriptor tells once that something came, and any call
        into libzmq may have taken that in."""
        return _is_readable(self._dealer)

    def receive(self) -> bytes | None:
        """What has come, or `None`."""
        try:
            return self._dealer.recv(zmq.DONTWAIT)
        except zmq.Again:
            return None

    def receive_within(self, milliseconds: int) -> bytes | None:
        """What comes within that time, or `None`."""
        if milliseconds != self._patience:
            self._dealer.setsockopt(zmq.RCVTIMEO, milliseconds)
            self._patience = milliseconds
        try:
            return self._dealer.recv()
        except zmq.Again:
            return None

    def happenings(self) -> Iterator[Happening]:
        """What has happened since the last time, oldest first."""
        while _is_readable(self._events):
            event = recv_monitor_message(self._events)
            kind, value = event["event"], event["value"]
            if kind == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                yield Happening.SHAKEN_HANDS
            elif kind in _FAILED:
                yield Happening.REFUSED if _is_certain(kind, value) else Happening.FAILED
            elif kind == zmq.EVENT_DISCONNECTED:
                yield Happening.BROKE

    def close(self) -> None:
        self._dealer.disable_monitor()
        # The monitor's end stays open otherwise, and the context would wait for it.
        self._events.close()
        self._dealer.close()


def _is_readable(any_socket: zmq.Socket[bytes]) -> bool:
    return bool(int(any_socket.getsockopt(zmq.EVENTS)) & _READABLE)


def _is_certain(event: int, value: int) -> bool:
    """Whether a failed handshake will fail every time."""
    if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
        return value >= _ZAP_REFUSED
    mismatch = zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
    return event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL and value == mismatch
