"""A worker that is started again at its place takes its member over: real processes, and the real
coordinator, whose leases last far longer than a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from populations import create, journal
from program import Murmur
from support.fixtures import QUICK
from support.waiting import STOP_SECONDS, wait_until

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
    assert "lapsed" not in reasons(patient)
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


DIES_ONCE = """
import os, signal, sys
from pathlib import Path
from murmuration import Worker
with Worker(keeps=KEEPS) as worker:
    while worker.training:
        mark = Path(sys.argv[1])
        if worker.step > 0 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        worker.report(worker.target_step, 1.0, checkpoint=f"/c/{worker.target_step}")
"""

SLEEPS = """
import time
from murmuration import Worker
worker = Worker()
print("joined", flush=True)
time.sleep(3600)
"""

FINISHES = """
from murmuration import Worker
with Worker() as worker:
    while worker.training:
        worker.report(worker.target_step, 1.0, checkpoint=f"/c/{worker.target_step}")
"""


def work(murmur: Murmur, script: str, *arguments: str, place: str = "") -> subprocess.Popen[str]:
    """`murmur work` with one worker that runs a script."""
    command = [str(murmur.binary), "work", "--workers", "1", "--logs", str(murmur.data / "logs")]
    return subprocess.Popen(
        [*command, "--", sys.executable, "-c", script, *arguments],
        env={**os.environ, "MURMUR_URL": f"{murmur.url}/p", "MURMUR_PLACE": place},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def leased(murmur: Murmur) -> bool:
    return journal(murmur, "SELECT * FROM event WHERE kind = 'leased'") != []


def reasons(murmur: Murmur) -> list[object]:
    return [row[0] for row in journal(murmur, "SELECT detail FROM event WHERE kind = 'released'")]


@pytest.mark.parametrize("keeps", ["False", "True"])
def test_a_process_that_dies_under_murmur_work_is_taken_over(
    patient: Murmur, tmp_path: Path, keeps: str
) -> None:
    create(patient, "p", "--population-size", "1", "--max-steps", "4")
    done = work(patient, DIES_ONCE.replace("KEEPS", keeps), str(tmp_path / "died"))
    said, _ = done.communicate(timeout=STOP_SECONDS)
    assert done.returncode == 0, said
    assert "was ended by signal 9" in said
    assert reasons(patient) == ["left", "finished"]


def test_what_a_worker_held_that_murmur_work_has_ended_is_given_back(patient: Murmur) -> None:
    create(patient, "p", "--population-size", "1", "--max-steps", "4")
    first = work(patient, SLEEPS)
    wait_until(lambda: leased(patient), "it joins")
    first.terminate()
    first.communicate(timeout=STOP_SECONDS)
    assert reasons(patient) == ["left"]
    second = work(patient, FINISHES)
    said, _ = second.communicate(timeout=STOP_SECONDS)
    assert second.returncode == 0, said


def test_a_task_that_is_started_again_elsewhere_takes_its_members_over(patient: Murmur) -> None:
    create(patient, "p", "--population-size", "1", "--max-steps", "4")
    first = work(patient, SLEEPS, place="task 3")
    wait_until(lambda: leased(patient), "it joins")
    # As when the machine is gone.
    first.kill()
    first.communicate(timeout=STOP_SECONDS)
    assert reasons(patient) == []
    second = work(patient, FINISHES, place="task 3")
    said, _ = second.communicate(timeout=STOP_SECONDS)
    assert second.returncode == 0, said
    assert reasons(patient) == ["left", "finished"]
