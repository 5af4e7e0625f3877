"""Connections that nobody uses, up to as many as the coordinator may have."""

from __future__ import annotations

import logging
import re
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from live import complaints, living
from peers import connect, files_for, is_hung_up
from populations import create, journal
from program import Murmur
from support.waiting import wait_until
from vitals import load, log_lines, needs_proc, open_files, resident_megabytes

from murmuration import Timing, UnreachableError, Worker

IDLE = 5000
ROUNDS = 3
# What libzmq keeps of a connection that has not shaken hands, with room to spare.
MEGABYTES_OF_IDLE = 64.0
MEGABYTES = 8.0

FILES = 128
LIMITED = ("sh", "-c", f'ulimit -n {FILES} && exec "$@"', "sh")
SAYS_SO = "the limit of open files is reached"
TAKES_AGAIN = "there is room for workers and monitors that connect again"
# A thread that spins takes a processor.
SPINNING, LOAD_SECONDS = 0.5, 4.0
# Those who ask again to be let in do so ever more seldom.
JOIN_SECONDS = 60


def ports(murmur: Murmur) -> tuple[int, int]:
    """Those of the workers and of the broadcast, as the log tells."""
    broadcast = re.findall(r"broadcast=(\d+)", murmur.log)[-1]
    return int(murmur.url.rpartition(":")[2]), int(broadcast)


@contextmanager
def idle(port: int, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(connect(port)) for _ in range(count)]


@contextmanager
def crowd(port: int, count: int) -> Iterator[None]:
    """So many that connect at once and do not wait until they are."""
    with ExitStack() as stack:
        for _ in range(count):
            peer = stack.enter_context(socket.socket())
            peer.setblocking(False)
            peer.connect_ex(("127.0.0.1", port))
        yield


def join(murmur: Murmur) -> float:
    """Has a new worker join and leave, and returns how long that took."""
    start = time.monotonic()
    with Worker(murmur.url, "p", name="new"):
        pass
    return time.monotonic() - start


def reports(murmur: Murmur) -> int:
    """Those that are in the journal."""
    ((count,),) = journal(murmur, "SELECT count(*) FROM event WHERE kind = 'reported'")
    assert isinstance(count, int)
    return count


@needs_proc
def test_thousands_of_idle_connections_keep_nobody_out(
    murmur: Murmur, caplog: pytest.LogCaptureFixture
) -> None:
    create(murmur, "p", "--population-size", "8")
    workers, broadcast = ports(murmur)
    with caplog.at_level(logging.INFO, "murmuration"), living(murmur) as live, files_for(IDLE):
        live.go_on()
        start = resident_megabytes(murmur)
        megabytes = []
        for _ in range(ROUNDS):
            with idle(workers, IDLE - 500), idle(broadcast, 500):
                wait_until(lambda: open_files(murmur) >= IDLE, "all are connected")
                live.go_on()
                assert join(murmur) < JOIN_SECONDS
                megabytes.append(resident_megabytes(murmur))
            wait_until(lambda: open_files(murmur) < 100, "all have gone")
        live.go_on()
    assert megabytes[0] - start < MEGABYTES_OF_IDLE
    assert megabytes[-1] - megabytes[0] < MEGABYTES
    assert complaints(caplog.messages) == []


@needs_proc
def test_at_the_limit_of_open_files_those_within_go_on(
    murmur: Murmur, caplog: pytest.LogCaptureFixture
) -> None:
    murmur.stop()
    murmur.launch(limits=LIMITED)
    murmur.wait_until_ready()
    create(murmur, "p", "--population-size", "8")
    workers, broadcast = ports(murmur)
    with (
        caplog.at_level(logging.INFO, "murmuration"),
        living(murmur) as live,
        ThreadPoolExecutor() as pool,
    ):
        live.go_on()
        start = resident_megabytes(murmur)
        assert log_lines(murmur, SAYS_SO) == 0
        with crowd(workers, 2 * FILES), crowd(broadcast, 2 * FILES):
            wait_until(lambda: log_lines(murmur, SAYS_SO) > 0, "the log says that it is full")
            impatient = Timing(connect=1.0)
            with pytest.raises(UnreachableError):
                Worker(murmur.url, "p", name="turned away", timing=impatient)
            joining = pool.submit(join, murmur)
            reported = live.count()
            live.go_on(100)
            # Some are left for the journal, and for whatever else needs one.
            assert open_files(murmur) < FILES - 16
            assert not joining.done()
            assert reports(murmur) >= reported + 100
        # Those who waited get in when others leave.
        joining.result(timeout=JOIN_SECONDS)
        live.go_on()
        wait_until(lambda: log_lines(murmur, TAKES_AGAIN) > 0, "the log says that it takes more")
    assert resident_megabytes(murmur) - start < MEGABYTES
    # It is said once a minute at most.
    assert log_lines(murmur, SAYS_SO) < 5
    assert "The connection to the coordinator was lost." not in caplog.messages
    murmur.check()


@pytest.mark.alone
@needs_proc
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds connections")
def test_at_the_limit_of_open_files_nothing_spins(murmur: Murmur) -> None:
    murmur.stop()
    murmur.launch(limits=LIMITED)
    murmur.wait_until_ready()
    create(murmur, "p", "--population-size", "8")
    workers, broadcast = ports(murmur)
    with crowd(workers, 2 * FILES), crowd(broadcast, 2 * FILES):
        wait_until(lambda: log_lines(murmur, SAYS_SO) > 0, "the log says that it is full")
        assert load(murmur, LOAD_SECONDS) < SPINNING
        # Some leave now and then, and others come in their place.
        for _ in range(3):
            with crowd(workers, FILES):
                assert load(murmur, 1.0) < SPINNING
        assert open_files(murmur) < FILES
    assert join(murmur) < JOIN_SECONDS


@pytest.mark.soak
def test_a_connection_that_does_not_shake_hands_is_hung_up_on(murmur: Murmur) -> None:
    """So what takes a place for nothing gives it back, half a minute later."""
    workers, broadcast = ports(murmur)
    for port in (workers, broadcast):
        with connect(port) as peer:
            assert not is_hung_up(peer, 20.0)
            assert is_hung_up(peer, 20.0)
