"""Synchronous populations: whole trainings with the real coordinator, whose decisions are those
that the rules spell out."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from program import Murmur, murmur_binary
from support.fixtures import QUICK
from support.repository import REPOSITORY
from support.waiting import STOP_SECONDS, wait_until

from murmuration import Administrator, Event, InvalidError, PBTClient, PBTServer, Worker
from murmuration.events import Exploited, GenerationClosed, Leased, Released, Reported

SPACE = """\
mode: synchronous
hyperparameters: {rate: {type: float, min: 0.0001, max: 0.1, scale: log}}
"""
KEY = "a-secret-of-22-letters"
PATIENCE_SECONDS = 120.0

# ----------------------------------------------------------------------- the rules, from a history


class Rules:
    """Follows a history of a population that maximizes, and holds each close against rule 3.

    Every member reports for every generation, so that each is ranked by a state of its own.
    """

    def __init__(self, *, fraction: float = 0.2, least: int = 5, last_step: int) -> None:
        self.closed: list[int] = []
        """How many had reported, for each generation."""
        self.exploits = 0
        self._fraction = fraction
        self._least = least
        self._last_step = last_step
        self._latest: dict[int, Reported] = {}
        self._reported: set[int] = set()
        self._due: dict[int, list[int]] = {}
        """Who is still to be said to copy since the last close, and whom it may copy."""

    def follow(self, events: Iterator[Event]) -> None:
        for event in events:
            kind, member = event.kind, event.member
            if isinstance(kind, Exploited):
                assert member is not None
                self._copy(member, kind)
                continue
            assert self._due == {}, f"before event {event.sequence} members should copy"
            if isinstance(kind, Reported):
                assert member is not None
                self._report(member, kind)
            elif isinstance(kind, GenerationClosed):
                self._close(kind)

    def _report(self, member: int, report: Reported) -> None:
        assert (report.exploit, report.rank) == (None, None)
        assert report.generation == len(self.closed) + 1
        assert member not in self._reported, f"{member} reported twice for {report.generation}"
        self._reported.add(member)
        self._latest[member] = report

    def _close(self, closed: GenerationClosed) -> None:
        assert closed.reported == len(self._reported)
        self.closed.append(closed.reported)
        assert closed.generation == len(self.closed)
        scores = {member: report.score for member, report in self._latest.items()}
        assert len(set(scores.values())) == len(scores), "the order is clear"
        ranked = sorted(scores, key=lambda member: -scores[member])
        share = self._fraction * len(ranked)
        worst = max(1, int(share)) if self._fraction and len(ranked) >= self._least else 0
        best = ranked[: max(1, -int(-share // 1))]
        for member in ranked[len(ranked) - worst :]:
            if self._latest[member].step < self._last_step:
                self._due[member] = best
        self._reported = set()

    def _copy(self, member: int, copied: Exploited) -> None:
        exploit = copied.exploit
        assert exploit.donor in self._due.pop(member)
        own, donor = self._latest[member], self._latest[exploit.donor]
        assert copied.generation == len(self.closed)
        assert (copied.report, copied.step, copied.score) == (own.number, own.step, own.score)
        assert copied.rank > copied.ranked - len(self._latest)
        assert (exploit.donor_report, exploit.step) == (donor.number, donor.step)
        assert (exploit.score, exploit.checkpoint) == (donor.score, donor.checkpoint)
        assert exploit.donor_hyperparameters == donor.hyperparameters
        self.exploits += 1


def score(member: int, step: int) -> float:
    """No two members have the same."""
    return (member * 31 + step * 17) % 97 + member / 100


WORKER = """
import sys, time
from pathlib import Path
from murmuration import Worker
from test_synchronous import score

url, folder, name, stall = sys.argv[1:]
with Worker(url, name=name, checkpoints=folder) as worker:
    Path(folder, f"{name}-is-there").touch()
    while len(list(Path(folder).glob("*-is-there"))) < 4:
        time.sleep(0.01)
    while worker.training:
        # Long enough that the others have asked again before one has trained everybody.
        time.sleep(0.15)
        step, member = worker.target_step, worker.member
        if 0 < int(stall) <= step:
            Path(folder, "stalled").touch()
            time.sleep(1000)
        path = worker.checkpoint_path(".txt")
        path.write_text(f"{member} {step}")
        if worker.report(step, score(member, step), checkpoint=path).loads and worker.checkpoint:
            Path(worker.checkpoint).read_text()
"""


def create(murmur: Murmur, *options: str) -> None:
    space = murmur.data.parent / "space.yaml"
    space.write_text(SPACE)
    murmur.murmur("create", "p", "--space", str(space), *options)


def test_a_synchronous_population_is_made(murmur: Murmur) -> None:
    space = "name,min,max,scale\nrate,0,1,linear\n"
    with Administrator(murmur.url, timing=QUICK) as administrator:
        made = administrator.create_population(
            "q", space, synchronous=True, generation_deadline=1.5
        )
        assert (made.synchronous, made.generation, made.generation_reported) == (True, 1, 0)
        assert made.generation_deadline == 1.5
        with pytest.raises(InvalidError, match="mode: synchronous"):
            administrator.create_population("r", space, generation_deadline=1.5)
        plain = administrator.create_population("r", SPACE, synchronous=False)
        assert (plain.synchronous, plain.generation, plain.generation_deadline) == (False, 0, None)


def test_sixteen_members_on_four_workers_of_which_one_is_killed(
    murmur: Murmur, tmp_path: Path
) -> None:
    murmur.stop()
    # So long that no worker that lives loses it, however busy the machine is.
    murmur.start("--port", "0", "--heartbeat", "1s", "--lease", "30s")
    create(murmur, "--population-size", "16", "--interval", "10", "--max-steps", "60")
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    folders = (
        f"{REPOSITORY}/{name}" for name in ("python", "python/tests", "Tests/Program", "Benchmarks")
    )
    paths = {"PYTHONPATH": ":".join(folders)}
    with ExitStack() as stack:
        workers = []
        for number in range(4):
            stall = "30" if number == 2 else "0"
            command = [sys.executable, "-c", WORKER, murmur.url, str(folder), f"w{number}", stall]
            worker = subprocess.Popen(command, env={**os.environ, **paths})
            stack.callback(worker.wait, STOP_SECONDS)
            stack.callback(worker.kill)
            workers.append(worker)

        def stalled() -> bool:
            assert all(worker.poll() is None for worker in workers)
            return (folder / "stalled").exists()

        wait_until(stalled, "a worker stalls")
        killed = workers.pop(2)
        killed.kill()
        killed.wait(STOP_SECONDS)
        for worker in workers:
            assert worker.wait(PATIENCE_SECONDS) == 0
    with Administrator(murmur.url, timing=QUICK) as administrator:
        events = list(administrator.history("p"))
        population = administrator.population("p")
        board = administrator.leaderboard("p")
    rules = Rules(last_step=60)
    rules.follow(iter(events))
    assert rules.closed == [16] * 6
    # Nobody copies any more when all have finished.
    assert rules.exploits == population.exploits == 3 * 5
    assert (population.synchronous, population.generation, population.finished) == (True, 7, 16)
    assert (board.summary.generation, board.summary.generation_reported) == (7, 16)
    # The member of the worker that was killed went to another one, in the same generation.
    lapsed = [event for event in events if event.kind == Released("lapsed")]
    assert len(lapsed) == 1
    taken = [event for event in events if event.member == lapsed[0].member]
    after = taken[taken.index(lapsed[0]) + 1]
    assert isinstance(after.kind, Leased)
    assert after.kind.worker != "w2"
    check = [str(murmur.binary), "check", str(murmur.data)]
    subprocess.run(check, check=True, timeout=STOP_SECONDS, stdout=subprocess.DEVNULL)
    text = murmur.murmur("list")
    assert "7: 16/16 reported" in text
    assert "generation 7: 16/16 reported" in murmur.murmur("leaderboard", "p")


@pytest.mark.alone
def test_a_deadline_closes_a_generation_without_a_worker_that_is_slow(
    murmur: Murmur, tmp_path: Path
) -> None:
    create(
        murmur,
        *("--population-size", "2", "--max-steps", "2", "--generation-deadline", "2"),
    )
    with Administrator(murmur.url, timing=QUICK) as administrator, ExitStack() as stack:
        slow = stack.enter_context(Worker(murmur.url, name="slow", timing=QUICK))
        quick = stack.enter_context(Worker(murmur.url, name="quick", timing=QUICK))
        other = slow.member
        # It answers when the generation has closed, although the slow one lives.
        assert quick.report(1, 1.0, checkpoint="/quick/1").action == "continue"
        closed = [each.kind for each in administrator.history("p")]
        assert GenerationClosed(1, 1, True) in closed
        with ThreadPoolExecutor(1) as pool:
            last = pool.submit(quick.report, 2, 1.0, checkpoint="/quick/2")
            # Otherwise it would be given the slow one's member, when that waits.
            wait_until(lambda: administrator.population("p").finished > 0, "one has finished")
            # Late, it counts for the generation that is open now.
            late = slow.report(1, 0.5, checkpoint="/slow/1", timeout=PATIENCE_SECONDS)
            assert late.action == "continue"
            last_of_all = slow.report(2, 0.5, checkpoint="/slow/2", timeout=PATIENCE_SECONDS)
            assert last_of_all.action == "stop"
            assert last.result(PATIENCE_SECONDS).action == "stop"
        reported = [
            each.kind.generation
            for each in administrator.history("p", member=other)
            if isinstance(each.kind, Reported)
        ]
        # The first one may just have missed another deadline.
        assert reported[0] in (2, 3)
        assert reported[1] == reported[0] + 1


def test_pbt_clients_wait_for_each_other_and_not_for_one_that_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves = 5
    config = tmp_path / "space.yaml"
    config.write_text(SPACE + "exploration: {resample_probability: 0}\n")

    everyone_is_there = threading.Barrier(6)

    def train(number: int, port: int) -> list[bool]:
        told = []
        with PBTClient("127.0.0.1", port, KEY, str(config), timing=QUICK) as client:
            everyone_is_there.wait(PATIENCE_SECONDS)
            for save in range(1, (saves if number else 2) + 1):
                path = tmp_path / f"{client.member}-{save}"
                path.write_text("parameters")
                client.save(path, score(client.member, save * 10))
                told.append(client.should_exploit())
                if told[-1]:
                    client.exploit()
                    assert Path(client.parameters_path() or "").exists()
                    client.explore()
        return told

    binary = murmur_binary()
    assert binary is not None
    monkeypatch.setenv("MURMUR_BIN", str(binary))
    with PBTServer(0, KEY, data=tmp_path / "data", host="127.0.0.1") as server:
        with ThreadPoolExecutor(6) as pool:
            clients = [pool.submit(train, number, server.port) for number in range(6)]
            told = [each.result(PATIENCE_SECONDS) for each in clients]
        with Administrator(server.url, timing=QUICK) as administrator:
            events = list(administrator.history("default"))
    closed = [each.kind for each in events if isinstance(each.kind, GenerationClosed)]
    copies = [each for each in events if isinstance(each.kind, Exploited)]
    assert [each.reported for each in closed] == [6, 6, 5, 5, 5]
    # The member of the one that has left may be the worst; it copies nobody.
    assert 2 <= len(copies) <= saves
    assert sum(map(sum, told)) == len(copies)
    assert len({each.member for each in events if each.member is not None}) == 6
