"""Clients that speak as they should and yet do harm, or would: they cost the others nothing."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import zmq
from live import complaints, living
from populations import create
from program import Murmur
from support.waiting import wait_until
from test_connections import ports
from vitals import log_lines, needs_proc, open_files, resident_megabytes

from murmuration._connection.address import Address
from murmuration._connection.curve import Keys
from murmuration._connection.sockets import secure
from murmuration.v1 import murmuration_pb2 as wire

ROUNDS = 2
MEGABYTES = 8.0

FAILING = 25
AGAIN_MILLISECONDS = 60_000
SECRET = "a-secret-of-the-faults-0002"
OTHER_SECRET = "a-secret-of-the-faults-0003"

SLOW = 2
# More than what the system takes and what is queued, in each round.
REQUESTS = 80
# Long enough that a page is as long as a message may be.
CHECKPOINT_BYTES = 1000
# Replies queued for a client at most: 32 of 64 KiB.
MEGABYTES_QUEUED = SLOW * 32 / 16


@contextmanager
def failing(port: int, keys: Keys) -> Iterator[zmq.Socket[bytes]]:
    """Tries again a moment after it was turned away, for ever; events tell of that."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        secure(dealer, keys)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.setsockopt(zmq.RECONNECT_IVL, 1)
        dealer.setsockopt(zmq.RECONNECT_IVL_MAX, 2)
        monitor = dealer.get_monitor_socket(
            zmq.Event.DISCONNECTED | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
        )
        dealer.connect(f"tcp://127.0.0.1:{port}")
        try:
            yield monitor
        finally:
            dealer.disable_monitor()
            monitor.close(0)


def pass_over(monitor: zmq.Socket[bytes]) -> None:
    while monitor.poll(0):
        monitor.recv_multipart()


@needs_proc
def test_clients_that_fail_for_ever_cost_the_others_nothing(
    murmur: Murmur, caplog: pytest.LogCaptureFixture
) -> None:
    murmur.start_with_secret(SECRET)
    create(murmur, "p", "--population-size", "8")
    keys = Keys.derive(OTHER_SECRET)
    with caplog.at_level(logging.INFO, "murmuration"), living(murmur) as live:
        live.go_on()
        lines = log_lines(murmur)
        files = open_files(murmur)
        megabytes = []
        with ExitStack() as stack:
            # At the workers' port and at the broadcast's.
            both = itertools.cycle(ports(murmur))
            monitors = [stack.enter_context(failing(next(both), keys)) for _ in range(FAILING)]
            for _ in range(ROUNDS):
                for monitor in monitors:
                    pass_over(monitor)
                    assert monitor.poll(AGAIN_MILLISECONDS), "each fails again"
                live.go_on()
                megabytes.append(resident_megabytes(murmur))
        wait_until(lambda: open_files(murmur) <= files, "nothing is left of them")
        live.go_on()
    assert megabytes[-1] - megabytes[0] < MEGABYTES
    assert log_lines(murmur) - lines < 10
    assert complaints(caplog.messages) == []


@contextmanager
def slow_reader(murmur: Murmur) -> Iterator[zmq.Socket[bytes]]:
    """Takes a reply now and then at most, and has no room for more."""
    address = Address.parse(murmur.url)
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        secure(dealer, None if address.secret is None else Keys.derive(address.secret))
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.setsockopt(zmq.SNDHWM, 0)
        dealer.setsockopt(zmq.RCVHWM, 1)
        dealer.setsockopt(zmq.RCVBUF, 4096)
        dealer.setsockopt(zmq.RCVTIMEO, 20_000)
        dealer.connect(address.endpoint(ports(murmur)[0]))
        yield dealer


def test_clients_that_read_no_replies_cost_the_others_nothing(
    murmur: Murmur, caplog: pytest.LogCaptureFixture
) -> None:
    create(murmur, "p", "--population-size", "8")
    request = wire.Request(id=7, get_history=wire.GetHistory(population="p")).SerializeToString()
    with (
        caplog.at_level(logging.INFO, "murmuration"),
        living(murmur, checkpoint_bytes=CHECKPOINT_BYTES) as live,
    ):
        # A page is full.
        live.go_on(100)
        start = resident_megabytes(murmur)
        megabytes = []
        with ExitStack() as stack:
            readers = [stack.enter_context(slow_reader(murmur)) for _ in range(SLOW)]
            for _ in range(ROUNDS):
                for reader in readers:
                    for _ in range(REQUESTS):
                        reader.send(request)
                live.go_on(100)
                megabytes.append(resident_megabytes(murmur))
            # What fitted is there, and whoever reads again is answered again.
            for reader in readers:
                page = wire.Reply.FromString(reader.recv())
                assert len(page.history.events) > 30
                assert page.history.more
        live.go_on()
    assert megabytes[-1] - start < MEGABYTES_QUEUED + 2 * MEGABYTES
    assert megabytes[-1] - megabytes[-2] < MEGABYTES
    assert complaints(caplog.messages) == []
