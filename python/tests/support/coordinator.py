"""A scripted coordinator: a ROUTER that answers as a test says, and keeps what it was asked."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import zmq
from zmq.utils import z85

from murmuration._connection.address import Address
from murmuration._connection.curve import Invitation, Keys, new_secret, public_of
from murmuration.v1 import murmuration_pb2 as wire

WAIT_SECONDS = 20.0

Answer = wire.Reply | None | Callable[[wire.Request], "wire.Reply | None"]


@dataclass
class Received:
    """A request, when it came, and which connection it came over."""

    request: wire.Request
    at: float
    peer: bytes

    @property
    def kind(self) -> str:
        return self.request.WhichOneof("body") or ""


@dataclass
class Coordinator:
    """Greets, keeps leases alive and lets workers leave by itself; all else takes `answers`.

    An answer is a reply, `None` for silence, or a function of the request. Its id and epoch are
    filled in.
    """

    secret: str | None = None
    guests: set[bytes] | None = None
    """The public keys that are let in, each by an invitation; no shared secret is taken then."""
    refuses_all: bool = False
    """Let no client key in, although the server's key fits."""
    port: int = 0
    epoch: int = 1
    heartbeat_milliseconds: int = 10_000
    lease_milliseconds: int = 60_000
    return_milliseconds: int = 0
    broadcasts: bool = False
    answers: deque[Answer] = field(default_factory=deque)
    hello: Answer = None
    heartbeat: Answer = None
    subscribe: Answer = None
    subscription_milliseconds: int = 60_000

    def __post_init__(self) -> None:
        self.received: list[Received] = []
        self.faults: list[str] = []
        self.broadcast_port = 0
        self.server_secret = new_secret()
        # Who gets which topics over the connection.
        self.subscriptions: dict[bytes, list[str]] = {}
        self.subscribed = threading.Event()
        # By who asked and the id: on a busy machine an answer may be late, and the request
        # comes again meanwhile.
        self._answered: dict[tuple[bytes, int], bytes] = {}
        self._requests: queue.Queue[Received] = queue.Queue()
        self._boards: queue.Queue[tuple[str, wire.Broadcast]] = queue.Queue()
        self._pushed: queue.Queue[wire.Reply] = queue.Queue()
        self._stopping = threading.Event()
        self._bound = threading.Event()
        self._context = zmq.Context()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Coordinator:
        self._thread.start()
        assert self._bound.wait(WAIT_SECONDS), "the scripted coordinator could not bind"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if error is None:
            assert self.faults == []

    @property
    def url(self) -> str:
        secret = "" if self.secret is None else f"{self.secret}@"
        return f"murmur://{secret}127.0.0.1:{self.port}"

    def invite(self) -> str:
        """The address for one more guest."""
        invitation = Invitation(new_secret(), public_of(self.server_secret))
        assert self.guests is not None
        self.guests.add(invitation.client_public)
        return Address("127.0.0.1", self.port, invitation=invitation).url

    def next(self, kind: str) -> Received:
        """The next request of this kind, after waiting for it; others are passed over."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                found = self._requests.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kind} came") from None
            if found.kind == kind:
                return found

    def count(self, kind: str) -> int:
        return sum(1 for each in self.received if each.kind == kind)

    def publish(self, topic: str, broadcast: wire.Broadcast) -> None:
        self._boards.put((topic, broadcast))

    def push(self, reply: wire.Reply) -> None:
        """Sends what nothing asked for to all that have subscribed."""
        self._pushed.put(reply)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(WAIT_SECONDS)

    # ----------------------------------------------------------------------------- the thread

    def _run(self) -> None:
        poller = zmq.Poller()
        access = self._context.socket(zmq.REP)
        access.bind("inproc://zeromq.zap.01")
        poller.register(access, zmq.POLLIN)
        router = self._bind(zmq.ROUTER, self.port)
        self.port = _port(router)
        poller.register(router, zmq.POLLIN)
        channel: zmq.Socket[bytes] | None = None
        if self.broadcasts:
            channel = self._bind(zmq.XPUB, 0)
            self.broadcast_port = _port(channel)
            poller.register(channel, zmq.POLLIN)
        self._bound.set()
        while not self._stopping.is_set():
            ready = dict(poller.poll(10))
            if access in ready:
                self._allow(access)
            if router in ready:
                self._serve(router)
            if channel is not None and channel in ready and channel.recv()[:1] == b"\1":
                self.subscribed.set()
            while not self._boards.empty():
                self._broadcast(*self._boards.get(), router, channel)
            while not self._pushed.empty():
                self._push(self._pushed.get(), list(self.subscriptions), router)
        for each in (router, channel, access):
            if each is not None:
                each.close(linger=0)
        self._context.term()

    def _bind(self, kind: int, port: int) -> zmq.Socket[bytes]:
        bound = self._context.socket(kind)
        bound.setsockopt(zmq.LINGER, 0)
        secret = self.server_secret if self.guests is not None else None
        if self.secret is not None:
            secret = Keys.derive(self.secret).server_secret
        if secret is not None:
            bound.setsockopt(zmq.CURVE_SERVER, 1)
            bound.setsockopt(zmq.CURVE_SECRETKEY, z85.encode(secret))
            bound.setsockopt(zmq.ZAP_DOMAIN, b"murmuration")
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                bound.bind(f"tcp://127.0.0.1:{port or '*'}")
            except zmq.ZMQError:
                # The port of the coordinator before this one takes a moment to be free.
                if time.monotonic() > until:
                    raise
            else:
                return bound

    def _allow(self, access: zmq.Socket[bytes]) -> None:
        version, request, _, _, _, mechanism, *credentials = access.recv_multipart()
        known = self.guests or set()
        if self.secret is not None:
            known = {Keys.derive(self.secret).client_public}
        allowed = not self.refuses_all and mechanism == b"CURVE" and credentials[0] in known
        status = [b"200", b"OK", b"worker"] if allowed else [b"400", b"another key", b""]
        access.send_multipart([version, request, *status, b""])

    def _broadcast(
        self,
        topic: str,
        broadcast: wire.Broadcast,
        router: zmq.Socket[bytes],
        channel: zmq.Socket[bytes] | None,
    ) -> None:
        if channel is not None:
            channel.send_multipart([topic.encode(), broadcast.SerializeToString()])
        readers = [
            peer
            for peer, topics in self.subscriptions.items()
            if any(topic.startswith(each) for each in topics)
        ]
        self._push(wire.Reply(broadcast=broadcast), readers, router)

    def _push(self, reply: wire.Reply, peers: list[bytes], router: zmq.Socket[bytes]) -> None:
        reply.epoch = reply.epoch or self.epoch
        for peer in peers:
            router.send_multipart([peer, reply.SerializeToString()])

    def _serve(self, router: zmq.Socket[bytes]) -> None:
        peer, payload = router.recv_multipart()
        received = Received(wire.Request.FromString(payload), time.monotonic(), peer)
        answered = self._answered.get((peer, received.request.id))
        if answered is not None:
            router.send_multipart([peer, answered])
            return
        self.received.append(received)
        reply = self._answer(received)
        if reply is not None:
            reply.id = received.request.id
            reply.epoch = reply.epoch or self.epoch
            sent = reply.SerializeToString()
            router.send_multipart([peer, sent])
            # What is refused may be asked again, and answered otherwise.
            if not reply.HasField("error"):
                self._answered[peer, received.request.id] = sent
            if reply.HasField("subscribed"):
                self.subscriptions[peer] = list(received.request.subscribe.topics)
                self.subscribed.set()
        self._requests.put(received)

    def _answer(self, received: Received) -> wire.Reply | None:
        answer: Answer
        if received.kind == "hello":
            answer = self.hello or self._welcome()
        elif received.kind == "heartbeat":
            answer = self.heartbeat or wire.Reply(alive=wire.Alive())
        elif received.kind == "subscribe":
            answer = self.subscribe or subscribed(self.subscription_milliseconds)
        elif received.kind == "leave":
            answer = wire.Reply(left=wire.Left())
        elif self.answers:
            answer = self.answers.popleft()
        else:
            self.faults.append(f"no answer is left for {received.request}")
            answer = error(wire.Error.CODE_UNSUPPORTED, "The script is over.")
        reply = answer(received.request) if callable(answer) else answer
        if reply is None:
            return None
        copy = wire.Reply()
        copy.CopyFrom(reply)
        return copy

    def _welcome(self) -> wire.Reply:
        return wire.Reply(
            welcome=wire.Welcome(
                version=1,
                broadcast_port=self.broadcast_port,
                heartbeat_milliseconds=self.heartbeat_milliseconds,
                lease_milliseconds=self.lease_milliseconds,
                return_milliseconds=self.return_milliseconds,
            )
        )


def _port(bound: zmq.Socket[bytes]) -> int:
    endpoint = bound.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(endpoint, bytes)
    return int(endpoint.rstrip(b"\0").decode().rpartition(":")[2])


# ------------------------------------------------------------------------------------- answers


def error(code: wire.Error.Code, message: str) -> wire.Reply:
    return wire.Reply(error=wire.Error(code=code, message=message))


def subscribed(milliseconds: int) -> wire.Reply:
    return wire.Reply(subscribed=wire.Subscribed(milliseconds=milliseconds))


def numbers(**values: float) -> list[wire.Hyperparameter]:
    return [
        wire.Hyperparameter(name=name, value=wire.Value(number=value))
        for name, value in values.items()
    ]


def lease(
    token: int = 7,
    member: int = 3,
    step: int = 0,
    target: int = 10,
    checkpoint: str = "",
    sequence: int = 0,
    max_steps: int = 0,
    inherited: bool = False,
    rate: float = 0.1,
    conditional: tuple[str, ...] = (),
) -> wire.Reply:
    """A member to train; with outcome `continue`."""
    directive = wire.Directive(
        lease=wire.Lease(
            token=token,
            member=member,
            step=step,
            target_step=target,
            checkpoint=checkpoint,
            sequence=sequence,
            max_steps=max_steps,
            inherited=inherited,
            conditional=conditional,
            population="digits",
            hyperparameters=numbers(rate=rate),
        )
    )
    getattr(directive, "continue").SetInParent()
    return wire.Reply(directive=directive)


def same(target: int) -> wire.Reply:
    directive = wire.Directive(same=wire.Same(target_step=target))
    getattr(directive, "continue").SetInParent()
    return wire.Reply(directive=directive)


def exploit(target: int = 30) -> wire.Reply:
    return wire.Reply(
        directive=wire.Directive(
            exploit=wire.Exploit(
                donor=5,
                step=20,
                score=0.9,
                checkpoint="/donor",
                donor_hyperparameters=numbers(rate=0.5),
                hyperparameters=numbers(rate=0.4),
            ),
            same=wire.Same(target_step=target),
        )
    )


def wait(milliseconds: int) -> wire.Reply:
    return wire.Reply(directive=wire.Directive(wait=wire.Wait(milliseconds=milliseconds)))


def stop(reason: str) -> wire.Reply:
    return wire.Reply(directive=wire.Directive(stop=wire.Stop(reason=reason)))
