"""A coordinator that is away for an hour: with all times shortened alike, and in real time."""

from __future__ import annotations

import itertools
import logging
import random
import re
import socket
import statistics
import threading
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from unittest.mock import Mock

import pytest
from populations import create, journal
from program import Murmur
from support.coordinator import Answer, Coordinator, Received, lease, same
from support.fixtures import QUICK
from support.waiting import wait_until

from murmuration import Directive, MurmurationError, Timing, UnreachableError, Worker
from murmuration._connection.loop import Loop
from murmuration._connection.machine import Machine
from murmuration.v1 import murmuration_pb2 as wire

USUAL = Timing()
HOUR = 3600.0
# So many seconds of an outage pass in one here.
SCALE = 600.0
SCALED = Timing(
    connect=30.0,
    retry=USUAL.retry / SCALE,
    retry_limit=USUAL.retry_limit / SCALE,
    reconnect=USUAL.reconnect / SCALE,
    reconnect_limit=USUAL.reconnect_limit / SCALE,
)
# What a busy machine may add to any of these times.
SLACK = 10.0


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When a socket was made, for each one that this test's own connections made."""
    made: list[float] = []
    connect = Loop.connect
    # Daemons that earlier tests left behind go on connecting.
    others = set(threading.enumerate())

    def counted(loop: Loop) -> None:
        if threading.current_thread() not in others:
            made.append(time.monotonic())
        connect(loop)

    monkeypatch.setattr(Loop, "connect", counted)
    return made


class Reporting:
    """A report in a thread of its own, for as long as it takes."""

    def __init__(self, worker: Worker) -> None:
        self.directives: list[Directive] = []
        self.answered = threading.Event()
        self._worker = worker
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.directives.append(self._worker.report(10, 0.5, checkpoint="/mine"))
        self.answered.set()

    def answer(self) -> Directive:
        self._thread.join(60)
        assert len(self.directives) == 1
        return self.directives[0]


@contextmanager
def little(cpu_share: float = 0.5) -> Iterator[None]:
    """What happens within takes little of the processor and of memory."""
    tracemalloc.start()
    cpu, wall = time.process_time(), time.monotonic()
    try:
        yield
        used = (time.process_time() - cpu) / (time.monotonic() - wall)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # At full length it is this share of a processor divided by the scale.
    assert used < cpu_share
    assert peak < 4_000_000


def said(caplog: pytest.LogCaptureFixture, port: int | str) -> list[str]:
    """What was said of waiting for the coordinator at this port: an earlier test may have left a
    thread that waits for another one."""
    here = re.compile(rf"127\.0\.0\.1:{port}\b.*Waiting for it", re.DOTALL)
    return [each.message for each in caplog.records if here.search(each.message)]


@pytest.mark.alone
def test_one_that_listens_and_does_not_answer_is_asked_ever_more_rarely(
    sockets: list[float], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("murmuration._connection.reminder._FIRST_SECONDS", 10.0 / SCALE)
    away = threading.Event()
    with Coordinator(return_milliseconds=100) as coordinator:
        welcome = coordinator._welcome()

        def greeted(_: wire.Request) -> wire.Reply | None:
            return None if away.is_set() else welcome

        def reported(_: wire.Request) -> wire.Reply | None:
            return None if away.is_set() else same(20)

        coordinator.hello = greeted
        coordinator.answers += [
            lambda asked: lease() if asked.HasField("join") else reported(asked)
        ] * 5000
        with Worker(coordinator.url, timing=SCALED) as worker:
            away.set()
            before, start = len(coordinator.received), time.monotonic()
            with little():
                reporting = Reporting(worker)
                time.sleep(HOUR / SCALE)
                assert not reporting.answered.is_set()
            asked = coordinator.received[before:]
            away.clear()
            back = time.monotonic()
            assert reporting.answer().action == "continue"
            # The longest pause before a socket, the spread, and one wait.
            longest = SCALED.reconnect_limit + 0.1 + SCALED.retry_limit
            assert time.monotonic() - back < longest + SLACK
    payloads = {each.request.SerializeToString() for each in asked if each.kind == "report"}
    assert len(payloads) == 1
    # No wait is shorter than half of the longest one, once they have grown.
    assert 20 < len(asked) < HOUR / (USUAL.retry_limit / 2) + 20
    made = [each for each in sockets if start < each < back]
    assert 10 < len(made) < HOUR / (USUAL.misses * USUAL.retry_limit / 2) + 20
    gaps = [b.at - a.at for a, b in itertools.pairwise(asked) if a.peer == b.peer]
    early, late = gaps[:2], gaps[len(gaps) // 2 :]
    assert statistics.median(early) < statistics.median(late)
    assert statistics.median(late) > SCALED.retry_limit / 2
    # No two in a row are alike, so that clients that failed together do not stay together.
    assert statistics.stdev(late) > SCALED.retry_limit / 50
    # 10 s, 40 s, 130 s, 400 s, 1210 s, and after that one an hour would not hold.
    assert 3 <= len(said(caplog, coordinator.port)) <= 6


@pytest.mark.alone
def test_a_tunnel_that_hangs_up_while_the_coordinator_is_away_is_no_other_server(
    sockets: list[float],
) -> None:
    # However often a busy machine lets it ask.
    def answer(asked: wire.Request) -> wire.Reply:
        return lease() if asked.HasField("join") else same(20)

    answers: deque[Answer] = deque([answer] * 5000)
    with Coordinator(answers=answers) as coordinator:
        proxy = Proxy(coordinator.port)
        worker = Worker(f"murmur://127.0.0.1:{proxy.port}", timing=SCALED)
    made, taken = len(sockets), proxy.accepted
    with little():
        reporting = Reporting(worker)
        time.sleep(HOUR / SCALE)
        assert not reporting.answered.is_set()
    # Each socket is one attempt, and finding out what hinders it is another one.
    attempts = proxy.accepted - taken
    assert len(sockets) - made < HOUR / (USUAL.reconnect_limit / 2) + 30
    assert 20 < attempts < 2 * HOUR / (USUAL.reconnect_limit / 2) + 60

    with Coordinator(port=coordinator.port, epoch=2, answers=answers):
        back = time.monotonic()
        assert reporting.answer().action == "continue"
        assert time.monotonic() - back < SCALED.reconnect_limit + SLACK
        worker.leave()
    proxy.close()


@pytest.mark.alone
def test_where_nothing_listens_one_socket_is_enough_for_an_hour(
    murmur: Murmur, sockets: list[float]
) -> None:
    create(murmur, "p", "--population-size", "1")
    port = murmur.url.rsplit(":", 1)[1]
    with Worker(murmur.url, "p", timing=SCALED) as worker:
        murmur.kill()
        with little():
            reporting = Reporting(worker)
            time.sleep(HOUR / SCALE)
            assert not reporting.answered.is_set()
        assert len(sockets) <= 4
        murmur.start("--port", port, "--broadcast-port", "0")
        back = time.monotonic()
        assert reporting.answer().action == "continue"
        spread = 5.0
        assert time.monotonic() - back < SCALED.reconnect_limit + spread + SLACK
    assert journal(murmur, "SELECT count(*) FROM event WHERE kind = 'reported'") == [(1,)]
    assert journal(murmur, "SELECT detail FROM event WHERE kind = 'released'") == [("left",)]


def test_a_report_that_was_given_up_is_made_again_and_counts_once(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "1")
    port = murmur.url.rsplit(":", 1)[1]
    with Worker(murmur.url, "p", timing=QUICK) as worker:
        murmur.kill()
        for _ in range(3):
            with pytest.raises(UnreachableError, match="call again to go on waiting"):
                worker.report(1, 0.5, checkpoint="/mine", timeout=0.2)
        murmur.start("--port", port, "--broadcast-port", "0")
        assert worker.report(1, 0.5, checkpoint="/mine").action == "continue"
    assert journal(murmur, "SELECT count(*) FROM event WHERE kind = 'reported'") == [(1,)]


@pytest.mark.alone
def test_a_worker_that_was_cut_off_for_longer_than_its_lease_is_told_what_to_load(
    murmur: Murmur,
) -> None:
    murmur.stop()
    murmur.start("--port", "0", "--lease", "2s", "--heartbeat", "1s")
    create(murmur, "p", "--population-size", "1")
    proxy = Proxy(int(murmur.url.rsplit(":", 1)[1]))
    with Worker(f"murmur://127.0.0.1:{proxy.port}", "p", timing=QUICK) as worker:
        worker.report(1, 0.5, checkpoint="/before")
        proxy.cut()
        reporting = Reporting(worker)
        lapsed = "SELECT count(*) FROM event WHERE kind = 'released' AND detail = 'lapsed'"
        wait_until(lambda: journal(murmur, lapsed) == [(1,)], "the lease lapses")
        assert not reporting.answered.is_set()
        proxy.mend()
        told = reporting.answer()
        assert (told.action, told.checkpoint, told.step) == ("switch", "/before", 1)
        assert not told.recorded
        assert worker.report(2, 0.7, checkpoint="/after").action == "continue"
    proxy.close()
    rows = journal(murmur, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    assert rows == [("/before",), ("/after",)]


def test_a_worker_that_waits_for_a_member_says_so(
    murmur: Murmur, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("murmuration._connection.reminder._FIRST_SECONDS", 0.5)
    create(murmur, "p", "--population-size", "1")
    with Worker(murmur.url, "p", timing=QUICK) as first:
        waiting = threading.Thread(target=lambda: Worker(murmur.url, "p", timing=QUICK).leave())
        waiting.start()
        wait_until(
            lambda: any("no member to train yet" in each.message for each in caplog.records),
            "it says so",
        )
        first.report(1, 0.5)
    waiting.join(20)
    said = [each.message for each in caplog.records if "no member" in each.message]
    assert said[0] == (
        "There is no member to train yet: each has a worker, or the population is paused. Other "
        "workers of this very process hold 1 of them: call leave() on those that are done, such "
        "as one from a notebook's cell that was run before. Asking again every 1 s."
    )


# --------------------------------------------------------------------------------- coming back


def tenths(shares: list[float]) -> list[int]:
    """How many of these numbers from 0 to 1 lie in each tenth."""
    bins = [0] * 10
    for share in shares:
        bins[min(9, int(share * 10))] += 1
    return bins


def test_ten_thousand_clients_spread_their_return_evenly() -> None:
    shares = []
    for _ in range(10_000):
        machine = Machine(
            Mock(), Timing(), client="", chance=random.random, new_key=lambda: bytes(16)
        )
        machine.want()
        machine.tick(0)
        machine.shaken_hands(0)
        welcome = wire.Welcome(version=1, return_milliseconds=5000)
        machine.received(wire.Reply(id=1, epoch=1, welcome=welcome).SerializeToString(), 0)
        machine.broke(0)
        machine.tick(machine.due())
        machine.shaken_hands(1)
        shares.append((machine.due() - 1) / 5)
    assert all(0 <= share <= 1 for share in shares)
    # 1 000 in each, with a deviation of 30.
    assert all(850 <= each <= 1150 for each in tenths(shares))


@pytest.mark.alone
@pytest.mark.parametrize("loss", ["restart", "silence"])
def test_hundreds_greet_a_coordinator_that_was_lost_all_through_the_spread(loss: str) -> None:
    clients, spread = 100, 4.0
    timing = Timing(connect=60.0, retry=60.0, reconnect=0.02, reconnect_limit=0.1)
    if loss == "silence":
        timing = Timing(
            connect=60.0, retry=1.0, retry_limit=1.0, misses=2, reconnect=0.02, reconnect_limit=0.1
        )
    leases = [lease()] * clients
    with ExitStack() as stack:
        first = stack.enter_context(
            Coordinator(return_milliseconds=int(spread * 1000), answers=deque(leases * 3))
        )
        workers = [Worker(first.url, timing=timing) for _ in range(clients)]
        known = {each.peer for each in first.received}
        if loss == "restart":
            first.stop()
            second = stack.enter_context(
                Coordinator(
                    port=first.port, epoch=2, answers=deque(leases * 2), return_milliseconds=4000
                )
            )
            known = set()
        else:
            first.hello = lambda _: None
            first.answers.clear()
            first.answers.extend([None] * 10_000)
            second = first
        reports = [
            threading.Thread(target=suppressed(worker.report, 10, 0.5)) for worker in workers
        ]
        for each in reports:
            each.start()
        # Connecting takes a moment, and so do the misses after which a socket is made anew; longer
        # on a busy machine.
        wait_until(
            lambda: len({each.peer for each in list(second.received)} - known) >= clients,
            "all have greeted",
        )
        arrivals = list(second.received)
        for worker in workers:
            worker._connection.close()
        for each in reports:
            each.join(20)
        first.faults.clear()
        second.faults.clear()
    greetings: dict[bytes, Received] = {}
    for arrival in arrivals:
        if arrival.peer not in known:
            greetings.setdefault(arrival.peer, arrival)
    # Nothing jumps the queue.
    assert {each.kind for each in greetings.values()} == {"hello"}
    assert len(greetings) >= clients
    times = [each.at for each in greetings.values()]
    shares = [(each - min(times)) / spread for each in times]
    bins = tenths([share for share in shares if share < 1])
    assert max(bins) <= 3 * clients / 10, bins
    assert sum(1 for each in bins if each > 0) >= 8, bins
    assert sum(bins) >= clients / 2, bins


def suppressed(report: Callable[[int, float], Directive], *arguments: Any) -> Callable[[], None]:
    """A report whose connection is closed under it."""

    def run() -> None:
        with suppress(MurmurationError):
            report(*arguments)

    return run


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("minutes", [5.0])
def test_an_outage_in_real_time(
    murmur: Murmur, minutes: float, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    create(murmur, "p", "--population-size", "1")
    port = murmur.url.rsplit(":", 1)[1]
    with Worker(murmur.url, "p") as worker:
        murmur.kill()
        with little(cpu_share=0.02):
            reporting = Reporting(worker)
            time.sleep(minutes * 60)
            assert not reporting.answered.is_set()
        murmur.start("--port", port, "--broadcast-port", "0")
        back = time.monotonic()
        assert reporting.answer().action == "continue"
        assert time.monotonic() - back < USUAL.reconnect_limit + 5 + SLACK
    assert journal(murmur, "SELECT count(*) FROM event WHERE kind = 'reported'") == [(1,)]
    assert journal(murmur, "SELECT detail FROM event WHERE kind = 'released'") == [("left",)]
    words = [each for each in (10, 40, 130, 400, 1210, 3640) if each < minutes * 60]
    assert len(said(caplog, port)) == len(words)


class Proxy:
    """Passes on what goes to a port of this machine, unless it is cut or nobody is there: then it
    hangs up on everyone, as a tunnel does."""

    def __init__(self, port: int) -> None:
        self.accepted = 0
        self._target = port
        self._is_cut = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        # Closing alone does not wake the thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(20)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            with self._lock:
                if self._is_cut:
                    client.close()
                    server.close()
                    continue
                self._open |= {client, server}
            for ends in ((client, server), (server, client)):
                thread = threading.Thread(target=self._pass_on, args=ends)
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(source)
        source.close()
