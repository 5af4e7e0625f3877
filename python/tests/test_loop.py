"""Who asks does its own input and output, and what that leaves to the thread."""

from __future__ import annotations

import threading
import time
from collections import deque

import pytest
from support.coordinator import Answer, Coordinator, lease, same

from murmuration import Timing, Worker
from murmuration._connection.loop import Loop
from murmuration._connection.machine import Machine
from murmuration.v1 import murmuration_pb2 as wire


@pytest.fixture
def patient() -> Timing:
    """Nothing is asked a second time in a test."""
    return Timing(retry=60.0, retry_limit=60.0)


def test_the_thread_is_not_needed_for_an_answer_that_comes_at_once(
    patient: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Coordinator(answers=deque([lease(), *[same(20)] * 100])) as coordinator:
        with Worker(coordinator.url, timing=patient) as worker:
            worker.report(10, 0.5)
            # A heartbeat may have been due with the welcome.
            time.sleep(0.2)
            turns: list[Loop] = []
            turn = Loop._turn

            def counted(loop: Loop) -> None:
                turns.append(loop)
                turn(loop)

            monkeypatch.setattr(Loop, "_turn", counted)
            for step in range(50):
                worker.report(step, 0.5)
            # It is woken by answers that took longer than a moment, which is rare.
            assert len(turns) < 25
        assert sum(each.kind == "report" for each in coordinator.received) == 51


def test_an_answer_that_takes_long_is_taken_by_the_thread(patient: Timing) -> None:
    def late(_: wire.Request) -> wire.Reply:
        time.sleep(0.3)
        return same(30)

    with Coordinator(answers=deque([lease(), late, same(40)])) as coordinator:
        with Worker(coordinator.url, timing=patient) as worker:
            assert worker.report(10, 0.5).target_step == 30
            assert worker.report(20, 0.5).target_step == 40
        reports = [each for each in coordinator.received if each.kind == "report"]
        assert len(reports) == 2


def test_several_threads_ask_at_once(patient: Timing) -> None:
    def board(_: wire.Request) -> wire.Reply:
        time.sleep(0.05)
        return wire.Reply(leaderboard=wire.Leaderboard(population="p"))

    found: list[str] = []
    with (
        Coordinator(answers=deque([lease(), *[board] * 20])) as coordinator,
        Worker(coordinator.url, timing=patient) as worker,
    ):

        def look() -> None:
            found.extend(worker.leaderboard(1).population for _ in range(5))

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert found == ["p"] * 20


@pytest.mark.parametrize("method", ["received", "tick"])
def test_who_is_interrupted_amid_a_step_leaves_nothing_half_done(
    method: str, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A request that was sent before it was interrupted may be answered twice.
    answers: deque[Answer] = deque([lease(), *[same(20)] * 10])
    with Coordinator(answers=answers) as coordinator:
        worker = Worker(coordinator.url, timing=quick)
        right = getattr(Machine, method)
        main = threading.main_thread()
        interrupted: list[bool] = []

        def interrupt(*given: object) -> None:
            right(*given)
            if threading.current_thread() is main and not interrupted:
                interrupted.append(True)
                raise KeyboardInterrupt

        monkeypatch.setattr(Machine, method, interrupt)
        with pytest.raises(KeyboardInterrupt):
            worker.report(10, 0.5)
        peers = {each.peer for each in coordinator.received}
        assert worker.report(10, 0.5).action == "continue"
        # What was half done went with its link.
        assert len({each.peer for each in coordinator.received}) == len(peers) + 1
        worker.leave()
        sequences = {
            each.request.report.sequence for each in coordinator.received if each.kind == "report"
        }
    assert sequences == {1}
