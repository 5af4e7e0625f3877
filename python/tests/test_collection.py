"""What nobody has any more ends: a notebook's cell that is run again gives its member back."""

from __future__ import annotations

import gc
import threading

import pytest
from support.coordinator import Coordinator, lease, same, wait
from support.waiting import wait_until

from murmuration import Administrator, PBTClient, Timing, Worker, _holder
from murmuration._connection.reminder import Reminder


def threads() -> int:
    return sum(each.name.startswith("murmuration") for each in threading.enumerate())


@pytest.mark.parametrize("kind", [Worker, PBTClient])
def test_what_is_collected_gives_its_member_back_and_its_threads_end(
    kind: type[Worker] | type[PBTClient], coordinator: Coordinator, quick: Timing
) -> None:
    before = threads()
    coordinator.answers += [lease(), same(20)]
    trained = kind(coordinator.url, timing=quick)
    if isinstance(trained, Worker):
        trained.report(10, 0.5, checkpoint="/mine")
    else:
        trained.save("/mine", 0.5)
    assert threads() == before + 1
    del trained
    gc.collect()
    assert coordinator.next("leave").request.leave.lease == 7
    wait_until(lambda: threads() == before, "its threads have ended")


def test_a_request_that_was_given_up_is_asked_for_before_its_lease_is_given_back(
    coordinator: Coordinator,
) -> None:
    other = lease(token=8, member=4)
    coordinator.answers += [lease(), None, other]
    worker = Worker(coordinator.url, timing=Timing(retry=60.0, retry_limit=60.0))
    with pytest.raises(TimeoutError):
        worker.report(10, 0.5, checkpoint="/mine", timeout=0.05)
    del worker
    gc.collect()
    assert coordinator.next("leave").request.leave.lease == 8


def test_a_worker_that_has_left_does_not_leave_again(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), lease(token=9)]
    with Worker(coordinator.url, timing=quick) as worker:
        pass
    del worker
    gc.collect()
    Worker(coordinator.url, timing=quick).leave()
    assert coordinator.next("leave").request.leave.lease == 7
    assert coordinator.next("leave").request.leave.lease == 9


def test_a_connection_that_is_collected_ends(coordinator: Coordinator, quick: Timing) -> None:
    before = threads()
    administrator = Administrator(coordinator.url, timing=quick)
    assert threads() == before + 1
    del administrator
    gc.collect()
    wait_until(lambda: threads() == before, "its thread has ended")


class Due(Reminder):
    """Says each time that something is waited for."""

    def is_due(self) -> bool:
        return True


def test_waiting_says_when_the_members_are_this_processs_own(
    coordinator: Coordinator,
    quick: Timing,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_holder, "Reminder", Due)
    elsewhere = lease(token=8, member=4)
    elsewhere.directive.lease.population = "other"
    coordinator.answers += [lease(), elsewhere, wait(1), lease(token=9, member=5)]
    with (
        Worker(coordinator.url, "digits", timing=quick),
        Worker(coordinator.url, "other", timing=quick),
        Worker(coordinator.url, "digits", timing=quick) as third,
    ):
        assert third.member == 5
    assert [record.getMessage() for record in caplog.records] == [
        "There is no member to train yet: each has a worker, or the population is paused. Other "
        "workers of this very process hold 1 of them: call leave() on those that are done, such "
        "as one from a notebook's cell that was run before. Asking again every 0.001 s."
    ]


def test_waiting_says_nothing_of_workers_that_have_left(
    coordinator: Coordinator,
    quick: Timing,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_holder, "Reminder", Due)
    coordinator.answers += [lease(), wait(1), lease(token=9, member=5)]
    earlier = Worker(coordinator.url, "digits", timing=quick)
    earlier.leave()
    with Worker(coordinator.url, "digits", timing=quick):
        assert not earlier.training
    assert [record.getMessage() for record in caplog.records] == [
        "There is no member to train yet: each has a worker, or the population is paused. Asking "
        "again every 0.001 s."
    ]
