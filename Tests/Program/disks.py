"""Small disks and mounts, workers in the background, and what a journal must hold after all."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from populations import create, journal, settled
from program import Murmur
from support.fixtures import QUICK
from support.waiting import START_SECONDS, WAIT_SECONDS, wait_until

from murmuration import Worker

MEMBERS = 6
STEPS = 60
MEBIBYTE = 1 << 20
JOURNAL = "journal.sqlite"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    arguments = [str(each) for each in command]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=START_SECONDS)


def mount(path: Path, *options: str) -> None:
    done = run("mount", *options, path)
    if done.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")


@contextmanager
def mounted(path: Path, *options: str) -> Iterator[None]:
    mount(path, *options)
    try:
        yield
    finally:
        # A process that was killed holds its files for a moment.
        wait_until(lambda: run("umount", path).returncode == 0, f"nobody uses {path}")


def small_disk(mebibytes: int = 16) -> tuple[str, ...]:
    return ("-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs")


def fill(disk: Path) -> Path:
    """Takes all the room that there is on a disk."""
    file = disk / "filler"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (MEBIBYTE, 4096, 1):
            try:
                while True:
                    os.write(descriptor, b"x" * size)
            except OSError:
                continue
    finally:
        os.close(descriptor)
    return file


class Acknowledged:
    """The checkpoints of the reports that were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paths: list[str] = []
        self._grew = threading.Condition(self._lock)

    def add(self, path: str) -> None:
        with self._lock:
            self._paths.append(path)
            self._grew.notify_all()

    def paths(self) -> list[str]:
        with self._lock:
            return list(self._paths)

    def wait_for(self, count: int) -> None:
        with self._lock:
            assert self._grew.wait_for(lambda: len(self._paths) >= count, timeout=WAIT_SECONDS)

    def wait_until_still(self, seconds: float = 2.0) -> None:
        """Waits until nothing more was answered for so long."""
        until = time.monotonic() + WAIT_SECONDS
        with self._lock:
            while self._grew.wait(seconds):
                assert time.monotonic() < until, "there are answers all the time"


def train(url: str, number: int, acknowledged: Acknowledged) -> None:
    reports = 0
    with Worker(url, name=f"worker-{number}", timing=QUICK) as worker:
        while worker.training:
            step = worker.target_step
            reports += 1
            path = f"/checkpoints/{number}/{reports}"
            worker.report(step, (worker.member * 31 + step) % 97, checkpoint=path)
            acknowledged.add(path)


class Workers:
    """Workers that train in the background, and what they were answered."""

    def __init__(self, murmur: Murmur, count: int = 4) -> None:
        self.acknowledged = Acknowledged()
        self._url = murmur.url
        self._errors: list[Exception] = []
        # Daemons, so that those that wait for ever end with a test that failed.
        self._threads = [
            threading.Thread(target=self._train, args=(number,), daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def _train(self, number: int) -> None:
        try:
            train(self._url, number, self.acknowledged)
        except Exception as error:
            self._errors.append(error)

    def wait_for(self, count: int) -> None:
        self.acknowledged.wait_for(count)

    def errors(self) -> list[Exception]:
        """What the workers ended with, when all have."""
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "a worker waits for ever"
        return self._errors

    def finish(self) -> None:
        assert self.errors() == []


def begin(murmur: Murmur, steps: int = STEPS) -> None:
    murmur.start()
    create(murmur, "p", "--population-size", str(MEMBERS), "--max-steps", str(steps))


def check(binary: Path, data: Path) -> str:
    done = run(binary, "check", data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("All is well in "), done.stdout
    return done.stdout


def check_kept(murmur: Murmur, acknowledged: Acknowledged) -> None:
    """Every acknowledged report is in the journal exactly once, and the journal is well."""
    rows = journal(murmur, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    times = Counter(row[0] for row in rows)
    assert set(acknowledged.paths()) == set(times)
    assert max(times.values()) == 1
    finished = settled(murmur, f"SELECT count(*) FROM member WHERE step = {STEPS}")
    assert finished == [(MEMBERS,)]
    check(murmur.binary, murmur.data)


def refused(murmur: Murmur, *arguments: str) -> str:
    """What a command says that must fail: one sentence, and nothing else."""
    done = run(murmur.binary, *arguments)
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Error: ")
    assert lines[0].endswith(".")
    for word in ("SQLite error", "errno", "Swift", "JournalError"):
        assert word not in lines[0]
    return lines[0]


def starting_fails(murmur: Murmur) -> str:
    return refused(murmur, "serve", "--port", "0", "--data", str(murmur.data))


def workers_port(murmur: Murmur) -> str:
    """The port that it served at before it was killed."""
    return murmur.url.rsplit(":", 1)[1]
