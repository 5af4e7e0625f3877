"""What a worker of a synchronous population makes of waiting for its generation."""

from __future__ import annotations

import pytest
from support.coordinator import Coordinator, exploit, lease, numbers, same, wait

from murmuration import Timing, Worker
from murmuration.v1 import murmuration_pb2 as wire


def test_who_has_its_member_again_after_its_generation_has_nothing_to_load(
    coordinator: Coordinator, quick: Timing
) -> None:
    again = lease(token=8, step=10, target=20, checkpoint="/mine")
    coordinator.answers += [lease(), wait(1), wait(1), again, same(30)]
    with Worker(coordinator.url, timing=quick) as worker:
        directive = worker.report(10, 0.5, checkpoint="/mine")
        assert (directive.action, directive.loads, directive.recorded) == ("continue", False, True)
        assert (worker.step, worker.target_step) == (10, 20)
        worker.report(20, 0.6, checkpoint="/mine2")
    assert coordinator.next("join").request.join.former == 0
    coordinator.next("report")
    joins = [coordinator.next("join").request.join for _ in range(2)]
    assert [join.former for join in joins] == [7, 7]
    report = coordinator.next("report").request.report
    assert (report.lease, report.sequence) == (8, 1)
    assert report.effect == wire.EFFECT_UNSPECIFIED


def decided_meanwhile(*, token: int, sequence: int = 0) -> wire.Reply:
    """The worker's own member again, which copies member 5 since its generation closed."""
    reply = lease(
        token=token, step=20, checkpoint="/donor", target=30, inherited=True, rate=0.4,
        sequence=sequence,
    )  # fmt: skip
    reply.directive.exploit.CopyFrom(exploit().directive.exploit)
    return reply


@pytest.mark.parametrize("declined", [False, True])
def test_what_was_decided_when_the_generation_closed_is_an_exploit(
    declined: bool, coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), wait(1), wait(1), decided_meanwhile(token=8), same(40)]
    with Worker(coordinator.url, timing=quick) as worker:
        directive = worker.report(10, 0.5, checkpoint="/mine")
        assert (directive.action, directive.donor, directive.donor_step) == ("exploit", 5, 20)
        assert (directive.checkpoint, directive.recorded) == ("/donor", True)
        assert directive.hyperparameters == {"rate": 0.4}
        assert directive.donor_hyperparameters == {"rate": 0.5}
        worker.report(30, 0.6, checkpoint="/mine2", declined=declined)
    coordinator.next("report")
    report = coordinator.next("report").request.report
    assert report.effect == (wire.EFFECT_DECLINED if declined else wire.EFFECT_APPLIED)
    # Whoever declines says what it trained with, whatever the exploit was told to replace.
    assert list(report.hyperparameters) == (numbers(rate=0.1) if declined else [])


def test_who_keeps_its_member_goes_on_under_the_lease_that_it_had(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), wait(1), wait(1), decided_meanwhile(token=7, sequence=1)]
    coordinator.answers += [same(40)]
    with Worker(coordinator.url, keeps=True, timing=quick) as worker:
        assert worker.report(10, 0.5, checkpoint="/mine").action == "exploit"
        worker.report(30, 0.6, checkpoint="/mine2")
    coordinator.next("report")
    report = coordinator.next("report").request.report
    assert (report.lease, report.sequence) == (7, 2)
