"""The client against the real coordinator: what is acknowledged stays, whatever is killed."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from conftest import QUICK, Murmur

from murmuration import Monitor, RefusedError, Worker

SPACE = "name,min,max,scale\nrate,0.0001,0.1,log\nmomentum,0,1,linear\n"


def create(murmur: Murmur, name: str, *options: str) -> None:
    space = murmur.data.parent / "space.csv"
    space.write_text(SPACE)
    murmur.murmur("create", name, "--space", str(space), *options)


def journal(murmur: Murmur, sql: str) -> list[tuple[object, ...]]:
    # A connection's own `with` ends a transaction, and leaves the file open.
    journal = f"file:{murmur.data}/journal.sqlite?mode=ro"
    with closing(sqlite3.connect(journal, uri=True)) as database:
        return database.execute(sql).fetchall()


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
            assert self._grew.wait_for(lambda: len(self._paths) >= count, timeout=60)


def train(url: str, number: int, acknowledged: Acknowledged) -> None:
    reports = 0
    with Worker(url, name=f"worker-{number}", timing=QUICK) as worker:
        while worker.training:
            step = worker.target_step
            reports += 1
            path = f"/checkpoints/{number}/{reports}"
            worker.report(step, (worker.member * 31 + step) % 97, checkpoint=path)
            acknowledged.add(path)


def test_kill_of_the_coordinator_loses_and_doubles_nothing(murmur: Murmur) -> None:
    steps, members, workers = 60, 12, 8
    create(murmur, "p", "--population-size", str(members), "--max-steps", str(steps))
    url = murmur.url
    port = url.rsplit(":", 1)[1]
    acknowledged = Acknowledged()
    with ThreadPoolExecutor(workers) as pool:
        training = [pool.submit(train, url, number, acknowledged) for number in range(workers)]
        for kills in range(1, 4):
            acknowledged.wait_for(kills * 100)
            murmur.kill()
            before = acknowledged.paths()
            kept = {row[0] for row in journal(murmur, "SELECT checkpoint FROM event")}
            assert set(before) <= kept
            murmur.start("--port", port, "--broadcast-port", "0")
        for each in training:
            each.result(timeout=120)
    rows = journal(murmur, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    times = Counter(row[0] for row in rows)
    assert max(times.values()) == 1
    assert set(times) == set(acknowledged.paths())
    assert journal(murmur, "SELECT epoch FROM coordinator") == [(4,)]
    finished = journal(murmur, f"SELECT count(*) FROM member WHERE step = {steps}")
    assert finished == [(members,)]


def test_a_late_monitor_has_the_board_of_the_command_line(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "6", "--max-steps", "3")
    acknowledged = Acknowledged()
    train(murmur.url, 0, acknowledged)
    start = time.monotonic()
    with Monitor(murmur.url, "p") as monitor:
        board = next(iter(monitor))
    assert time.monotonic() - start < 1.5
    told = json.loads(murmur.murmur("leaderboard", "p", "--json"))
    assert (board.epoch, board.committed) == (told["epoch"], told["committed"])
    assert board.population == told["population"]
    assert len(board.entries) == len(told["entries"]) == 6
    for entry, other in zip(board.entries, told["entries"], strict=True):
        assert entry.rank == other["rank"]
        assert entry.member == other["member"]
        assert entry.step == other["step"]
        assert entry.score == other["score"]
        assert entry.checkpoint == other["checkpoint"]
        assert entry.hyperparameters == other["hyperparameters"]
    assert board.summary.reports == told["summary"]["reports"] == len(acknowledged.paths())


def test_a_worker_that_dies_leaves_its_member_to_another(murmur: Murmur) -> None:
    murmur.stop()
    murmur.start("--port", "0", "--lease", "2s", "--heartbeat", "1s")
    create(murmur, "p", "--population-size", "1", "--max-steps", "3")
    dead = Worker(murmur.url, name="dead", timing=QUICK)
    dead.report(dead.target_step, 1.0, checkpoint="/dead/1")
    # Without its thread nothing renews the lease: to the coordinator this worker is dead.
    dead._connection.close()
    with Worker(murmur.url, name="heir", timing=QUICK) as heir:
        assert (heir.member, heir.step, heir.checkpoint) == (0, 1, "/dead/1")
    assert ("lapsed",) in journal(murmur, "SELECT detail FROM event WHERE kind = 'released'")


def test_without_the_secret_a_client_is_told_why(murmur: Murmur, tmp_path: Path) -> None:
    murmur.stop()
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("a-secret-of-the-server-0001\n")
    murmur.start("--port", "0", "--secret-file", str(secret))
    create(murmur, "p", "--population-size", "1")
    right = murmur.url
    assert "a-secret-of-the-server-0001@" in right
    with Worker(right, timing=QUICK) as worker:
        assert worker.member == 0
    for wrong in (
        right.replace("a-secret-of-the-server-0001@", ""),
        right.replace("-0001@", "-0002@"),
    ):
        with pytest.raises(RefusedError, match="secret"):
            Worker(wrong, timing=QUICK)
        with pytest.raises(RefusedError, match="secret"), Monitor(wrong, "p") as monitor:
            next(iter(monitor))
