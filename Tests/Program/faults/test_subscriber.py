"""Subscribers that stop reading: they miss boards, and cost the others nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import zmq
from live import living
from peers import COMMAND, MORE, frame, is_hung_up, shake_hands
from populations import create
from program import Murmur
from test_connections import ports
from vitals import resident_megabytes

from murmuration import Monitor
from murmuration._connection.address import Address
from murmuration._connection.curve import Keys
from murmuration._connection.sockets import secure
from murmuration.v1 import murmuration_pb2 as wire

STUCK = 4
# Boards that are as large as they may be fill what is queued in between soon.
CHECKPOINT_BYTES = 1200
MEMBERS = 48
POPULATIONS = ("p", "q")
# At most 100 boards of 64 KiB are queued, which those who are stuck share.
MEGABYTES_QUEUED = 16.0
MEGABYTES = 8.0
# Each population publishes as many boards in a second as fill 640 KiB. The system takes some
# megabytes for each connection, and then the queue of 100 fills.
ROUNDS, BOARDS = 3, 40


@contextmanager
def stuck_subscriber(murmur: Murmur) -> Iterator[zmq.Socket[bytes]]:
    """Wants all that is published, and reads none of it."""
    address = Address.parse(murmur.url)
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        secure(subscriber, None if address.secret is None else Keys.derive(address.secret))
        subscriber.setsockopt(zmq.LINGER, 0)
        subscriber.setsockopt(zmq.RCVHWM, 1)
        subscriber.setsockopt(zmq.RCVBUF, 4096)
        subscriber.setsockopt(zmq.RCVTIMEO, 5000)
        subscriber.subscribe(b"")
        subscriber.connect(address.endpoint(ports(murmur)[1]))
        yield subscriber


def counters(subscriber: zmq.Socket[bytes], committed: int) -> list[int]:
    """The numbers of the boards of `p` that come, up to one that shows what was committed."""
    read: list[int] = []
    while True:
        topic, payload = subscriber.recv_multipart()
        if topic == b"p/leaderboard":
            broadcast = wire.Broadcast.FromString(payload)
            read.append(broadcast.counter)
            if broadcast.committed >= committed:
                return read


def test_subscribers_that_stop_reading_cost_the_others_nothing(murmur: Murmur) -> None:
    for population in POPULATIONS:
        create(murmur, population, "--population-size", str(MEMBERS))
    with ExitStack() as stack:
        live = [
            stack.enter_context(living(murmur, 4, population, CHECKPOINT_BYTES))
            for population in POPULATIONS
        ]
        # Every member is on the board.
        for each in live:
            each.go_on(3 * MEMBERS)
        start = resident_megabytes(murmur)
        stuck = [stack.enter_context(stuck_subscriber(murmur)) for _ in range(STUCK)]
        monitor = stack.enter_context(Monitor(murmur.url, "p", timeout=60.0))
        boards = iter(monitor)
        megabytes = []
        for _ in range(ROUNDS):
            for _ in range(BOARDS):
                # The monitor has a board of what was reported just now, again and again.
                before = live[0].count()
                board = next(boards)
                while board.summary.reports < before:
                    board = next(boards)
                assert len(board.entries) == MEMBERS
            for each in live:
                each.go_on()
            megabytes.append(resident_megabytes(murmur))
        assert megabytes[-1] - start < MEGABYTES_QUEUED
        assert megabytes[-1] - megabytes[-2] < MEGABYTES
        # What did not fit is gone, and whoever reads again has what is published then.
        committed = next(boards).committed
        for subscriber in stuck:
            read = counters(subscriber, committed)
            assert read == sorted(set(read))
            assert read[-1] - read[0] >= len(read), "nothing was left out"


# What a subscriber may say is whether it wants a topic or no more; the rest is nonsense.
NONSENSE = (
    frame(b"")
    + frame(b"\x00never/wanted")
    + frame(b"\x02no subscription")
    + frame(b"\x01" + b"x" * 500)
    + frame(b"\x00" + b"x" * 500)
    + frame(b"several ", MORE) * 10
    + frame(b"frames")
    + frame(b"\x09SUBSCRIBE", COMMAND)
    + frame(b"\x06CANCELp/leaderboard", COMMAND)
)


def test_nonsense_at_the_broadcast_disturbs_no_monitor(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "6")
    _, broadcast = ports(murmur)
    with living(murmur) as live, Monitor(murmur.url, "p", timeout=60.0) as monitor:
        boards = iter(monitor)
        megabytes = []
        for _ in range(3):
            for kind in (b"SUB", b"XSUB"):
                with shake_hands(broadcast, kind) as peer:
                    peer.sendall(NONSENSE * 200)
                    # One more than a subscription may have.
                    peer.sendall(frame(b"\x01" + b"x" * 512))
                    assert is_hung_up(peer)
            before = live.count()
            while next(boards).summary.reports < before:
                pass
            live.go_on()
            megabytes.append(resident_megabytes(murmur))
    assert megabytes[-1] - megabytes[0] < MEGABYTES
