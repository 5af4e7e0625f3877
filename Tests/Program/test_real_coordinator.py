"""The client against the real coordinator."""

from __future__ import annotations

import json
import threading
from collections import Counter

import pytest
from populations import create, journal, train
from program import Murmur
from support.fixtures import QUICK
from support.names import NAMES
from support.waiting import WAIT_SECONDS

from murmuration import (
    Administrator,
    BusyError,
    Monitor,
    RefusedError,
    Timing,
    Worker,
)
from murmuration.events import Reported


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


def test_a_cell_that_is_run_again_and_again_finds_a_member(murmur: Murmur, quick: Timing) -> None:
    create(murmur, "p", "--population-size", "2")
    cell: dict[str, Worker] = {}
    members = []
    for _ in range(6):
        cell["worker"] = Worker(murmur.url, "p", timing=quick)
        members.append(cell["worker"].member)
    assert set(members) == {0, 1}
    cell["worker"].leave()


def test_the_coordinator_keeps_what_travels(murmur: Murmur, quick: Timing) -> None:
    create(murmur, "p", "--population-size", "1")
    given = {name: float(place) for place, name in enumerate(NAMES)}
    many = {f"class {number} (AP)": 0.5 for number in range(1024)}
    with Worker(murmur.url, "p", timing=quick) as worker:
        for metrics in (given, many):
            assert worker.report(worker.target_step, 0.5, metrics=metrics).recorded
    with Administrator(murmur.url, "p", timing=quick) as administrator:
        kinds = [event.kind for event in administrator.history()]
    assert [kind.metrics for kind in kinds if isinstance(kind, Reported)] == [given, many]


def test_every_report_of_four_threads_that_is_answered_is_recorded(
    murmur: Murmur, quick: Timing
) -> None:
    create(murmur, "p", "--population-size", "1")
    answered: list[float] = []
    together = threading.Barrier(4)

    def train(worker: Worker, number: int) -> None:
        for each in range(20):
            together.wait(WAIT_SECONDS)
            score = number + each / 100
            try:
                directive = worker.report(worker.step + 1, score)
            except BusyError:
                continue
            assert directive.recorded
            answered.append(score)

    with Worker(murmur.url, "p", timing=quick) as worker:
        threads = [threading.Thread(target=train, args=(worker, each)) for each in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    rows = journal(murmur, "SELECT score FROM event WHERE kind = 'reported'")
    assert len(answered) >= 20
    assert Counter(row[0] for row in rows) == Counter(answered)
