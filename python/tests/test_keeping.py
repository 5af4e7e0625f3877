"""A worker that keeps its member, and one that declines an exploit with its next report."""

from __future__ import annotations

import pytest
from support.coordinator import Coordinator, error, exploit, lease, numbers, same, stop, wait

from murmuration import Timing, Worker
from murmuration.v1 import murmuration_pb2 as wire


def test_an_exploit_tells_of_its_donor(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [lease(), exploit(target=30), same(40)]
    with Worker(coordinator.url, timing=quick) as worker:
        directive = worker.report(10, 0.1, checkpoint="/mine")
        assert (directive.donor, directive.donor_step, directive.donor_score) == (5, 20, 0.9)
        assert directive.donor_hyperparameters == {"rate": 0.5}
        assert directive.hyperparameters == {"rate": 0.4}
        directive = worker.report(30, 0.2, checkpoint="/mine")
        assert (directive.donor, directive.donor_hyperparameters) == (None, None)


def test_declining_with_a_report_goes_back_to_the_members_own_hyperparameters(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(rate=0.1), exploit(), same(12), exploit(), same(14)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, 0.1, checkpoint="/mine", hyperparameters={"rate": 0.2})
        worker.report(11, 0.1, checkpoint="/mine", declined=True)
        assert worker.hyperparameters == {"rate": 0.2}
        assert (worker.step, worker.checkpoint) == (11, "/mine")
        worker.report(12, 0.1, checkpoint="/mine")
        worker.report(13, 0.1, checkpoint="/mine", hyperparameters={"rate": 0.3}, declined=True)
        assert worker.hyperparameters == {"rate": 0.3}
    reports = [coordinator.next("report").request.report for _ in range(4)]
    assert [report.effect for report in reports] == [
        wire.EFFECT_UNSPECIFIED,
        wire.EFFECT_DECLINED,
        wire.EFFECT_UNSPECIFIED,
        wire.EFFECT_DECLINED,
    ]
    # Whoever declines says what it trained with, whatever the exploit was told to replace.
    sent = [list(report.hyperparameters) for report in reports]
    assert sent == [numbers(rate=0.2), numbers(rate=0.2), [], numbers(rate=0.3)]


def test_without_an_exploit_there_is_nothing_to_decline(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, 0.1, declined=True)
    report = coordinator.next("report").request.report
    assert (report.effect, list(report.hyperparameters)) == (wire.EFFECT_UNSPECIFIED, [])


def test_declining_another_workers_exploit_says_all_that_was_in_effect(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(checkpoint="/donor", inherited=True, rate=0.4), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, 0.1, hyperparameters={"rate": 0.4}, declined=True)
    report = coordinator.next("report").request.report
    assert (report.effect, list(report.hyperparameters)) == (
        wire.EFFECT_DECLINED,
        numbers(rate=0.4),
    )


@pytest.mark.parametrize("keeps", [False, True])
def test_a_keeper_asks_for_its_former_member_after_its_lease_lapsed(
    keeps: bool, coordinator: Coordinator, quick: Timing
) -> None:
    lapsed = error(wire.Error.CODE_LEASE_LAPSED, "The lease lapsed.")
    coordinator.answers += [lease(token=7), lapsed, wait(1), wait(1), lease(token=8), same(20)]
    with Worker(coordinator.url, keeps=keeps, timing=quick) as worker:
        directive = worker.report(10, 0.1)
        assert (directive.action, directive.recorded) == ("switch", False)
        assert worker.report(10, 0.1).recorded
    joins = [coordinator.next("join").request.join for _ in range(4)]
    assert [join.keeps for join in joins] == [keeps] * 4
    assert [join.former for join in joins] == [0, 7, 7, 7]
    assert [join.lease for join in joins] == [0] * 4


def test_a_keeper_asks_for_its_member_after_a_pause_and_its_report_counts(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), wait(1), wait(1), lease(token=8, step=10, checkpoint="/mine")]
    with Worker(coordinator.url, keeps=True, timing=quick) as worker:
        directive = worker.report(10, 0.1, checkpoint="/mine")
        # It is as the worker has it.
        assert (directive.action, directive.checkpoint) == ("continue", "/mine")
        assert directive.recorded
    joins = [coordinator.next("join").request.join for _ in range(3)]
    assert [join.former for join in joins] == [0, 7, 7]
    assert len({join.key for join in joins}) == 3


def test_an_exploit_that_came_with_a_pause_counts_after_it(
    coordinator: Coordinator, quick: Timing
) -> None:
    paused = exploit()
    paused.directive.wait.milliseconds = 1
    after = lease(token=8, step=20, target=30, checkpoint="/donor", inherited=True, rate=0.4)
    coordinator.answers += [lease(), paused, after, same(40)]
    with Worker(coordinator.url, keeps=True, timing=quick) as worker:
        directive = worker.report(10, 0.1, checkpoint="/mine")
        assert (directive.action, directive.donor, directive.target_step) == ("exploit", 5, 30)
        assert directive.donor_hyperparameters == {"rate": 0.5}
        worker.report(11, 0.1, declined=True)
        assert worker.hyperparameters == {"rate": 0.1}
    coordinator.next("report")
    report = coordinator.next("report").request.report
    assert (report.effect, report.lease) == (wire.EFFECT_DECLINED, 8)


def test_a_pause_that_ends_with_another_member_is_a_switch(
    coordinator: Coordinator, quick: Timing
) -> None:
    paused = exploit()
    paused.directive.wait.milliseconds = 1
    coordinator.answers += [lease(), paused, lease(token=8, member=9)]
    with Worker(coordinator.url, keeps=True, timing=quick) as worker:
        directive = worker.report(10, 0.1, checkpoint="/mine")
        assert (directive.action, directive.member, directive.donor) == ("switch", 9, None)


def test_a_keeper_takes_up_its_lease_after_a_restart(quick: Timing) -> None:
    with Coordinator() as first:
        first.answers += [lease()]
        worker = Worker(first.url, keeps=True, timing=quick)
        port = first.port
    with Coordinator(port=port, epoch=2) as second:
        second.answers += [lease(), same(20)]
        assert worker.report(10, 0.1).action == "continue"
        join = second.next("join").request.join
        assert (join.lease, join.keeps, join.former) == (7, True, 0)
        worker.leave()


def test_an_end_after_a_lapse_says_that_the_report_is_not_recorded(
    coordinator: Coordinator, quick: Timing
) -> None:
    unknown = error(wire.Error.CODE_UNKNOWN_LEASE, "No such lease.")
    coordinator.answers += [lease(), unknown, stop("It was ended.")]
    with Worker(coordinator.url, keeps=True, timing=quick) as worker:
        directive = worker.report(10, 0.1)
        assert (directive.action, directive.reason) == ("stop", "It was ended.")
        assert not directive.recorded
