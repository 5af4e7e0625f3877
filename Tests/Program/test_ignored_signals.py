"""Signals that were ignored when `murmur` began: `nohup`, and jobs in the background of scripts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from populations import SPACE, create
from program import Murmur
from support.waiting import START_SECONDS, STOP_SECONDS, wait_until

WORKER = """
import time
from murmuration import Worker
with Worker() as worker:
    while worker.training:
        time.sleep(0.01)
        worker.report(worker.target_step, 0.5, checkpoint="/checkpoint")
"""
# What ends a process does so within a moment; one that goes on is seen to after it.
MOMENT_SECONDS = 1.0


@contextmanager
def ignoring(
    *signals: signal.Signals, command: list[str], cwd: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that was started as `nohup` and scripts start theirs."""

    def ignore() -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)

    with (cwd / "output.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=cwd, preexec_fn=ignore)
    try:
        yield process
    finally:
        process.kill()
        process.wait(STOP_SECONDS)


def go_on(process: subprocess.Popen[bytes], *signals: signal.Signals) -> None:
    for number in signals:
        process.send_signal(number)
    time.sleep(MOMENT_SECONDS)
    assert process.poll() is None


def reports(binary: Path, data: Path) -> int:
    done = subprocess.run(
        [str(binary), "list", "--json", "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return sum(population["reports"] for population in json.loads(done.stdout))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_coordinator_goes_on_and_ends_on_sigterm(number: signal.Signals, idle: Murmur) -> None:
    command = [str(idle.binary), "serve", "--port", "0", "--data", str(idle.data)]
    with ignoring(number, command=command, cwd=idle.data.parent) as process:
        wait_until(lambda: (idle.data / "url").exists(), "it serves")
        go_on(process, number)
        create(idle, "p", "--population-size", "1")
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0


def test_a_coordinator_ends_on_sighup_that_is_not_ignored(idle: Murmur) -> None:
    idle.start("--port", "0")
    assert idle.process is not None
    idle.process.send_signal(signal.SIGHUP)
    assert idle.process.wait(STOP_SECONDS) == 0


def test_workers_go_on_and_end_on_sigterm(murmur: Murmur, tmp_path: Path) -> None:
    create(murmur, "p", "--population-size", "2")
    command = [str(murmur.binary), "work", "--workers", "1", "--data", str(murmur.data)]
    command += ["--", sys.executable, "-c", WORKER]
    with ignoring(signal.SIGHUP, signal.SIGINT, command=command, cwd=tmp_path) as process:
        wait_until(lambda: reports(murmur.binary, murmur.data) > 0, "it trains")
        go_on(process, signal.SIGHUP, signal.SIGINT)
        before = reports(murmur.binary, murmur.data)
        wait_until(lambda: reports(murmur.binary, murmur.data) > before, "it trains on")
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 128 + signal.SIGTERM


def test_a_run_goes_on_and_ends_on_sigterm(idle: Murmur, tmp_path: Path) -> None:
    space = tmp_path / "space.csv"
    space.write_text(SPACE)
    data = tmp_path / "runs"
    command = [str(idle.binary), "run", "--space", str(space), "--population-size", "2"]
    command += ["--workers", "1", "--data", str(data), "--", sys.executable, "-c", WORKER]
    with ignoring(signal.SIGHUP, signal.SIGINT, command=command, cwd=tmp_path) as process:
        wait_until(lambda: (data / "0001" / "url").exists(), "its coordinator serves")
        wait_until(lambda: reports(idle.binary, data) > 0, "it trains")
        worker = child_of(child_of(process.pid))
        go_on(process, signal.SIGHUP, signal.SIGINT)
        before = reports(idle.binary, data)
        wait_until(lambda: reports(idle.binary, data) > before, "it trains on")
        assert child_of(child_of(process.pid)) == worker
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 128 + signal.SIGTERM


def child_of(pid: int) -> int:
    """The only one: of a run the worker's holder, of a holder the worker."""
    done = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, timeout=START_SECONDS
    )
    pairs = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    children = [child for child, parent in pairs if parent == pid]
    assert len(children) == 1, (os.getpid(), pid, pairs)
    return children[0]
