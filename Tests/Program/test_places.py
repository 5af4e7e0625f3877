"""A worker that is started again at its place takes its member over: real processes, and the real
coordinator, whose leases last far longer than a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from populations import create, journal
from program import Murmur
from support.fixtures import QUICK

from bench.ports import free_ports
from murmuration import ConflictError, Worker

LEASE = "3600s"

JOINS = """
import sys
from murmuration import Worker
with Worker() as worker:
    print(worker.member, worker.step, flush=True)
    worker.report(worker.target_step, 1.0, checkpoint="/c/1")
    print("reported", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def patient(idle: Murmur) -> Murmur:
    idle.start("--port", str(free_ports(3)), "--lease", LEASE)
    return idle


@contextmanager
def joined(murmur: Murmur, place: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that has joined and reported, and what it said that it trains."""
    environment = {**os.environ, "MURMUR_URL": f"{murmur.url}/p", "MURMUR_PLACE": place}
    with subprocess.Popen(
        [sys.executable, "-c", JOINS],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline().strip()
            assert process.stdout.readline() == "reported\n"
            yield process, said
        finally:
            process.kill()


@pytest.mark.parametrize("restarts", [False, True])
def test_a_worker_that_was_killed_is_taken_over_at_its_place(
    patient: Murmur, restarts: bool
) -> None:
    create(patient, "p", "--population-size", "1")
    with joined(patient, "a") as (first, said):
        assert said == "0 0"
        first.send_signal(signal.SIGKILL)
        first.wait()
        if restarts:
            patient.kill()
            patient.start("--port", str(free_ports(3)), "--lease", LEASE)
        with joined(patient, "a") as (_, again):
            assert again == "0 1"
    assert ("lapsed",) not in journal(patient, "SELECT detail FROM event WHERE kind = 'released'")
    patient.check()


def test_the_newer_of_two_that_live_wins_and_the_other_one_says_so(patient: Murmur) -> None:
    create(patient, "p", "--population-size", "1")
    url = f"{patient.url}/p"
    with (
        Worker(url, place="a", timing=QUICK) as first,
        Worker(url, place="a", timing=QUICK) as second,
    ):
        assert second.member == first.member
        with pytest.raises(ConflictError, match="newer worker has taken over the place 'a'"):
            first.report(1, 0.5, checkpoint="/c/first")
        assert second.report(1, 0.5, checkpoint="/c/second").recorded
    reports = journal(patient, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    assert reports == [("/c/second",)]
