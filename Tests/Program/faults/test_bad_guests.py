"""At the port for who is invited: those who are not, and those who are and do harm."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import zmq
from live import complaints, living
from peers import COMMAND, connect, files_for, frame, greeting, ready
from populations import create
from program import Murmur
from support.fixtures import QUICK
from support.waiting import wait_until
from test_bad_clients import failing, pass_over
from test_connections import IDLE, MEGABYTES_OF_IDLE, ports
from test_connections import idle as idle_at
from test_invitations import (
    INVITING,
    MINE,
    OTHER,
    PATIENCE_SECONDS,
    heard,
    invitation,
    invite,
    make_populations,
    peer,
    revoke,
)
from vitals import log_lines, needs_proc, open_files, resident_megabytes

from murmuration import Monitor, Worker
from murmuration._connection.address import Address
from murmuration._connection.curve import ClientKeys, Invitation, Keys, new_secret
from murmuration._connection.sockets import secure
from murmuration.v1 import murmuration_pb2 as wire

SECRET = "a-secret-of-the-faults-0004"
ROUNDS = 3
MEGABYTES = 8.0
KNOCKING = 25
REFUSED_MILLISECONDS = 30_000
# In each round; they fill what the system takes and what is queued.
REQUESTS, BOARDS = 80, 40
# So that a page, and a board, is as long as a message may be.
CHECKPOINT_BYTES = 1000
MEGABYTES_QUEUED = 16.0


def port_of(url: str) -> int:
    return Address.parse(url).port


# ------------------------------------------------------------------------------ without any key


def plain(kind: bytes) -> bytes:
    """All that a client with a name and a password says to come in."""
    hello = frame(b"\x05HELLO\x05admin\x05admin", COMMAND)
    return greeting(b"PLAIN") + hello + frame(b"\x08INITIATE" + ready(kind)[8:], COMMAND)


def old(kind: bytes, revision: int) -> bytes:
    """A greeting of ZMTP 2, where a number says which socket it is, and an empty name."""
    number = {b"DEALER": 5, b"SUB": 2}[kind]
    return b"\xff" + bytes(8) + b"\x7f" + bytes([revision, number]) + frame(b"")


@pytest.mark.parametrize("kind", [b"DEALER", b"SUB"])
def test_who_does_not_encrypt_hears_nothing_at_any_port(idle: Murmur, kind: bytes) -> None:
    idle.start_with_secret(SECRET, *INVITING)
    make_populations(idle)
    request = wire.Request(id=1, list_populations=wire.ListPopulations()).SerializeToString()
    wanted = frame(request if kind == b"DEALER" else b"\x01")
    sayings = {
        "NULL": greeting() + ready(kind) + wanted,
        "PLAIN": plain(kind) + wanted,
        "ZMTP 2.0": old(kind, 1) + wanted,
        "ZMTP 2.0 of revision 0": old(kind, 0) + wanted,
        "ZMTP 1.0": bytes([1, 0, len(wanted) - 1, 0]) + wanted[2:],
        "encrypted without a handshake": greeting(b"CURVE") + ready(kind) + wanted,
    }
    with Monitor(idle.url, MINE, timeout=PATIENCE_SECONDS) as boards:
        for port in (*ports(idle), port_of(invite(idle, "monitor"))):
            for name, saying in sayings.items():
                with connect(port) as stranger:
                    stranger.sendall(saying)
                    said = all_of(stranger)
                # A greeting, and why the handshake failed, at most.
                assert len(said) < 128, (name, port)
                assert MINE.encode() not in said, (name, port)
        next(boards)


def all_of(stranger: socket.socket) -> bytes:
    """What comes until the coordinator hangs up, which it must."""
    said = b""
    try:
        while part := stranger.recv(65_536):
            said += part
    except ConnectionResetError:
        pass
    return said


# ------------------------------------------------------------------- with a key that is not let in


@contextmanager
def knocking(port: int, keys: ClientKeys) -> Iterator[zmq.Socket[bytes]]:
    """A client that proves a key; events tell whether it is let in."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        secure(dealer, keys)
        dealer.setsockopt(zmq.LINGER, 0)
        monitor = dealer.get_monitor_socket(
            zmq.Event.HANDSHAKE_FAILED_AUTH | zmq.Event.HANDSHAKE_SUCCEEDED
        )
        dealer.connect(f"tcp://127.0.0.1:{port}")
        try:
            yield monitor
        finally:
            dealer.disable_monitor()
            monitor.close(0)


def is_refused(monitor: zmq.Socket[bytes]) -> bool:
    assert monitor.poll(REFUSED_MILLISECONDS), "it is neither let in nor refused"
    event = int.from_bytes(monitor.recv_multipart()[0][:2], "little")
    return event == zmq.Event.HANDSHAKE_FAILED_AUTH


@needs_proc
def test_keys_that_fail_for_ever_cost_who_is_invited_nothing(
    idle: Murmur, caplog: pytest.LogCaptureFixture
) -> None:
    idle.start(*INVITING)
    create(idle, "p", "--population-size", "8")
    url, gone = invite(idle, "worker", "p"), invite(idle, "worker", "p")
    revoke(idle, gone)
    port, server = port_of(url), invitation(url).server_public
    with caplog.at_level(logging.INFO, "murmuration"), living(idle) as live:
        live.go_on()
        lines, files = log_lines(idle), open_files(idle)
        megabytes = []
        with ExitStack() as stack:
            # They take another coordinator's key for this one's.
            elsewhere = Keys(new_secret(), new_secret())
            monitors = [stack.enter_context(failing(port, elsewhere)) for _ in range(KNOCKING)]
            for _ in range(ROUNDS):
                for monitor in monitors:
                    pass_over(monitor)
                    assert monitor.poll(REFUSED_MILLISECONDS), "each fails again"
                # Keys that nobody invited, and one that was and is not any more.
                for keys in [invitation(gone), *(unknown(server) for _ in range(KNOCKING))]:
                    with knocking(port, keys) as monitor:
                        assert is_refused(monitor)
                with Worker(url, timing=QUICK) as worker:
                    assert worker.population == "p"
                live.go_on()
                megabytes.append(resident_megabytes(idle))
        wait_until(lambda: open_files(idle) <= files, "nothing is left of them")
        live.go_on()
    assert megabytes[-1] - megabytes[0] < MEGABYTES
    assert log_lines(idle) - lines < 10
    assert complaints(caplog.messages) == []


def unknown(server: bytes) -> Invitation:
    return Invitation(new_secret(), server)


@needs_proc
def test_thousands_of_idle_connections_keep_nobody_out_who_is_invited(
    idle: Murmur, caplog: pytest.LogCaptureFixture
) -> None:
    idle.start_with_secret(SECRET, *INVITING)
    create(idle, "p", "--population-size", "8")
    url = invite(idle, "worker", "p")
    with caplog.at_level(logging.INFO, "murmuration"), living(idle) as live, files_for(IDLE):
        live.go_on()
        start = resident_megabytes(idle)
        with idle_at(port_of(url), IDLE):
            wait_until(lambda: open_files(idle) >= IDLE, "all are connected")
            live.go_on()
            with (
                Worker(url, timing=QUICK) as worker,
                Monitor(url, timeout=PATIENCE_SECONDS) as boards,
            ):
                assert worker.population == next(boards).population == "p"
            assert resident_megabytes(idle) - start < MEGABYTES_OF_IDLE
        wait_until(lambda: open_files(idle) < 100, "all have gone")
        live.go_on()
    assert complaints(caplog.messages) == []


# ------------------------------------------------------------- with one that is, and without sense


@contextmanager
def slow_guest(url: str) -> Iterator[zmq.Socket[bytes]]:
    """Takes nothing that comes, and has no room for more."""
    address = Address.parse(url)
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        secure(dealer, address.keys)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.setsockopt(zmq.SNDHWM, 0)
        dealer.setsockopt(zmq.RCVHWM, 1)
        dealer.setsockopt(zmq.RCVBUF, 4096)
        dealer.setsockopt(zmq.RCVTIMEO, 20_000)
        dealer.connect(address.endpoint())
        yield dealer


def counters(guest: zmq.Socket[bytes], committed: int) -> list[int]:
    """The numbers of the boards that come, up to one that shows what was committed."""
    read: list[int] = []
    while True:
        broadcast = wire.Reply.FromString(guest.recv()).broadcast
        if broadcast.HasField("leaderboard"):
            read.append(broadcast.counter)
            if broadcast.committed >= committed:
                return read


def test_guests_that_stop_reading_cost_the_others_nothing(
    idle: Murmur, caplog: pytest.LogCaptureFixture
) -> None:
    idle.start(*INVITING)
    create(idle, "p", "--population-size", "48")
    worker, monitor = invite(idle, "worker", "p"), invite(idle, "monitor", "p")
    history = wire.Request(id=7, get_history=wire.GetHistory(population="p"))
    everything = wire.Request(id=8, subscribe=wire.Subscribe(topics=[""]))
    with (
        caplog.at_level(logging.INFO, "murmuration"),
        living(idle, checkpoint_bytes=CHECKPOINT_BYTES) as live,
        ExitStack() as stack,
    ):
        # A page is full, and so is a board.
        live.go_on(150)
        boards = stack.enter_context(
            Monitor(invite(idle, "monitor", "p"), timeout=PATIENCE_SECONDS)
        )
        workers = [stack.enter_context(slow_guest(worker)) for _ in range(2)]
        monitors = [stack.enter_context(slow_guest(monitor)) for _ in range(2)]
        start = resident_megabytes(idle)
        megabytes = []
        for _ in range(ROUNDS):
            for guest in workers:
                for _ in range(REQUESTS):
                    guest.send(history.SerializeToString())
            for guest in monitors:
                # It ends unless it is asked for again.
                guest.send(everything.SerializeToString())
            for _ in range(BOARDS):
                before = live.count()
                while next(boards).summary.reports < before:
                    pass
            live.go_on()
            megabytes.append(resident_megabytes(idle))
        # What fitted is there, and whoever reads again is answered again.
        for guest in workers:
            assert wire.Reply.FromString(guest.recv()).history.more
        for guest in monitors:
            read = counters(guest, next(boards).committed)
            assert read == sorted(set(read))
            assert read[-1] - read[0] >= len(read), "nothing was left out"
    assert megabytes[-1] - start < MEGABYTES_QUEUED + MEGABYTES
    assert megabytes[-1] - megabytes[-2] < MEGABYTES
    assert complaints(caplog.messages) == []


def test_a_routing_id_of_the_allotted_form_is_like_any_other(idle: Murmur) -> None:
    idle.start(*INVITING)
    make_populations(idle)
    mine, other = invite(idle, "monitor", MINE), invite(idle, "monitor", OTHER)
    listing = wire.Request(id=77, list_populations=wire.ListPopulations()).SerializeToString()
    everything = wire.Request(id=1, subscribe=wire.Subscribe(topics=[""])).SerializeToString()
    with Monitor(mine, timeout=PATIENCE_SECONDS) as boards:
        next(boards)
        # Those that a socket without any luck would allot first, and one of any value.
        for number in (1, 2, 3, 2**31, 2**32 - 1):
            with peer(other, b"\0" + number.to_bytes(4, "big")) as claiming:
                claiming.send(everything)
                claiming.send(listing)
                replies = heard(claiming, 1.0)
                names = [each.name for r in replies for each in r.populations.populations]
                assert names in ([], [OTHER])
                assert [each for each in replies if MINE in str(each)] == []
            assert next(boards).population == MINE
