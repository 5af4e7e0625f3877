"""Counts that depend on the code and hardly on the machine: system calls, and bytes on the wire.

One client drives a coordinator that strace watches. A batch is what one sync of the journal ends,
so that calls are counted for each of those, by thread: the one that syncs commits.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import zmq

from bench.client import TOGETHER, WAIT_MILLISECONDS, Reporter
from bench.servers import BUILD, BenchError, coordinator
from murmuration._connection.address import Address
from murmuration.v1 import murmuration_pb2 as wire

#: More than a leaderboard shows.
MEMBERS = 64
#: On one connection.
LEASES = TOGETHER
#: After joining, so often does everybody report.
ROUNDS = 20
SYNCHRONOUS_REPORTS = 200
_SYNCS = {"fdatasync", "fsync"}
#: What a thread does, as strace writes it: its number, the call, and `resumed` ones apart.
CALL = re.compile(r"^(\d+) +(?:[\d.]+ )?([a-z0-9_]+)\((.*)")
#: A write of a page of the journal's to a place in a file. What comes before it in a log is short.
_PAGE = re.compile(r".*, 8192, \d+\)")


@dataclass(frozen=True)
class Calls:
    """System calls between the first sync and the last."""

    own: float
    """Of the thread that commits, for each batch."""
    all: float
    """Of all threads, for each batch; those that libzmq reads and writes in are among them."""
    pages: float
    """That are written to files, for each batch."""
    batches: int


@dataclass(frozen=True)
class Sizes:
    """The largest of their kind, in bytes."""

    report: int
    """With a checkpoint's address of 40 bytes, and unchanged hyperparameters."""
    go_on: int
    """The reply that says to go on and nothing more."""
    board: int
    """A leaderboard's message, with 50 members of 8 numbers."""


def sizes(murmur: Path) -> Sizes:
    """What travels between a coordinator and workers of 50 members and more."""
    with zmq.Context() as context, coordinator(encrypted=False, murmur=murmur) as server:
        reporter = Reporter(context, server.url)
        with closing(reporter.socket), closing(context.socket(zmq.SUB)) as monitor:
            welcome = reporter.ask("hello", wire.Hello(min_version=1, max_version=1)).welcome
            monitor.linger = 0
            monitor.rcvtimeo = WAIT_MILLISECONDS
            monitor.subscribe(b"counts/leaderboard")
            monitor.connect(f"tcp://{Address.parse(server.url).host}:{welcome.broadcast_port}")
            reporter.begin(MEMBERS)
            for _ in range(ROUNDS):
                reporter.report()
            board = _last_board(monitor, MEMBERS * ROUNDS)
        return Sizes(reporter.sizes["report"], reporter.sizes["go_on"], board)


def _last_board(monitor: zmq.Socket[bytes], reports: int) -> int:
    """The size of the leaderboard that has all reports."""
    while True:
        try:
            _, frame = monitor.recv_multipart()
        except zmq.Again:
            raise BenchError("No leaderboard came with all reports.") from None
        if wire.Broadcast.FromString(frame).leaderboard.summary.reports == reports:
            return len(frame)


def calls(murmur: Path, leases: int, rounds: int) -> Calls:
    """What reporting so often costs in system calls, with so many leases on one connection."""
    with _trace() as log, tempfile.TemporaryDirectory(dir=_memory()) as data:
        under = (need("strace"), "-D", "-f", "-q", "-s", "0", "-o", str(log))
        with (
            zmq.Context() as context,
            coordinator(
                encrypted=False, murmur=murmur, under=under, data=Path(data, "data")
            ) as server,
        ):
            reporter = Reporter(context, server.url)
            with closing(reporter.socket):
                reporter.begin(leases)
                for _ in range(rounds):
                    reporter.report()
        return calls_in(log.read_text(), last_batches=rounds)


def _memory() -> str | None:
    """Where files are in memory: on a slow disk reports come in batches of one and of many."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def calls_in(trace: str, *, last_batches: int) -> Calls:
    """Counts what strace wrote, up to the last batches, which joining comes before."""
    made = [match.groups() for line in trace.splitlines() if (match := CALL.match(line))]
    syncing = Counter(thread for thread, call, _ in made if call in _SYNCS)
    if not syncing:
        raise BenchError("The coordinator synced nothing: does strace see all its threads?")
    (own, count), *_ = syncing.most_common()
    if count <= last_batches:
        raise BenchError(f"There are {count} batches, and more than {last_batches} are expected.")
    ends = [
        place
        for place, made_here in enumerate(made)
        if made_here[0] == own and made_here[1] in _SYNCS
    ]
    window = made[ends[-last_batches - 1] : ends[-1]]
    pages = sum(call == "pwrite64" and bool(_PAGE.match(rest)) for _, call, rest in window)
    return Calls(
        own=sum(thread == own for thread, _, _ in window) / last_batches,
        all=len(window) / last_batches,
        pages=pages / last_batches,
        batches=last_batches,
    )


def need(program: str) -> str:
    """Where a program is that counts."""
    found = shutil.which(program)
    if sys.platform != "linux" or found is None:
        raise BenchError(f"{program} is missing: on Linux, scripts/setup.sh installs it with apt.")
    return found


@contextmanager
def _trace() -> Iterator[Path]:
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="trace-", dir=BUILD) as directory:
        yield Path(directory) / "strace"
