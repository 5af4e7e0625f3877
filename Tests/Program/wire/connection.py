"""One DEALER: requests that are sent again until there is an answer."""

from __future__ import annotations

import contextlib
import secrets
import time
from typing import NoReturn

import zmq
from address import REFUSED, UNREACHABLE, Address, die, public_of
from zmq.utils import z85

from murmuration.v1 import murmuration_pb2 as wire

MESSAGE_BYTES, CURVE_BYTES = 65536, 33
# Seconds, but for the waits without a reply after which the socket is made anew.
FIRST_WAIT, LONGEST_WAIT, MISSES, PATIENCE = 2.0, 15.0, 3, 30.0
FOREVER = float("inf")


def tell(*words: object) -> None:
    print(*words, flush=True)


class Connection:
    """One DEALER: requests that are sent again until there is an answer."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.context = zmq.Context()
        self.dealer: zmq.Socket[bytes] = self.context.socket(zmq.DEALER)
        self.ids = 0
        self.epoch = 0
        self.is_greeted = self.was_greeted = False
        self.heartbeat_interval = self.return_time = 0.0
        # When the coordinator was last sent something that renews the lease.
        self.sent = 0.0
        self.open()

    def open(self) -> None:
        """Makes the socket, anew when there is one."""
        self.dealer.close()
        self.dealer = self.context.socket(zmq.DEALER)
        self.dealer.setsockopt(zmq.LINGER, 0)
        self.dealer.setsockopt(zmq.IMMEDIATE, 1)
        self.dealer.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES + CURVE_BYTES)
        self.dealer.setsockopt(zmq.IPV6, self.address.needs_ipv6)
        self.dealer.setsockopt(zmq.HEARTBEAT_IVL, 15_000)
        self.dealer.setsockopt(zmq.HEARTBEAT_TIMEOUT, 30_000)
        self.dealer.setsockopt(zmq.HEARTBEAT_TTL, 45_000)
        if self.address.keys is not None:
            server, client = self.address.keys
            self.dealer.setsockopt(zmq.CURVE_SERVERKEY, z85.encode(server))
            self.dealer.setsockopt(zmq.CURVE_PUBLICKEY, z85.encode(public_of(client)))
            self.dealer.setsockopt(zmq.CURVE_SECRETKEY, z85.encode(client))
            if self.dealer.getsockopt(zmq.MECHANISM) != zmq.CURVE:
                die(REFUSED, "This libzmq does not encrypt.")
        self.dealer.connect(self.address.endpoint)
        self.is_greeted = False

    def send(self, request: wire.Request) -> int:
        """Sends a request under a new id, which it returns; one that cannot be sent is lost."""
        self.ids += 1
        request.id = self.ids
        frame = request.SerializeToString()
        if len(frame) > MESSAGE_BYTES:
            die(REFUSED, "The request is too long for a message.")
        with contextlib.suppress(zmq.Again):
            self.dealer.send(frame, zmq.DONTWAIT)
        return request.id

    def receive(self, seconds: float) -> wire.Reply | None:
        if not self.dealer.poll(int(1000 * max(0.0, seconds)), zmq.POLLIN):
            return None
        return wire.Reply.FromString(self.dealer.recv())

    def ask(self, request: wire.Request) -> wire.Reply:
        """The answer to a request, however long it takes."""
        reply = self.ask_within(FOREVER, request)
        assert reply is not None
        return reply

    def ask_within(self, patience: float, request: wire.Request) -> wire.Reply | None:
        """The answer to a request, or None when there is none so soon."""
        end, wait, misses = time.monotonic() + patience, FIRST_WAIT, 0
        is_hello = request.HasField("hello")
        while (now := time.monotonic()) < end:
            if not is_hello and not self.is_greeted and not self.greet(end - now):
                return None
            # Partly random, so that workers that failed together do not come back together.
            again = time.monotonic() + wait * (0.5 + secrets.randbelow(1000) / 2000)
            if not is_hello:
                self.sent = time.monotonic()
            reply = self.answer(request, min(again, end))
            if reply is not None and reply.error.code != wire.Error.CODE_UNAVAILABLE:
                # It was restarted, and may have other times now.
                self.is_greeted = self.is_greeted and reply.epoch == self.epoch
                return reply
            time.sleep(max(0.0, min(again, end) - time.monotonic()))
            wait = min(2 * wait, LONGEST_WAIT)
            misses = misses + 1 if reply is None else 0
            if misses == MISSES:
                misses = 0
                self.open()
        return None

    def answer(self, request: wire.Request, end: float) -> wire.Reply | None:
        # Nothing can be sent before the connection stands.
        if not self.dealer.poll(int(1000 * max(0.0, end - time.monotonic())), zmq.POLLOUT):
            return None
        asked = self.send(request)
        while (reply := self.receive(end - time.monotonic())) is not None:
            if reply.id == asked:
                return reply
        return None

    def greet(self, patience: float) -> bool:
        time.sleep(self.return_time * secrets.randbelow(1000) / 1000)
        hello = wire.Hello(min_version=1, max_version=1, client="client.py")
        # Who was never welcomed may have a wrong address, or another secret.
        patience = patience if self.was_greeted else PATIENCE
        reply = self.ask_within(patience, wire.Request(hello=hello))
        if reply is None:
            if self.was_greeted:
                return False
            die(UNREACHABLE, f"Nobody lets this client in at {self.address.endpoint}.")
        if not reply.HasField("welcome"):
            refuse(reply)
        self.heartbeat_interval = reply.welcome.heartbeat_milliseconds / 1000
        self.return_time = reply.welcome.return_milliseconds / 1000
        self.epoch = reply.epoch
        self.is_greeted = self.was_greeted = True
        tell(f"welcome epoch={self.epoch}")
        return True


def refuse(reply: wire.Reply) -> NoReturn:
    if reply.HasField("error"):
        die(REFUSED, f"Refused with {reply.error.code}: {reply.error.message}")
    die(REFUSED, "The coordinator answered with something else than was asked for.")


def is_over(reply: wire.Reply) -> bool:
    """Whether the lease is over that was named."""
    over = (wire.Error.CODE_UNKNOWN_LEASE, wire.Error.CODE_LEASE_LAPSED)
    return reply.HasField("error") and reply.error.code in over
