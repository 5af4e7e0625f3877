"""The client against the real coordinator."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

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


def train(url: str) -> int:
    """Trains until there is nothing more to train, and returns how many reports that took."""
    reports = 0
    with Worker(url, timing=QUICK) as worker:
        while worker.training:
            step = worker.target_step
            reports += 1
            score = (worker.member * 31 + step) % 97
            worker.report(step, score, checkpoint=f"/checkpoints/{reports}")
    return reports


def test_a_late_monitor_has_the_board_of_the_command_line(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "6", "--max-steps", "3")
    reports = train(murmur.url)
    # Nothing happens any more that would be published.
    with Monitor(murmur.url, "p") as monitor:
        board = next(iter(monitor))
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
    assert board.summary.reports == told["summary"]["reports"] == reports


@pytest.mark.alone
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


def test_without_the_secret_a_client_is_told_why(murmur: Murmur) -> None:
    murmur.start_with_secret("a-secret-of-the-server-0001")
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
