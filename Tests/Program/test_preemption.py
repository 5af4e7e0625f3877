"""SIGTERM gives members back at once: real processes, and the real coordinator."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from populations import SPACE, create, journal
from program import Murmur, murmur_binary
from support.fixtures import QUICK
from support.waiting import STOP_SECONDS, wait_until

from murmuration import Preempted, Worker, preemptible

HEAD = """
import os, signal, sys, threading, time
from murmuration import PBTClient, Preempted, Worker, preemptible

def ready():
    print("ready", flush=True)
"""

SLEEPS = """
with preemptible(), Worker() as worker:
    ready()
    time.sleep(60)
"""

SURVIVES_ERRORS = """
with preemptible(), Worker() as worker:
    ready()
    while True:
        try:
            worker.report(worker.target_step, 1.0)
        except Exception:
            pass
"""

HOLDS_THE_INTERPRETER = """
with preemptible(), Worker() as worker:
    ready()
    while True:
        try:
            sum(range(20_000_000))
        except Exception:
            pass
"""

HAS_NO_WITH_BLOCK = """
@preemptible()
def main():
    client = PBTClient(os.environ["MURMUR_URL"])
    ready()
    while True:
        time.sleep(60)

main()
"""

TRAINS_IN_A_THREAD = """
def train():
    worker = Worker()
    ready()
    threading.Event().wait()

with preemptible():
    thread = threading.Thread(target=train, daemon=True)
    thread.start()
    thread.join()
"""

HAS_A_HANDLER_OF_ITS_OWN = """
def handle(number, frame):
    print("handled", flush=True)
    sys.exit(143)

signal.signal(signal.SIGTERM, handle)
with preemptible(), Worker() as worker:
    ready()
    time.sleep(60)
"""

IS_TOLD_AGAIN_AND_AGAIN = """
def insist():
    while True:
        os.kill(os.getpid(), signal.SIGTERM)

with preemptible(), Worker() as worker:
    try:
        ready()
        time.sleep(60)
    finally:
        threading.Thread(target=insist, daemon=True).start()
        time.sleep(0.1)
        print("cleaned up", flush=True)
"""


@contextmanager
def training(murmur: Murmur, body: str) -> Iterator[subprocess.Popen[str]]:
    """A process that trains at the coordinator's population, and has said that it does."""
    command = [sys.executable, "-c", HEAD + body]
    environment = {**os.environ, "MURMUR_URL": f"{murmur.url}/p"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def released(murmur: Murmur) -> list[object]:
    rows = journal(murmur, "SELECT detail FROM event WHERE kind = 'released'")
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (SLEEPS, ""),
        (SURVIVES_ERRORS, ""),
        (HOLDS_THE_INTERPRETER, ""),
        (HAS_NO_WITH_BLOCK, ""),
        (TRAINS_IN_A_THREAD, ""),
        (HAS_A_HANDLER_OF_ITS_OWN, "handled\n"),
        (IS_TOLD_AGAIN_AND_AGAIN, "cleaned up\n"),
    ],
    ids=["sleep", "errors", "extension", "client", "thread", "handler", "insistence"],
)
def test_a_process_that_is_told_to_end_gives_its_member_back(
    murmur: Murmur, body: str, says: str
) -> None:
    create(murmur, "p", "--population-size", "1")
    with training(murmur, body) as process:
        process.terminate()
        said, _ = process.communicate(timeout=STOP_SECONDS)
    assert (process.returncode, said) == (143, says)
    # Under a lease of 60 seconds, nobody would get the only member otherwise.
    with Worker(murmur.url, "p", timing=QUICK) as heir:
        assert heir.member == 0
        assert released(murmur) == ["left"]


def test_what_an_interrupted_request_was_given_is_given_back(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "1")
    # The lease came, and the worker was interrupted before it knew.
    body = """
    from murmuration._holder import Holder

    class Interrupted(Holder):
        def _hold(self, lease):
            self.joining = self.asked
            ready()
            time.sleep(60)

        def new_join(self, lease=0):
            self.asked = super().new_join(lease)
            return self.asked

    import murmuration._worker
    murmuration._worker.Holder = Interrupted
    with preemptible(), Worker() as worker:
        pass
    """
    with training(murmur, textwrap.dedent(body)) as process:
        process.terminate()
        assert process.wait(STOP_SECONDS) == 143
    assert released(murmur) == ["left"]


@pytest.mark.parametrize("place", ["follow", "_hold"])
def test_the_lease_that_a_report_brought_is_given_back_before_it_is_held(
    murmur: Murmur, place: str
) -> None:
    create(murmur, "p", "--population-size", "2")
    # The answer came, and the worker was interrupted before it held the other member.
    body = f"""
    from murmuration._holder import Holder

    class Interrupted(Holder):
        def {place}(self, *arguments):
            if self.lease is not None:
                ready()
                time.sleep(60)
            return super().{place}(*arguments)

    import murmuration._worker
    murmuration._worker.Holder = Interrupted
    with preemptible(), Worker() as worker:
        worker.report(worker.target_step, 1.0, checkpoint="/mine")
    """
    with training(murmur, textwrap.dedent(body)) as process:
        process.terminate()
        assert process.wait(STOP_SECONDS) == 143
    assert released(murmur) == ["switched", "left"]


def test_every_worker_of_a_process_leaves(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "3")
    body = "with preemptible(), Worker() as one, Worker() as two:\n    ready(); time.sleep(60)"
    with training(murmur, body) as process:
        process.terminate()
        assert process.wait(STOP_SECONDS) == 143
    assert released(murmur) == ["left", "left"]


def test_a_worker_that_waits_for_a_member_is_interrupted(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "1")
    with Worker(murmur.url, "p", timing=QUICK):
        body = "with preemptible():\n    ready()\n    Worker()"
        with training(murmur, body) as process:
            process.terminate()
            assert process.wait(STOP_SECONDS) == 143


def test_a_forked_process_ends_by_the_signal_and_keeps_the_member(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "1")
    body = """
    with preemptible(), Worker() as worker:
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)
        status = os.waitpid(child, 0)[1]
        ready()
        print(os.WTERMSIG(status), worker.report(worker.target_step, 1.0).action, flush=True)
    """
    with training(murmur, textwrap.dedent(body)) as process:
        said, _ = process.communicate(timeout=STOP_SECONDS)
    assert (process.returncode, said) == (0, f"{signal.SIGTERM:d} continue\n")


@pytest.mark.alone
def test_workers_of_the_command_line_leave_within_the_grace(murmur: Murmur, tmp_path: Path) -> None:
    create(murmur, "p", "--population-size", "1")
    script = tmp_path / "train.py"
    script.write_text(HEAD + SLEEPS)
    logs = tmp_path / "logs"
    logs.mkdir()
    # Whoever reads the log waits until there is something.
    os.mkfifo(logs / "worker-0.log")
    command = [str(murmur.binary), "work", "--workers", "1", "--url", f"{murmur.url}/p"]
    command += ["--logs", str(logs), "--", sys.executable, str(script)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as work:
        try:
            with (logs / "worker-0.log").open() as log:
                assert log.readline() == "ready\n"
                work.terminate()
                work.communicate(timeout=STOP_SECONDS)
                assert log.read() == ""
        finally:
            work.kill()
    assert work.returncode == 143
    last = journal(murmur, "SELECT kind, detail FROM event ORDER BY rowid DESC LIMIT 1")
    assert last == [("released", "left")]


@pytest.mark.alone
def test_workers_of_a_run_leave_before_its_coordinator_ends(tmp_path: Path) -> None:
    binary = murmur_binary()
    assert binary is not None
    (tmp_path / "space.csv").write_text(SPACE)
    (tmp_path / "train.py").write_text(HEAD + SLEEPS)
    command = [str(binary), "run", "--space", "space.csv", "--population-size", "2"]
    command += ["--workers", "2", "--", sys.executable, str(tmp_path / "train.py")]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as run:
        try:
            logs = [tmp_path / f"runs/0001/logs/worker-{number}.log" for number in range(2)]
            wait_until(
                lambda: all(log.exists() and "ready" in log.read_text() for log in logs),
                "both workers run",
            )
            run.terminate()
            assert run.wait(STOP_SECONDS) == 143
        finally:
            run.kill()
    assert released(Murmur(binary, tmp_path / "runs/0001")) == ["left", "left"]


def test_the_handler_before_is_there_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with preemptible():
        own = signal.getsignal(signal.SIGTERM)
        with preemptible():
            assert signal.getsignal(signal.SIGTERM) is own
        assert signal.getsignal(signal.SIGTERM) is own
        with pytest.raises(Preempted):
            signal.raise_signal(signal.SIGTERM)
    assert own is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_where_nothing_can_be_done_it_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def elsewhere() -> None:
        with preemptible():
            pass

    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with caplog.at_level(logging.WARNING), preemptible():
            signal.raise_signal(signal.SIGTERM)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [record.getMessage() for record in caplog.records] == [
        "SIGTERM is not handled, because it is ignored.",
        "SIGTERM is not handled: call preemptible() in the main thread.",
    ]
