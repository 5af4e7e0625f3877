"""A worker belongs to one thread at a time: another one is told so, and nothing is lost."""

from __future__ import annotations

import threading

import pytest
from support.coordinator import WAIT_SECONDS, Coordinator, lease, same

from murmuration import BusyError, PBTClient, Timing, Worker
from murmuration.v1 import murmuration_pb2 as wire


class Held:
    """An answer that is kept back until a test has done something meanwhile."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()

    def __call__(self, _: wire.Request) -> wire.Reply:
        self.asked.set()
        assert self.go.wait(WAIT_SECONDS)
        return same(20)


def test_a_second_thread_is_told_that_it_is_not_alone(
    coordinator: Coordinator, quick: Timing
) -> None:
    held = Held()
    coordinator.answers += [lease(), held, same(30)]
    said: list[str] = []
    with Worker(coordinator.url, timing=quick) as worker:
        first = threading.Thread(target=lambda: said.append(worker.report(10, 0.5).action))
        first.start()
        assert held.asked.wait(WAIT_SECONDS)
        with pytest.raises(BusyError, match=r"Another thread .* make a Worker for each thread"):
            worker.report(10, 0.7)
        with pytest.raises(BusyError):
            worker.decline("It is damaged.")
        assert (worker.member, worker.step) == (3, 0)
        held.go.set()
        first.join(WAIT_SECONDS)
        # One thread after the other is fine.
        worker.report(20, 0.6)
    assert said == ["continue"]
    found = [each.request.report for each in coordinator.received if each.kind == "report"]
    assert {(each.sequence, each.score) for each in found} == {(1, 0.5), (2, 0.6)}


def test_a_client_tells_a_second_thread_too(coordinator: Coordinator, quick: Timing) -> None:
    held = Held()
    coordinator.answers += [lease(), held, same(2)]
    with PBTClient(coordinator.url, timing=quick) as client:
        first = threading.Thread(target=client.save, args=("/mine", 0.5))
        first.start()
        assert held.asked.wait(WAIT_SECONDS)
        with pytest.raises(BusyError, match="make a PBTClient for each thread"):
            client.save("/other", 0.7)
        with pytest.raises(BusyError):
            client.set_hyperparameter("rate", 0.2)
        held.go.set()
        first.join(WAIT_SECONDS)
        assert client.parameters_path() == "/mine"


def test_a_worker_may_leave_while_another_thread_reports(
    coordinator: Coordinator, quick: Timing
) -> None:
    reported = threading.Event()

    def silence(_: wire.Request) -> None:
        reported.set()

    coordinator.answers += [lease(), *[silence] * 50]
    worker = Worker(coordinator.url, timing=quick)
    thread = threading.Thread(target=_report_until_it_ends, args=(worker,))
    thread.start()
    assert reported.wait(WAIT_SECONDS)
    worker.leave()
    thread.join(WAIT_SECONDS)
    assert not thread.is_alive()


def _report_until_it_ends(worker: Worker) -> None:
    with pytest.raises(Exception, match="closed"):
        worker.report(10, 0.5)
